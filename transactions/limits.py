"""What counts against an account's limits, and whether one more payment fits.

A limit (`accounts.AccountLimit`) is about money that its customer sends away: transfers, withdrawals, announced payments.
What waits counts, in whatever day and month it is now: it may be posted at any moment. Fees, interest, reversals and what
the bank sets aside do not count, and neither does what was reversed. docs/accounts.md says the same to people.

Every caller holds the account's lock, so that two payments see each other; `refuse` before that is a courtesy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet, Sum

from accounts.models import Account, AccountLimit, LimitChannel, LimitPeriod
from accounts.services.limits import name_of
from bankops.core.money import Money
from transactions import errors
from transactions.models import Channel, Hold, HoldPurpose, HoldState, Kind, State, Transaction

if TYPE_CHECKING:  # it is told of limits by services, which this module is used by
    from transactions.services.instructions import Instruction

COUNTED = (Kind.TRANSFER, Kind.WITHDRAWAL, Kind.PAYMENT_OUT)
"""The movements that a customer orders and that take money off an account."""


@dataclass(frozen=True, slots=True)
class Room:
    """One limit that applies, what has been used of it, and what is left."""

    limit: AccountLimit
    used: Money

    @property
    def amount(self) -> Money:
        """The limit itself."""
        return Money(self.limit.amount, self.used.currency)

    @property
    def left(self) -> Money:
        """What may still leave the account; nothing where more was used than a limit lowered since allows."""
        return Money(max(0, self.limit.amount - self.used.minor), self.used.currency)


def check(account: Account, amount: Money, *, channel: Channel, business_date: date) -> None:
    """Refuse a payment of `amount` that does not fit a limit of the account. Without limits it makes no query.

    A payment that waited is checked after its hold has ended and before it is posted, so that it does not count twice.

    :raises LimitExceeded: naming the first limit that is exceeded, what is used of it, and what is left.
    """
    if not account.has_limits:
        return
    for room in rooms(account, channel=channel, business_date=business_date):
        if amount.minor > room.left.minor:
            raise errors.LimitExceeded(
                account=account.number,
                limit=name_of((room.limit.channel, room.limit.period)),
                amount=room.amount.format(),
                used=room.used.format(),
                left=room.left.format(),
            )


def check_instruction(instruction: Instruction, payer: Account) -> None:
    """Refuse an instruction that does not fit a limit of its payer, which was read under its lock; as `check`.

    A refund gives back what was received, and an agent's deposit is the bank's cash: neither counts.
    """
    if instruction.kind not in COUNTED:
        return
    check(payer, instruction.amount, channel=instruction.channel, business_date=instruction.business_date)


def rooms(account: Account, *, channel: Channel, business_date: date) -> Iterator[Room]:
    """Yield the limits that apply to a payment through `channel` on `business_date`, the shortest period first."""
    applying = AccountLimit.objects.filter(account=account, channel__in=(LimitChannel.ALL, channel))
    order = list(LimitPeriod)
    for limit in sorted(applying, key=lambda one: (order.index(LimitPeriod(one.period)), one.channel)):
        yield Room(limit, used(account, limit, business_date=business_date))


def used(account: Account, limit: AccountLimit, *, business_date: date) -> Money:
    """Return what counts against a limit on `business_date`: posted in its period, or waiting now."""
    if limit.period == LimitPeriod.TRANSACTION:
        return Money(0, account.currency)
    first = business_date if limit.period == LimitPeriod.DAILY else business_date.replace(day=1)
    booked, waiting = _booked(account, first), _waiting(account)
    if limit.channel != LimitChannel.ALL:
        booked, waiting = booked.filter(_sent_through(limit.channel)), waiting.filter(_came_through(limit.channel))
    total = sum(rows.aggregate(total=Sum("amount"))["total"] or 0 for rows in (booked, waiting))
    return Money(total, account.currency)


def _booked(account: Account, first: date) -> QuerySet[Transaction]:
    return Transaction.objects.filter(
        debit_account=account, booking_date__gte=first, kind__in=COUNTED, state=State.POSTED
    )


def _waiting(account: Account) -> QuerySet[Hold]:
    """Return what is kept for what counts. An announced payment and a batch have no transaction yet: they become transfers."""
    counts = Q(transaction__isnull=True) | Q(transaction__kind__in=COUNTED)
    return Hold.objects.filter(counts, account=account, state=HoldState.PENDING).exclude(purpose=HoldPurpose.MANUAL)


def _sent_through(channel: str) -> Q:
    """Return the condition for payments of one channel: their own, or that of the standing order they belong to."""
    return Q(channel=channel) | Q(standing_order_run__order__channel=channel)


def _came_through(channel: str) -> Q:
    """Return the condition for holds of one channel: their transaction's; what has none yet, that of whoever announced it.

    What waits for approval without a transaction is a partner's batch.
    """
    of_partners = Q(partner__isnull=False) | Q(purpose=HoldPurpose.APPROVAL)
    announced: dict[str, Q] = {LimitChannel.STAFF: ~of_partners, LimitChannel.PARTNER: of_partners}
    theirs = Q(transaction__channel=channel)
    return theirs | Q(transaction__isnull=True) & announced[channel] if channel in announced else theirs
