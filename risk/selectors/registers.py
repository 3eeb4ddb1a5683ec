"""The register of what the bank reported as suspicious. That of large values: `risk.selectors.large_values`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from accounts.access import Person
from risk.access import visible_cases
from risk.models import CaseReport
from risk.selectors.days import Days

_AT_ONCE: Final = 500


def reports_filed(person: Person, days: Days) -> Iterator[CaseReport]:
    """Yield the reports that were frozen in a range of days, in that order, with their cases, as far as they may be seen."""
    cases = visible_cases(person).values("pk")
    filed = CaseReport.objects.filter(frozen_at__gte=days.since, frozen_at__lt=days.until, case__in=cases)
    yield from filed.select_related("case").order_by("frozen_at", "id").iterator(chunk_size=_AT_ONCE)
