"""Amend a returned or failed request: a new version, for which everybody decides again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from approvals import errors, events, locks
from approvals.models import ApprovalRequest, RequestVersion, State
from approvals.policies.chain import Chain
from approvals.policies.evaluation import Verdict
from approvals.services import endings
from approvals.services.assignment import assign_stage
from approvals.services.orders import key_of, order_of, refuse_maker
from approvals.services.policies import evaluate_for
from approvals.services.submission import Submission, refuse_identical
from bankops.core import aftermath, clock, operations
from bankops.core.db import busy_is_an_answer, transaction_required
from bankops.core.operations import Ending, Order
from staff.models import User


def amend_request(
    *, request_id: UUID, maker: User, payload: Mapping[str, Any], reason: str, now: datetime
) -> ApprovalRequest:
    """Submit a returned or failed request again, changed or not: earlier decisions are void, the policies are asked anew.

    What the old version reserved is given back before the new one reserves its own. Writes `approvals.request.amended`.

    :raises NotTheMaker: by anybody else.
    :raises RequestNotAmendable: when it was neither returned nor failed.
    :raises RequestExpired: when it was returned, and its time is over.
    :raises IdenticalRequestOpen: when another open request asks for the same by now.
    :raises PermissionRefused: when the maker lost the operation's right.
    :raises BankOpsError: whatever the operation refuses.
    """
    with aftermath.written_afterwards(now=now), busy_is_an_answer(), transaction.atomic():
        return _amended(request_id, maker, payload, reason, now)


@transaction_required
def _amended(request_id: UUID, maker: User, payload: Mapping[str, Any], reason: str, now: datetime) -> ApprovalRequest:
    request = locks.request_for_update(request_id)
    if request.maker_user_id != maker.pk:
        raise errors.NotTheMaker(reference=request.reference, maker=request.maker_name)
    if request.state not in (State.RETURNED, State.FAILED):
        raise errors.RequestNotAmendable(reference=request.reference, state=State(request.state).label)
    if request.state == State.RETURNED and now >= request.expires_at:
        raise errors.RequestExpired(reference=request.reference)
    operation = operations.get(request.operation).for_one_order()
    before, old = request.state, endings.current_version(request)
    refuse_maker(operation, maker, order_of(request, old, now=now))
    if before == State.RETURNED:
        endings.release(request, old, now=now, ending=Ending.AMENDED)
    cleaned = operation.clean(payload)
    order = Order(
        actor=maker.as_actor(),
        now=now,
        channel=request.channel,
        idempotency_key=key_of(request, request.version + 1),
        reason=reason.strip() or old.reason,
    )
    operation.refuse(cleaned, order)
    operation.foresee(cleaned, order)
    facts, verdict = evaluate_for(operation, cleaned, order)
    version = _next_version(request, Submission(operation, cleaned, order, maker, facts, _still_required(verdict, old)))
    endings.record(
        request,
        events.AMENDED,
        actor=maker.as_actor(),
        now=now,
        before=before,
        content_hash=[bytes(one.content_hash).hex() for one in (old, version)],
    )
    assign_stage(request, version, now=now, business_date=clock.business_date(now))
    return request


def _next_version(request: ApprovalRequest, submission: Submission) -> RequestVersion:
    operation = submission.operation
    content_hash = operations.payload_hash(operation.key, operation.version, submission.payload)
    refuse_identical(content_hash, but=request)
    request.version, request.content_hash = request.version + 1, content_hash
    about = submission.about()
    for name, value in about.items():
        setattr(request, name, value)
    version = submission.write_version(request)
    request.state, request.stage, request.closed_at = State.PENDING, 1, None
    request.closing_note = request.error_code = ""
    request.reminded_half_at = request.reminded_end_at = None
    _save(request)
    return version


@transaction_required
def _save(request: ApprovalRequest) -> None:
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError:
        # Somebody else asked for the same at the same instant.
        refuse_identical(bytes(request.content_hash), but=request)
        raise


def _still_required(verdict: Verdict, old: RequestVersion) -> Verdict:
    """Keep the old chain for a change that would need no approval by itself: what was sent back does not slip through."""
    return verdict if verdict.required else replace(verdict, required=True, chain=Chain.from_json(old.chain))
