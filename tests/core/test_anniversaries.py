"""The same day of a later year, and where 29 February goes."""

from __future__ import annotations

from datetime import date

import pytest

from bankops.core.anniversaries import LeapDay, years_later


@pytest.mark.parametrize(
    ("leap_day", "expected"), [(LeapDay.EARLIER, date(2033, 2, 28)), (LeapDay.LATER, date(2033, 3, 1))]
)
def test_29_february_goes_where_it_is_told_in_a_year_that_has_none(leap_day: LeapDay, expected: date) -> None:
    assert years_later(date(2028, 2, 29), 5, leap_day=leap_day) == expected


@pytest.mark.parametrize("leap_day", LeapDay)
def test_every_other_day_keeps_its_place(leap_day: LeapDay) -> None:
    assert years_later(date(2028, 2, 29), 4, leap_day=leap_day) == date(2032, 2, 29)
    assert years_later(date(2026, 11, 22), 3, leap_day=leap_day) == date(2029, 11, 22)
