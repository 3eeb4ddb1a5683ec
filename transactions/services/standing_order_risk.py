"""Payments of standing orders before they are made: risk is asked about all that are due at once.

One that is stopped makes no transaction: the order tries it again on the next business day, and risk has an alert meanwhile. What
lets it pass is that the rule no longer hits, or is snoozed for the customer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from accounts.models import Account
from bankops.core import ids
from bankops.core.db import transaction_required
from bankops.core.money import Money
from risk.assessment.answer import Assessment
from risk.assessment.payees import with_payee
from risk.facts import Party
from risk.services import keeping
from risk.services.assessing import assess_all
from risk.velocity import recording
from transactions.models import Channel, Kind, StandingOrder, Transaction
from transactions.services.payee_screening import payee_standings
from transactions.services.risk_facts import facts_about, with_elsewhere
from transactions.standing_orders import payees

_ORDER: Final = "standing_order"


def assess_payments(orders: Sequence[StandingOrder], *, now: datetime) -> list[Assessment]:
    """Return what risk says of the next payment of each order, in their order."""
    if not orders:
        return []
    sides = {side for order in orders for side in (order.account_id, order.payee_account_id) if side}
    accounts = Account.objects.select_related("customer").in_bulk(sides)
    movements = [
        with_elsewhere(
            facts_about(
                movement=movement,
                kind=Kind.TRANSFER if order.payee_account_id else Kind.PAYMENT_OUT,
                payer=accounts[order.account_id],
                payee=accounts[order.payee_account_id] if order.payee_account_id else None,
                amount=Money(order.amount, order.currency),
                channel=Channel.SYSTEM,
                now=now,
                narrative=order.purpose,
            ),
            _elsewhere(order),
        )
        for order, movement in zip(orders, ids.uuid7s(len(orders)), strict=True)
    ]
    said = assess_all(movements=movements, now=now)
    stand = zip(orders, said, payee_standings(orders), strict=True)
    return [with_payee(one, standing, about=order.public_id) for order, one, standing in stand]


@transaction_required
def keep_paid(paid: Sequence[tuple[Transaction, Assessment]]) -> None:
    """Write what was said of payments that have just been made, and count them."""
    for row, said in paid:
        keeping.keep(assessment=said, reference=row.reference)
    recording.record(movements=[said.facts for _row, said in paid])


@transaction_required
def raise_stopped(order: StandingOrder, due: date, said: Assessment, *, now: datetime) -> None:
    """Put a payment that risk has stopped before the people of risk: one alert for a date of an order, however often tried."""
    keeping.raise_unmoved(assessment=said, dedupe_key=f"{_ORDER}:{order.public_id}:{due.isoformat()}", now=now)


def _elsewhere(order: StandingOrder) -> Party | None:
    """Return the payee at another bank; None where it is an account of ours."""
    if order.payee_account_id:
        return None
    return Party(
        account=order.counterparty_account or None,
        name=order.payee_name.reveal() if order.payee_name else None,
        bank=order.counterparty_bank or None,
        country=payees.country(order.counterparty_bank, order.counterparty_account) or None,
    )
