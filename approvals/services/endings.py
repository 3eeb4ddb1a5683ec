"""How requests end: carried out, or not. Whatever was reserved is given back, the maker is told, and nothing is deleted."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from approvals import errors, events, locks, notice_kinds, states
from approvals.models import OPEN, ApprovalRequest, RequestVersion, State
from approvals.services.assignment import end_grants
from approvals.services.notices import tell
from approvals.services.orders import order_of
from approvals.services.submission import facts_of
from bankops.core import audit, context, operations, outbox
from bankops.core.actor import Actor
from bankops.core.audit import EventType
from bankops.core.db import transaction_required
from bankops.core.errors import BankOpsError
from partners.selectors import same_partner
from staff.models import User

logger = logging.getLogger(__name__)

EXPIRY = Actor.system("expiry")


@transaction.atomic
def withdraw_request(*, request_id: UUID, maker: User, reason: str = "", now: datetime) -> ApprovalRequest:
    """Take back one's own undecided request. Writes `approvals.request.withdrawn`.

    :raises UnknownRequest: when there is none.
    :raises NotTheMaker: by anybody else.
    :raises RequestNotPending: when it has ended already.
    """
    request = locks.request_for_update(request_id)
    if request.maker_user_id != maker.pk:
        raise errors.NotTheMaker(reference=request.reference, maker=request.maker_name)
    states.check(request, State.WITHDRAWN)
    version = current_version(request)
    close(
        request, version, State.WITHDRAWN, event=events.WITHDRAWN, actor=maker.as_actor(), now=now, note=reason.strip()
    )
    return request


@transaction.atomic
def withdraw_for_partner(*, request_id: UUID, actor: Actor, reason: str = "", now: datetime) -> ApprovalRequest:
    """Take back a partner's own undecided request, by any of its credentials. Writes `approvals.request.withdrawn`.

    :raises UnknownRequest: when there is none, or it is somebody else's: a partner cannot tell one from the other.
    :raises RequestNotPending: when it has ended already.
    """
    request = locks.request_for_update(request_id)
    if request.maker_kind != "partner" or not same_partner(actor.id, request.maker_id):
        raise errors.UnknownRequest(reference=request_id)
    states.check(request, State.WITHDRAWN)
    version = current_version(request)
    close(request, version, State.WITHDRAWN, event=events.WITHDRAWN, actor=actor, now=now, note=reason.strip())
    return request


def expire_due(*, now: datetime, limit: int = 500) -> int:
    """End open requests whose time is over, each in a transaction of its own; return how many.

    Safe to run twice or at the same time: rows that somebody else holds are left to them, and one that fails to end is
    logged and left for the next run. A request that no run has seen yet cannot be approved either.
    """
    due = ApprovalRequest.objects.filter(state__in=OPEN, expires_at__lte=now).order_by("expires_at", "id")
    return sum(_expired(request_id, now) for request_id in list(due.values_list("pk", flat=True)[:limit]))


@transaction_required
def close(
    request: ApprovalRequest,
    version: RequestVersion,
    state: State,
    *,
    event: EventType,
    actor: Actor,
    now: datetime,
    note: str = "",
    why: BankOpsError | None = None,
    **detail: Any,
) -> None:
    """End a locked request: give back what it reserved unless it was carried out, end the reviewers' rights, tell the maker."""
    before = request.state
    states.check(request, state)
    request.state, request.closed_at = state, now
    request.closing_note = str(why) if why else note
    request.error_code = why.code if why else ""
    request.save(
        update_fields=["state", "closed_at", "closing_note", "error_code", "result_type", "result_id", "result_label"]
    )
    end_grants(request, now=now)
    if state != State.EXECUTED:
        release(request, version, now=now, ending=state.value)
    record(request, event, actor=actor, now=now, before=before, **detail)
    tell_maker(request, now=now)


@transaction_required
def release(request: ApprovalRequest, version: RequestVersion, *, now: datetime, ending: str) -> None:
    """Give back what the operation reserved while it waited. An operation that is gone has nothing to give back."""
    try:
        operation = operations.get(request.operation)
    except operations.UnknownOperation:
        return
    with context.under_request(request.public_id):
        operation.release(version.payload, order_of(request, version, now=now), ending)


@transaction_required
def record(
    request: ApprovalRequest, event: EventType, *, actor: Actor, now: datetime, before: str, **detail: Any
) -> None:
    """Write what happened to a request into the audit trail, and announce it."""
    facts = facts_of(request)
    code = {"error": request.error_code} if request.error_code else {}
    audit.record(
        event,
        actor=actor,
        subject=request.subject(),
        now=now,
        reason=request.closing_note,
        changes={"state": (before, str(request.state))},
        detail=facts | code | detail,
        approval_request_id=request.public_id,
    )
    outbox.announce(event.name, subject_id=request.public_id, payload=facts | code, now=now)


@transaction_required
def tell_maker(request: ApprovalRequest, *, now: datetime) -> None:
    """Write the maker, when a member of staff, what came of the request."""
    if request.maker_user_id:
        tell([request.maker_user_id], notice_kinds.OUTCOME, request, now=now, state=str(State(request.state).label))


def current_version(request: ApprovalRequest) -> RequestVersion:
    """Return the version the request speaks of."""
    return request.versions.get(number=request.version)


def _expired(request_id: UUID, now: datetime) -> bool:
    try:
        return _expire(request_id, now)
    except Exception:
        # One that cannot give back what it reserved must not keep all the others from ending.
        logger.exception("expiry failed", extra={"approval_request": str(request_id)})
        return False


@transaction.atomic
def _expire(request_id: UUID, now: datetime) -> bool:
    due = ApprovalRequest.objects.filter(pk=request_id, state__in=OPEN, expires_at__lte=now)
    request = due.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
    if request is None:
        return False
    close(request, current_version(request), State.EXPIRED, event=events.EXPIRED, actor=EXPIRY, now=now)
    return True
