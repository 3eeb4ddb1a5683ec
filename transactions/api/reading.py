"""What the answers about a partner's payments need beside the payments themselves, read once for all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from approvals.models import ApprovalRequest
from approvals.selectors import open_for
from bankops.core.money import Money
from partners.caller import Caller
from transactions import selectors
from transactions.models import Hold, HoldState, Kind, State, Transaction
from transactions.services import partner_orders
from transactions.services.duplicates import policy_of


@dataclass(frozen=True, slots=True)
class Reading:
    """What is true of some payments or holds at this moment.

    Attributes:
        named: accounts that the partner has a right to now.
        held_for: how long what is held back waits for somebody's word; None when nothing is.
        waiting: the open requests to release or capture them, by the payment's or hold's public id.
        refunded: minor units given back of those that were refunded, by their keys.

    """

    named: frozenset[UUID] = frozenset()
    held_for: timedelta | None = None
    waiting: Mapping[str, ApprovalRequest] = field(default_factory=dict)
    refunded: Mapping[UUID, int] = field(default_factory=dict)

    def confirm_by(self, row: Transaction) -> datetime | None:
        """Return until when a payment waits to be confirmed as no duplicate; None for others."""
        return row.created_at + self.held_for if self.held_for and row.waits_for_word else None

    def refunded_of(self, row: Transaction) -> Money:
        """Return what has been given back of a transfer, counting what waits for approval."""
        return Money(self.refunded.get(row.pk, 0), row.currency)


def of_new(caller: Caller, row: Transaction, *, named: frozenset[UUID]) -> Reading:
    """Return what the answer about a payment needs that has just been made: nobody can have confirmed or refunded it.

    :param named: those of its accounts that the partner has a right to, as its order found them.
    """
    return Reading(named=named, held_for=policy_of(caller.partner_id).held_for if row.state == State.HELD else None)


def of_payments(caller: Caller, rows: Collection[Transaction]) -> Reading:
    """Read what the answers about payments need: one query, and more where some are held back or may have been refunded."""
    held = [row for row in rows if row.state == State.HELD]
    paid = [row.pk for row in rows if row.state == State.POSTED and row.kind == Kind.TRANSFER]
    return Reading(
        named=partner_orders.named(caller=caller, rows=rows),
        held_for=policy_of(caller.partner_id).held_for if held else None,
        waiting=_waiting("transactions.release", "transaction", held),
        refunded=selectors.refunded_by_original(paid) if paid else {},
    )


def of_holds(caller: Caller, holds: Collection[Hold]) -> Reading:
    """Read what the answers about holds need: one query, and one more where some are pending."""
    pending = [hold for hold in holds if hold.state == HoldState.PENDING]
    return Reading(
        named=partner_orders.named_among(caller, {hold.payee_id for hold in holds if hold.payee_id}),
        waiting=_waiting("transactions.capture_hold", "hold", pending),
    )


def _waiting(operation: str, subject_type: str, rows: Iterable[Transaction | Hold]) -> dict[str, ApprovalRequest]:
    about = [row.public_id for row in rows]
    return open_for(operation, subject_type, about) if about else {}
