"""How much a case weighs at this moment: as much as the riskiest of its alerts, which may have risen since they joined it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Max, Min, Q, QuerySet

from risk.bands import Band, band_of
from risk.models import Case, CaseState


@dataclass(frozen=True, slots=True)
class Weight:
    """Score, its band, and when the first alert is due."""

    score: int
    due_at: datetime

    @property
    def priority(self) -> Band:
        """The band of the score."""
        return band_of(self.score)


def weight_of(case: Case) -> Weight:
    """Return what a case weighs; never less than was kept. A closed one weighs what it did when it was closed."""
    told = case.alerts.aggregate(score=Max("score"), due_at=Min("due_at")) if case.is_open else {}
    # Opened again it is due anew, and its alerts keep the day that they had.
    due_at = case.due_at if case.reopened_count or not told.get("due_at") else min(case.due_at, told["due_at"])
    return Weight(max(case.score, told.get("score") or 0), due_at)


def outweighed() -> QuerySet[Case]:
    """Return the open cases with an alert that has risen, or is due sooner, since it was last looked at."""
    weighed = Case.objects.exclude(state=CaseState.CLOSED).annotate(
        heaviest=Max("alerts__score"), first_due=Min("alerts__due_at")
    )
    return weighed.filter(Q(heaviest__gt=F("score")) | Q(first_due__lt=F("due_at"), reopened_count=0))
