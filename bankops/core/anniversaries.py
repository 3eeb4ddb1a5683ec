"""The same day of a later year, for terms that the bank counts in years."""

from __future__ import annotations

from datetime import date
from enum import Enum


class LeapDay(Enum):
    """Where 29 February goes in a year that has none: (month, day)."""

    EARLIER = (2, 28)
    """For what is to be done by then, so that it is never late: a review."""
    LATER = (3, 1)
    """For what lasts until then, so that it never ends early: keeping data."""


def years_later(day: date, years: int, *, leap_day: LeapDay) -> date:
    """Return the same day `years` years later."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # only 29 February has no such day
        month, number = leap_day.value
        return date(day.year + years, month, number)
