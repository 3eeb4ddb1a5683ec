"""Ranges of days as moments, by the bank's own clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone


@dataclass(frozen=True, slots=True)
class Days:
    """From the first day to the last, both of them included."""

    first: date
    last: date

    def __iter__(self) -> Iterator[Days]:
        """Yield each of them."""
        for number in range((self.last - self.first).days + 1):
            day = self.first + timedelta(days=number)
            yield Days(day, day)

    @property
    def since(self) -> datetime:
        """The first moment of the first day."""
        return _midnight(self.first)

    @property
    def until(self) -> datetime:
        """The first moment after the last day."""
        return _midnight(self.last + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())
