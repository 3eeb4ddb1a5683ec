"""Carry out what was approved: in the transaction of the last decision, exactly once, and only if nothing moved meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from approvals import errors, events
from approvals.models import ApprovalRequest, RequestVersion, State
from approvals.services.endings import close
from approvals.services.orders import maker_of, order_of, refuse_maker
from bankops.core import aftermath, operations
from bankops.core.actor import Actor
from bankops.core.db import busy_is_an_answer, transaction_required
from bankops.core.errors import BankOpsError, Busy, PermissionRefused
from bankops.core.operations import Operation, Order
from bankops.core.together import written_together
from partners.errors import PartnerNotAllowed

logger = logging.getLogger(__name__)


class Stale(Exception):
    """What was approved is no longer what would happen."""

    def __init__(self, why: BankOpsError) -> None:
        super().__init__(why)
        self.why = why


@transaction_required
def execute(request: ApprovalRequest, version: RequestVersion, *, actor: Actor, now: datetime) -> Any:
    """Carry out a locked request whose last decision has just been written; return what its service returned, or None.

    Afterwards the request is EXECUTED; STALE when the records it touches, its maker's rights or the operation changed
    meanwhile; or FAILED with the error's code. In the last two nothing of the operation is left behind but what the refusal says
    has to be (`bankops.core.aftermath`).

    :raises Busy: when a record was locked by somebody else for too long; nothing is decided then.
    """
    request.state = State.APPROVED
    request.save(update_fields=["state"])
    order = order_of(request, version, now=now)
    try:
        return _carried_out(request, version, order, actor=actor)
    except Stale as stale:
        close(request, version, State.STALE, event=events.WENT_STALE, actor=actor, now=now, why=stale.why)
    except Busy:
        raise
    except BankOpsError as refusal:
        close(request, version, State.FAILED, event=events.FAILED, actor=actor, now=now, why=refusal)
        aftermath.write_down(refusal, now=now)
    return None


def _carried_out(request: ApprovalRequest, version: RequestVersion, order: Order, *, actor: Actor) -> Any:
    """Check again, do it and close the request, in a savepoint that a refusal takes back whole."""
    operation = _operation(request, version)
    try:
        with transaction.atomic(), busy_is_an_answer():
            result = _done(request, version, operation, order, actor=actor)
            _check_deferred()
    except Exception as fault:
        request.refresh_from_db()  # the savepoint took its end back, too
        if isinstance(fault, BankOpsError | Stale):
            raise
        # Whatever it is, the reviewers' decision stands and the failure is visible on the request, not only in a log.
        logger.exception("carrying out failed", extra={"approval_request": request.public_id})
        words = _("the database refused it") if isinstance(fault, DatabaseError) else _("an unexpected fault")
        raise errors.UnexpectedFailure(fault=words) from fault
    return result


@written_together()
def _done(
    request: ApprovalRequest, version: RequestVersion, operation: Operation, order: Order, *, actor: Actor
) -> Any:
    with operations.carrying_out(operation.key, request_id=request.public_id):
        operation.lock(version.payload)
        _refuse_changes(operation, version, order)
        result = operation.execute(version.payload, order)
    _note_result(request, operation, result)
    close(request, version, State.EXECUTED, event=events.EXECUTED, actor=actor, now=order.now)
    return result


def _operation(request: ApprovalRequest, version: RequestVersion) -> Operation:
    """Return the operation, unless what it would do now is not what the reviewers approved."""
    try:
        operation = operations.get(request.operation).for_one_order()
    except operations.UnknownOperation as unknown:
        raise Stale(unknown) from unknown
    if operation.version != version.operation_version:
        raise Stale(errors.OperationOutdated())
    approved = operations.payload_hash(operation.key, version.operation_version, version.payload)
    if approved != bytes(version.content_hash) or approved != bytes(request.content_hash):
        raise Stale(errors.PayloadAltered())
    return operation


def _refuse_changes(operation: Operation, version: RequestVersion, order: Order) -> None:
    try:
        refuse_maker(operation, maker_of(order), order)
    except (PermissionRefused, PartnerNotAllowed) as refused:
        raise Stale(errors.MakerNotAllowed(maker=order.actor.name)) from refused
    now = operation.preconditions(version.payload)
    if now != version.preconditions:
        raise Stale(errors.PreconditionsChanged(changes=_differences(version.preconditions, now)))


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return what changed, as `where: before → now`, for people."""
    was, is_now = dict(_leaves(before)), dict(_leaves(now))
    changed = [place for place in {**was, **is_now} if was.get(place) != is_now.get(place)]
    return "; ".join(f"{place}: {was.get(place, '—')} → {is_now.get(place, '—')}" for place in changed)


def _leaves(fingerprint: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in fingerprint.items():
        here = f"{place} {name}".strip()
        if isinstance(value, Mapping):
            yield from _leaves(value, here)
        else:
            yield here, value


def _check_deferred() -> None:
    """Let the checks that wait for the commit speak now, while their refusal still fails the request and nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _note_result(request: ApprovalRequest, operation: Operation, result: Any) -> None:
    subject = operation.subject_of(result)
    if subject:
        request.result_type, request.result_id, request.result_label = subject.type, subject.id, subject.label
