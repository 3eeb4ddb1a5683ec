"""Telling of cases: whoever works one when it is due or to be looked at again, and the heads of risk a business day later.

The heads of risk are those who may hand cases to others (`risk.reassign_case`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from bankops.core import clock
from bankops.core.db import transaction_required
from notifications.notice_kinds import NoticeKind
from notifications.services import notices
from risk.models import Case, CaseState
from risk.notice_kinds import CASE_LATE, CASE_OVERDUE, CASE_TO_LOOK_AT
from risk.services.urgency import late_since
from staff.selectors import active_with_right

AT_ONCE: Final = 500
HEADS: Final = "risk.reassign_case"
OPEN: Final = (CaseState.OPEN, CaseState.WAITING)


def remind_of_cases(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Tell of what has become due since the last time; return of how many cases, each as often as it was told of.

    Whoever works one is told once that it is overdue, and once that the day has come on which to look again at one that waits.
    One that is overdue for a whole business day is told to the heads of risk, once; while there are none to tell, it stays to be
    told. Each in a transaction of its own; safe to run twice.
    """
    heads = frozenset(active_with_right(HEADS).values_list("pk", flat=True))
    return (
        _each(_overdue(now), limit, lambda key: _remind(key, now))
        + _each(_to_look_at(now), limit, lambda key: _remind_to_look(key, now))
        + _each(_late(now), limit, lambda key: _escalate(key, heads, now))
    )


def _overdue(now: datetime) -> QuerySet[Case]:
    return Case.objects.filter(state__in=OPEN, due_at__lte=now, reminded_at=None)


def _late(now: datetime) -> QuerySet[Case]:
    return Case.objects.filter(state__in=OPEN, due_at__lte=late_since(now), escalated_at=None)


def _to_look_at(now: datetime) -> QuerySet[Case]:
    today = clock.business_date(now)
    return Case.objects.filter(state=CaseState.WAITING, waiting_until__lte=today, reminded_to_look_at=None)


def _each(cases: QuerySet[Case], limit: int, tell: Callable[[UUID], bool]) -> int:
    keys = list(cases.order_by("due_at", "id").values_list("pk", flat=True)[:limit])
    return sum(tell(key) for key in keys)


@transaction.atomic
def _remind(key: UUID, now: datetime) -> bool:
    case = _locked(_overdue(now), key)
    if case is None:
        return False
    case.reminded_at = now
    case.save(update_fields=["reminded_at"])
    _tell([case.assignee_id], CASE_OVERDUE, case, now)
    return True


@transaction.atomic
def _remind_to_look(key: UUID, now: datetime) -> bool:
    case = _locked(_to_look_at(now), key)
    if case is None:
        return False
    case.reminded_to_look_at = now
    case.save(update_fields=["reminded_to_look_at"])
    _tell([case.assignee_id], CASE_TO_LOOK_AT, case, now)
    return True


@transaction.atomic
def _escalate(key: UUID, heads: frozenset[UUID], now: datetime) -> bool:
    case = _locked(_late(now), key)
    if case is None or not heads - {case.assignee_id}:
        return False
    case.escalated_at = now
    case.save(update_fields=["escalated_at"])
    _tell(heads - {case.assignee_id}, CASE_LATE, case, now, worked_by=case.assignee.full_name)
    return True


def _locked(due: QuerySet[Case], key: UUID) -> Case | None:
    """Lock a case that is still to be told of, unless somebody else holds it at this moment."""
    rows = due.select_for_update(of=("self",), no_key=True, skip_locked=True).select_related("assignee")
    return rows.filter(pk=key).first()


@transaction_required
def _tell(people: Iterable[UUID], kind: NoticeKind, case: Case, now: datetime, **words: str) -> None:
    notices.tell(
        people,
        kind,
        words={"case": case.reference, **words},
        link=reverse("admin:risk_case_change", args=[case.pk]),
        source=f"{case.public_id}@{now:%Y%m%dT%H%M%S}",
        now=now,
    )
