"""Batches as their partners take them back. How they come in is `transfer_batches`."""

from __future__ import annotations

from datetime import datetime

from approvals.errors import RequestNotPending
from approvals.services.endings import withdraw_for_partner
from bankops.core.texts import require_reason
from partners.caller import Caller
from transactions.models import BatchState, TransferBatch
from transactions.transfer_batches.errors import BatchNotCancellable


def cancel(*, caller: Caller, batch: TransferBatch, reason: str, now: datetime) -> None:
    """Take back a batch of the caller's own that waits; its money and its allowance are given back.

    :raises BatchNotCancellable: when it was carried out, or has ended.
    :raises ReasonRequired: when `reason` is blank.
    """
    reason = require_reason(reason)
    if batch.state != BatchState.AWAITING_APPROVAL or batch.approval_request_id is None:
        raise _ended(batch)
    try:
        withdraw_for_partner(request_id=batch.approval_request_id, actor=caller.actor, reason=reason, now=now)
    except RequestNotPending as ended:  # a moment ago
        raise _ended(TransferBatch.objects.get(pk=batch.pk)) from ended


def _ended(batch: TransferBatch) -> BatchNotCancellable:
    return BatchNotCancellable(reference=batch.public_id, status=BatchState(batch.state).label)
