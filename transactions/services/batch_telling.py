"""What a batch leaves behind in the audit trail and the outbox: one event for each step, not one for each item."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bankops.core import audit, outbox
from bankops.core.actor import Actor
from bankops.core.audit import Subject
from transactions import events
from transactions.models import BatchState, TransferBatch
from transactions.services.telling import audience_of
from transactions.transfer_batches.items import Draft

_EVENTS = {
    BatchState.CARRIED_OUT: events.BATCH_CARRIED_OUT,
    BatchState.AWAITING_APPROVAL: events.BATCH_PARKED,
}


def subject_of(batch: TransferBatch) -> Subject:
    """Return how the audit trail names a batch."""
    return Subject("transfer_batch", batch.public_id, batch.reference)


def tell_batch(draft: Draft, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """Write the audit event of the state a batch has come to, and announce it to its partner."""
    batch, facts = draft.batch, facts_of(draft)
    state = BatchState(batch.state)
    event = _EVENTS.get(state, events.BATCH_ENDED)
    before = "" if draft.is_new else BatchState.AWAITING_APPROVAL
    audit.record(
        event,
        actor=actor,
        subject=subject_of(batch),
        now=now,
        reason=reason,
        changes={"state": (before, state)},
        detail=facts,
    )
    audience = audience_of(batch.partner_id)
    outbox.announce(event.name, subject_id=batch.public_id, payload=facts, now=now, audience=audience)


def facts_of(draft: Draft) -> dict[str, Any]:
    """Return what machines are told of a batch: ids, counts and decimal strings; nothing of its accounts."""
    batch = draft.batch
    return {
        "batch": batch.public_id,
        "reference": batch.reference,
        "state": batch.state.lower(),
        "currency": batch.currency,
        "total": str(batch.money),
        "items": len(draft.items),
        "made": sum(item.transaction_id is not None for item in draft.items),
        "refused": sum(bool(item.code) for item in draft.items),
    }
