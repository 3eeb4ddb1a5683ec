"""Overdraft and limits: how far an account may go, and how fast. What counts against a limit: `transactions.limits`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts import errors, events
from accounts.models import Account, AccountLimit, LimitChannel, LimitPeriod
from accounts.services.lifecycle import locked_open_account, tell
from bankops.core import operations
from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from bankops.core.errors import CurrencyMismatch
from bankops.core.money import Money
from bankops.core.texts import require_reason

LimitKey = tuple[str, str]
"""Channel and period."""


@dataclass(frozen=True, slots=True)
class LimitDraft:
    """One limit to be."""

    channel: LimitChannel
    period: LimitPeriod
    amount: Money

    @property
    def key(self) -> LimitKey:
        return (self.channel.value, self.period.value)


@operations.only_through_gate("accounts.set_overdraft")
@transaction.atomic
def set_overdraft(*, account_id: UUID, limit: Money, reason: str, actor: Actor, now: datetime) -> Account:
    """Set how far an account may go below zero, and return it. Writes `accounts.account.overdraft_set`.

    A balance that is below the new limit already stays where it is; nothing more is let out.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises OverdraftNegative: when the limit is below zero.
    :raises CurrencyMismatch: when it is not in the account's currency.
    :raises OverdraftUnchanged: when it is the limit already.
    :raises AccountNotFound, OwnAccountProtected, AccountNotOpen: when it is not an open customer's account.
    """
    reason = require_reason(reason)
    account = locked_open_account(account_id).account
    refuse_overdraft(account, limit)
    before, account.overdraft_limit = overdraft_of(account), limit.minor
    account.save(update_fields=["overdraft_limit"])
    tell(
        events.OVERDRAFT_SET,
        account,
        actor=actor,
        now=now,
        reason=reason,
        changes={"overdraft_limit": (str(before), str(limit))},
        overdraft_limit=str(limit),
        currency=limit.currency,
    )
    return account


@operations.only_through_gate("accounts.set_limits")
@transaction.atomic
def set_limits(*, account_id: UUID, limits: Sequence[LimitDraft], reason: str, actor: Actor, now: datetime) -> Account:
    """Put these limits in the place of whatever an account has, and return it. Writes `accounts.account.limits_set`.

    :param limits: all of them; an empty list takes every limit away.
    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises LimitNegative, LimitGivenTwice, CurrencyMismatch: when they make no sense.
    :raises LimitsUnchanged: when they are exactly these already.
    :raises AccountNotFound, OwnAccountProtected, AccountNotOpen: when it is not an open customer's account.
    """
    reason = require_reason(reason)
    account = locked_open_account(account_id).account
    refuse_limits(account, limits)
    before = limits_of(account)
    _write(account, {draft.key: draft.amount.minor for draft in limits})
    after = limits_of(account)
    tell(
        events.LIMITS_SET,
        account,
        actor=actor,
        now=now,
        reason=reason,
        changes=_changes(before, after),
        limits=[{"channel": key[0], "period": key[1], "amount": str(limit)} for key, limit in after.items()],
        currency=account.currency,
    )
    return account


def refuse_overdraft(account: Account, limit: Money) -> None:
    """Refuse an overdraft limit that makes no sense or changes nothing; see `set_overdraft` for the errors."""
    if limit.currency != account.currency:
        raise CurrencyMismatch(left=account.currency, right=limit.currency)
    if limit.minor < 0:
        raise errors.OverdraftNegative
    if limit.minor == account.overdraft_limit:
        raise errors.OverdraftUnchanged(account=account.number, limit=limit.format())


def refuse_limits(account: Account, limits: Iterable[LimitDraft]) -> None:
    """Refuse limits that make no sense or change nothing; see `set_limits` for the errors."""
    wanted: dict[LimitKey, Money] = {}
    for draft in limits:
        if draft.amount.currency != account.currency:
            raise CurrencyMismatch(left=account.currency, right=draft.amount.currency)
        if draft.amount.minor < 0:
            raise errors.LimitNegative
        if draft.key in wanted:
            raise errors.LimitGivenTwice(limit=name_of(draft.key))
        wanted[draft.key] = draft.amount
    if wanted == limits_of(account):
        raise errors.LimitsUnchanged(account=account.number)


def overdraft_of(account: Account) -> Money:
    """Return the overdraft limit of a customer's account."""
    return Money(account.overdraft_limit or 0, account.currency)


def limits_of(account: Account) -> dict[LimitKey, Money]:
    """Return the limits an account has, in the order of channels and periods. One query."""
    rows = {(row.channel, row.period): row.amount for row in AccountLimit.objects.filter(account=account)}
    every = [(channel.value, period.value) for channel in LimitChannel for period in LimitPeriod]
    return {key: Money(rows[key], account.currency) for key in every if key in rows}


def name_of(key: LimitKey) -> str:
    """Return what people call a limit: `daily, staff`."""
    channel, period = key
    return f"{LimitPeriod(period).label}, {LimitChannel(channel).label}"


@transaction_required
def _write(account: Account, wanted: Mapping[LimitKey, int]) -> None:
    rows = {(row.channel, row.period): row for row in AccountLimit.objects.filter(account=account)}
    for key in rows.keys() - wanted.keys():
        rows[key].delete()
    for key, amount in wanted.items():
        row = rows.get(key)
        if row is None:
            AccountLimit(account=account, channel=key[0], period=key[1], amount=amount).save()
        elif row.amount != amount:
            row.amount = amount
            row.save(update_fields=["amount"])
    if account.has_limits != bool(wanted):
        account.has_limits = bool(wanted)
        account.save(update_fields=["has_limits"])


def _changes(before: Mapping[LimitKey, Money], after: Mapping[LimitKey, Money]) -> dict[str, tuple[str, str]]:
    """Return what changed, by `daily STAFF`, in figures."""
    return {
        f"{period} {channel}": (_figure(before.get((channel, period))), _figure(after.get((channel, period))))
        for channel, period in {**before, **after}
        if before.get((channel, period)) != after.get((channel, period))
    }


def _figure(limit: Money | None) -> str:
    return "" if limit is None else str(limit)
