"""What risk is told of a movement: from what was read of its accounts for the books, without asking for more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.conf import settings

from accounts.models import Account
from approvals.services.rates import in_base_currency
from bankops.core import clock, ids
from bankops.core.money import Money
from risk.facts import Facts, MovementKind, Party, bank_time
from risk.origin import UNKNOWN, Origin
from risk.selectors.assessments import facts_kept
from transactions.models import Channel, Kind, Transaction

KINDS: Final[Mapping[Kind, MovementKind]] = {
    Kind.TRANSFER: MovementKind.TRANSFER,
    Kind.PAYMENT_OUT: MovementKind.TRANSFER,
    Kind.DEPOSIT: MovementKind.DEPOSIT,
    Kind.WITHDRAWAL: MovementKind.WITHDRAWAL,
    Kind.REFUND: MovementKind.REFUND,
}
"""What is assessed. Fees, interest and reversals are the bank's own, and a history that is taken over has happened."""


def facts_about(
    *,
    movement: UUID,
    kind: Kind,
    payer: Account | None,
    payee: Account | None,
    amount: Money,
    channel: Channel,
    now: datetime,
    narrative: str = "",
    origin: Origin = UNKNOWN,
    kept_for_it: Money | None = None,
) -> Facts:
    """Return the facts of a movement; needs the accounts' customers loaded, and asks nobody for more.

    What foreign money is worth is read with the rates, when it is assessed: within its time, and failing closed with it.

    :param movement: key of the transaction that it is, or becomes.
    :param payer, payee: the two sides; None, or an account of the bank's own, for the other side of cash.
    :param origin: where the customer was who ordered it, where a partner said so.
    :param kept_for_it: what the payer's account holds for this very movement, which is available to nothing else.
    """
    hour, weekday = bank_time(now)
    return Facts(
        movement=ids.encode(Transaction.ID_PREFIX, movement),
        kind=KINDS[kind],
        channel=channel.value.lower(),
        amount=amount,
        base_amount=amount if amount.currency == settings.BANKOPS_BASE_CURRENCY else None,
        moment=now,
        hour=hour,
        weekday=weekday,
        payer=_party(payer, now, kept_for_it),
        payee=_party(payee, now),
        device=origin.device or None,
        address=origin.address or None,
        country=origin.country or None,
        remittance_length=len(narrative),
    )


def with_elsewhere(facts: Facts, payee: Party | None) -> Facts:
    """Return facts with a payee at another bank; None where the payee is known already."""
    return replace(facts, payee=payee) if payee else facts


def facts_when_posted(row: Transaction, *, now: datetime) -> Facts:
    """Return the facts of a transaction that waited and is posted now: as it was assessed, at this moment.

    Needs both accounts and their customers, where nothing was kept of it.
    """
    facts = facts_kept(row.public_id) or _unkept(row, now)
    worth = facts.base_amount or in_base_currency(amount=facts.amount, now=now)
    return replace(facts, moment=now, base_amount=worth)


def _unkept(row: Transaction, now: datetime) -> Facts:
    return facts_about(
        movement=row.pk,
        kind=Kind(row.kind),
        payer=row.debit_account,
        payee=row.credit_account,
        amount=row.money,
        channel=Channel(row.channel),
        now=now,
        narrative=row.narrative,
    )


def _party(account: Account | None, now: datetime, kept_for_it: Money | None = None) -> Party:
    customer = account.customer if account else None
    if account is None or customer is None:
        return Party()
    return Party(
        account=account.public_id,
        ours=True,
        customer=customer.public_id,
        name=customer.name,
        kind=customer.kind,
        rating=customer.risk_rating,
        opened_days=_days_since(account.opened_date, now),
        customer_days=max(0, (now - customer.created_at).days),
        woken_days=_days_since(account.woken_date, now),
        available=_available(account, kept_for_it),
    )


def _days_since(day: date | None, now: datetime) -> int | None:
    return max(0, (clock.business_date(now) - day).days) if day else None


def _available(account: Account, kept_for_it: Money | None) -> Money | None:
    """Return what can be spent, where the balance was read with the account; nobody asks for it here."""
    if not Account._meta.get_field("balance").is_cached(account):
        return None
    available = account.balance.available
    return available if available is None or kept_for_it is None else available + kept_for_it
