"""The sweeps over open requests: remind those who may decide, and ask others where too few may."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import partial
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import QuerySet

from approvals import errors
from approvals.eligibility import deciders, exclusions
from approvals.models import ApprovalRequest, ReviewGrant, State
from approvals.notice_kinds import EXPIRING, HALF_TIME
from approvals.selectors import waiting
from approvals.services.assignment import assign_stage, end_grants
from approvals.services.endings import current_version
from approvals.services.notices import tell
from notifications.notice_kinds import NoticeKind

AT_ONCE = 500

log = structlog.get_logger(__name__)


def remind_due(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Remind those who may decide: once at half time, once before the end; return of how many requests.

    The end is the last hour, or the last eighth of the time if that is shorter. Each request in a transaction of its own;
    safe to run twice or at the same time.
    """
    ending = list(waiting.about_to_expire(now=now).values_list("pk", flat=True)[:limit])
    reminded = sum(_spared(one, partial(_remind, one, EXPIRING, now)) for one in ending)
    halfway = list(waiting.half_time_over(now=now).values_list("pk", flat=True)[: limit - len(ending)])
    return reminded + sum(_spared(one, partial(_remind, one, HALF_TIME, now)) for one in halfway)


def top_up(*, now: datetime, business_date: date, limit: int = AT_ONCE) -> int:
    """Ask further reviewers where fewer may decide than are missing; return for how many requests somebody was found.

    Whoever may not decide any more (role revoked, disabled) loses the right, so that the rotation sees the gap. When nobody
    is left, the administrators are told once.
    """
    short = waiting.short_of_reviewers(now=now, limit=limit)
    return sum(_spared(one.request_id, partial(_top_up, one, now=now, business_date=business_date)) for one in short)


def _spared(request_id: UUID, step: Callable[[], bool]) -> bool:
    """Do something for one request; whatever is wrong with it must not keep the others waiting."""
    try:
        return step()
    except Exception:
        log.exception("sweep_failed", approval_request=str(request_id))
        return False


@transaction.atomic
def _remind(request_id: UUID, kind: NoticeKind, now: datetime) -> bool:
    """Remind of one request, unless somebody else holds it at this moment or did it just now."""
    due = _open(request_id, now).filter(reminded_end_at=None)
    request = (due if kind == EXPIRING else due.filter(reminded_half_at=None)).first()
    if request is None:
        return False
    if kind == EXPIRING:
        request.reminded_end_at = now
    else:
        request.reminded_half_at = now
    request.save(update_fields=["reminded_half_at", "reminded_end_at"])
    tell([person.pk for person in deciders(request, now=now)], kind, request, now=now)
    return True


@transaction.atomic
def _top_up(short: waiting.Short, *, now: datetime, business_date: date) -> bool:
    """Fill up one request; leave it to whoever holds it at this moment."""
    request = _open(short.request_id, now).first()
    if request is None:
        return False
    holders = ReviewGrant.objects.filter(content_object=request).values_list("user_id", flat=True)
    end_grants(request, _to_be_replaced(exclusions(request, holders).items(), others=short.others), now=now)
    return bool(assign_stage(request, current_version(request), now=now, business_date=business_date))


def _open(request_id: UUID, now: datetime) -> QuerySet[ApprovalRequest]:
    """Return the request, to be locked, while it is undecided and nobody else holds it."""
    rows = ApprovalRequest.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    return rows.filter(pk=request_id, state=State.PENDING, expires_at__gt=now)


def _to_be_replaced(excluded: Iterable[tuple[UUID, str]], *, others: bool) -> list[UUID]:
    """Return who loses the right. Who only approved too often in a row keeps it where nobody else can be asked."""
    return [person for person, code in excluded if others or code != errors.PairTooOften.code]
