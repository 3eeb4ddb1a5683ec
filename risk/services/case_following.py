"""Cases follow their alerts: what is raised again counts in its alert at once, and in the case soon after.

Whoever raises an alert often moves money and holds accounts locked; it does not wait for people who work a case. So the case is
brought up to its alerts by a job. What closes a case asks the alerts themselves (`risk.selectors.case_weight`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from bankops.core.actor import Actor
from risk import events
from risk.locks import case_with_alerts_for_update
from risk.selectors.case_weight import outweighed, weight_of
from risk.services.cases import tell

AT_ONCE: Final = 500


def follow_alerts(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Bring open cases up to their riskiest alerts and the first that is due; return how many changed.

    Each in a transaction of its own, in which it writes `risk.case.risen`; safe to run twice.
    """
    keys = list(outweighed().order_by("due_at", "id").values_list("pk", flat=True)[:limit])
    return sum(_follow(key, now) for key in keys)


@transaction.atomic
def _follow(key: UUID, now: datetime) -> bool:
    case = case_with_alerts_for_update(key)
    weight = weight_of(case)
    before = (case.score, case.priority, case.due_at)
    if not case.is_open or before == (weight.score, weight.priority, weight.due_at):
        return False
    case.score, case.priority, case.due_at = weight.score, weight.priority, weight.due_at
    case.save(update_fields=["score", "priority", "due_at"])
    changes = {
        "score": (str(before[0]), str(case.score)),
        "priority": (str(before[1]), str(case.priority)),
        "due_at": (before[2].isoformat(), case.due_at.isoformat()),
    }
    tell(events.CASE_RISEN, case, actor=Actor.system("risk"), now=now, changes=changes)
    return True
