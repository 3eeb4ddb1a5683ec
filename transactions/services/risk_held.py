"""Deciding about payments that risk has stopped: two people release one, or risk declines it. docs/risk.md.

What the analyst has found out is read by risk and by the auditor only: it stays on the request, on the alert that the decision
closes, and in the audit trail under a subject of its own. A payment's own page says that it was decided.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core import audit, operations
from bankops.core.actor import Actor
from bankops.core.audit import Subject
from bankops.core.db import transaction_required
from bankops.core.texts import require_reason
from risk.models import AlertOutcome
from risk.services.alerts import settle_alert
from risk.services.keeping import dedupe_key
from transactions import events
from transactions.duplicates import errors
from transactions.models import State, Transaction
from transactions.services.held import (
    end_held,
    instruction_of,
    lock_held,
    post_held,
    refuse_ended,
    refuse_what_nobody_knew,
)
from transactions.services.instructions import request_pk
from transactions.services.telling import tell_inside

RELEASED: Final[Promise] = _("Released after the bank's own review.")
DECLINED: Final[Promise] = _("Declined after the bank's own review.")
"""All that whoever talks to customers reads of why."""


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

    Risk is asked once more; only what nobody who agreed could know of stops it again. Its alert is closed as a false positive.
    What is held as a possible duplicate, too, stays held until somebody has said that it is none; then that posts it. Locks both
    accounts, then the transaction. Writes what a directly posted one does, or `transactions.transaction.risk_released`; and
    `transactions.transaction.risk_reviewed`.

    :param reason: what was found out; for risk and the auditor only.
    :param approval_request_id: the request in which two people agreed: the database takes no release without one.
    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownTransaction: when there is none.
    :raises NotHeld, NotHeldByRisk, NotByItsMaker: see `refuse_risk_decision`.
    :raises RefusedByRisk: when risk refuses it by now, or a party was found to be on a list since; it stays held.
    :raises LimitExceeded, PostingRefused: as for any payment; it stays held then.
    """
    reason = require_reason(reason)
    row, balances = lock_held(transaction_id)
    refuse_risk_decision(row, actor, now)
    instruction = instruction_of(row, balances, actor=actor, now=now, business_date=business_date)
    refuse_what_nobody_knew(row, instruction, errors.RefusedByRisk(reference=row.reference))
    row.risk_decided_at, row.risk_release_id = now, request_pk(approval_request_id)
    said = str(RELEASED)
    if row.waits_for_word:
        row.save(update_fields=["risk_decided_at", "risk_release"])
        tell_inside(events.RISK_RELEASED, row, actor=actor, now=now, reason=said)
    else:
        post_held(row, instruction, reason=said, approval_request_id=approval_request_id)
    _close(row, AlertOutcome.FALSE_POSITIVE, reason=reason, actor=actor, now=now)
    return row


@operations.only_through_gate("transactions.decline_risk_held")
@transaction.atomic
def decline_risk_held(*, transaction_id: UUID, reason: str, actor: Actor, now: datetime) -> Transaction:
    """Decline a payment that risk has stopped, for good; move nothing, and return it. Its alert is closed as confirmed.

    Writes `transactions.<kind>.declined` and `transactions.transaction.risk_reviewed`.

    :param reason: what was found out; for risk and the auditor only.
    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownTransaction: when there is none.
    :raises NotHeld, NotHeldByRisk, NotByItsMaker: see `refuse_risk_decision`.
    """
    reason = require_reason(reason)
    row, _balances = lock_held(transaction_id)
    refuse_risk_decision(row, actor, now)
    row.risk_decided_at = now
    end_held(row, State.DECLINED, actor=actor, now=now, reason=str(DECLINED))
    _close(row, AlertOutcome.CONFIRMED, reason=reason, actor=actor, now=now)
    return row


def refuse_risk_decision(row: Transaction, actor: Actor, now: datetime) -> None:
    """Refuse to decide about what risk does not hold, or no longer, or was made by the same member of staff.

    :raises NotHeld, NotHeldByRisk, NotByItsMaker: by its state, its time, why it is held, and its maker.
    """
    refuse_ended(row, actor, now)
    if not row.waits_for_risk:
        raise errors.NotHeldByRisk(reference=row.reference)


@transaction_required
def _close(row: Transaction, outcome: AlertOutcome, *, reason: str, actor: Actor, now: datetime) -> None:
    """Keep what was found out where risk and the auditor read it, and close the alert; one in a case closes with the case."""
    audit.record(
        events.RISK_REVIEWED,
        actor=actor,
        subject=Subject("risk_review", row.public_id, row.reference),
        now=now,
        reason=reason,
        detail={"outcome": str(outcome)},
    )
    settle_alert(dedupe_key=dedupe_key(row.public_id), outcome=outcome, reason=reason, actor=actor, now=now)
