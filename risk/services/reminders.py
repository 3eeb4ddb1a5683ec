"""Telling of overdue alerts: whoever works one when it is due, and the heads of risk a business day later.

The heads of risk are those who may hand alerts to others (`risk.reassign_alert`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from bankops.core.db import transaction_required
from notifications.notice_kinds import NoticeKind
from notifications.services import notices
from risk.models import IN_QUEUE, Alert
from risk.notice_kinds import ALERT_LATE, ALERT_OVERDUE
from risk.services.urgency import late_since
from staff.selectors import active_with_right

AT_ONCE = 500
HEADS = "risk.reassign_alert"


def remind_overdue(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Tell of what has become overdue since the last time; return of how many alerts.

    Whoever works one is told once for every time it was put into their hands. One that nobody works, and one that is overdue
    for a whole business day, is told to the heads of risk, once; while there are none to tell, it stays to be told. Each
    alert in a transaction of its own; safe to run twice.
    """
    mine = Alert.objects.filter(state__in=IN_QUEUE, due_at__lte=now, assignee__isnull=False, reminded_at=None)
    told = sum(_remind(key, now) for key in _first(mine, limit))
    unworked = Alert.objects.filter(state__in=IN_QUEUE, due_at__lte=now, assignee=None, escalated_at=None)
    late = Alert.objects.filter(state__in=IN_QUEUE, due_at__lte=late_since(now), escalated_at=None)
    heads = frozenset(active_with_right(HEADS).values_list("pk", flat=True))
    due = dict.fromkeys([*_first(unworked, limit), *_first(late, limit)])
    return told + sum(_escalate(key, heads, now) for key in due)


def _first(alerts: QuerySet[Alert], limit: int) -> list[UUID]:
    return list(alerts.order_by("due_at", "id").values_list("pk", flat=True)[:limit])


@transaction.atomic
def _remind(key: UUID, now: datetime) -> bool:
    alert = _open(key)
    if alert is None or alert.assignee_id is None or alert.reminded_at is not None:
        return False
    alert.reminded_at = now
    alert.save(update_fields=["reminded_at"])
    _tell([alert.assignee_id], ALERT_OVERDUE, alert, now)
    return True


@transaction.atomic
def _escalate(key: UUID, heads: frozenset[UUID], now: datetime) -> bool:
    alert = _open(key)
    if alert is None or alert.escalated_at is not None or not heads - {alert.assignee_id}:
        return False
    alert.escalated_at = now
    alert.save(update_fields=["escalated_at"])
    worked_by = alert.assignee.full_name if alert.assignee else "—"
    _tell(heads - {alert.assignee_id}, ALERT_LATE, alert, now, worked_by=worked_by)
    return True


def _open(key: UUID) -> Alert | None:
    """Lock an alert that stands in the queue, unless somebody else holds it at this moment."""
    rows = Alert.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).select_related("assignee")
    return rows.filter(pk=key, state__in=IN_QUEUE).first()


@transaction_required
def _tell(people: Iterable[UUID], kind: NoticeKind, alert: Alert, now: datetime, **words: str) -> None:
    notices.tell(
        people,
        kind,
        words={"alert": alert.reference, **words},
        link=reverse("admin:risk_alert_change", args=[alert.pk]),
        source=f"{alert.public_id}@{now:%Y%m%dT%H%M%S}",
        now=now,
    )
