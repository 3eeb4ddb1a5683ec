"""Telling analysts that customers or payees wait too long to be screened: while they do, money of new ones is held back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.urls import reverse

from notifications.services import notices
from risk.models import DueBecause, RescreenRun, ScreeningDue
from risk.notice_kinds import SCREENING_LATE
from risk.services.screening_queue import WHO_LOOKS
from staff.selectors import active_with_right

LATE: Final = timedelta(minutes=15)
"""Turns come within seconds, a million customers against a changed list within minutes, while a worker runs."""


@transaction.atomic
def look_after_screening(*, now: datetime) -> bool:
    """Tell of the longest wait when it is more than `LATE`, at most once an hour; return whether it is. Safe to run twice.

    Whoever has a turn only because the last one is long ago does not count, nor who could not be read: that is told of already.
    """
    return tell_when_late(since=_longest(), now=now)


@transaction.atomic
def tell_when_late(*, since: datetime | None, now: datetime) -> bool:
    """Tell of somebody who has waited since then, when that is more than `LATE`, at most once an hour; return whether it is."""
    if since is None or now - since <= LATE:
        return False
    notices.tell(
        active_with_right(WHO_LOOKS).values_list("pk", flat=True),
        SCREENING_LATE,
        words={"minutes": int((now - since).total_seconds()) // 60},
        link=reverse("admin:risk_rescreenrun_changelist"),
        source=f"screening late {now:%Y-%m-%dT%H}",
        now=now,
    )
    return True


def _longest() -> datetime | None:
    """Return since when somebody waits, or a list's new edition."""
    turns = ScreeningDue.objects.filter(failed_at=None).exclude(because=DueBecause.INTERVAL)
    runs = RescreenRun.objects.filter(finished_at=None)
    first = turns.order_by("pk").values_list("queued_at", flat=True).first()
    begun = runs.order_by("started_at").values_list("started_at", flat=True).first()
    return min((moment for moment in (first, begun) if moment is not None), default=None)
