"""Deciding about payments that risk has stopped: two people release one, or risk declines it. docs/risk.md."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from bankops.core import operations
from bankops.core.actor import Actor
from bankops.core.texts import require_reason
from transactions import events
from transactions.duplicates import errors
from transactions.models import State, Transaction
from transactions.services.held import end_held, lock_held, post_held, refuse_ended
from transactions.services.instructions import request_pk
from transactions.services.telling import tell_inside


@operations.only_through_gate("transactions.release_risk_held")
@transaction.atomic
def release_risk_held(
    *,
    transaction_id: UUID,
    reason: str,
    actor: Actor,
    now: datetime,
    business_date: date,
    approval_request_id: str,
) -> Transaction:
    """Release a payment that risk has stopped, post it on `business_date`, and return it.

    What is held as a possible duplicate, too, stays held until somebody has said that it is none; then that posts it. Locks both
    accounts, then the transaction. Writes what a directly posted one does, or `transactions.transaction.risk_released`.

    :param approval_request_id: the request in which two people agreed: the database takes no release without one.
    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownTransaction: when there is none.
    :raises NotHeld, NotHeldByRisk, NotByItsMaker: see `refuse_risk_decision`.
    :raises LimitExceeded, PostingRefused: as for any payment; it stays held then.
    """
    by: dict[str, Any] = {"reason": require_reason(reason), "actor": actor, "now": now}
    row, balances = lock_held(transaction_id)
    refuse_risk_decision(row, actor, now)
    row.risk_decided_at, row.risk_release_id = now, request_pk(approval_request_id)
    if row.waits_for_word:
        row.save(update_fields=["risk_decided_at", "risk_release"])
        tell_inside(events.RISK_RELEASED, row, **by)
    else:
        post_held(row, balances, business_date=business_date, approval_request_id=approval_request_id, **by)
    return row


@operations.only_through_gate("transactions.decline_risk_held")
@transaction.atomic
def decline_risk_held(*, transaction_id: UUID, reason: str, actor: Actor, now: datetime) -> Transaction:
    """Decline a payment that risk has stopped, for good; move nothing, and return it. Writes `transactions.<kind>.declined`.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownTransaction: when there is none.
    :raises NotHeld, NotHeldByRisk, NotByItsMaker: see `refuse_risk_decision`.
    """
    reason = require_reason(reason)
    row, _balances = lock_held(transaction_id)
    refuse_risk_decision(row, actor, now)
    row.risk_decided_at = now
    end_held(row, State.DECLINED, actor=actor, now=now, reason=reason)
    return row


def refuse_risk_decision(row: Transaction, actor: Actor, now: datetime) -> None:
    """Refuse to decide about what risk does not hold, or no longer, or was made by the same member of staff.

    :raises NotHeld, NotHeldByRisk, NotByItsMaker: by its state, its time, why it is held, and its maker.
    """
    refuse_ended(row, actor, now)
    if not row.waits_for_risk:
        raise errors.NotHeldByRisk(reference=row.reference)
