"""The dates of a standing order on China's calendar."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankops.core.business_days import OnHoliday, is_business_day
from tests.properties import examples
from transactions.models.standing_order import Unit
from transactions.standing_orders.schedule import Schedule


def day(text: str) -> date:
    return date.fromisoformat(text)


def schedule(first: str = "2026-01-31", **more: Any) -> Schedule:
    start = day(first)
    monthly: dict[str, Any] = {"last": None, "every": 1, "unit": Unit.MONTH, "day": start.day}
    return Schedule(start, **{**monthly, "on_holiday": OnHoliday.FOLLOWING, **more})


def dates(of: Schedule, count: int = 4) -> list[str]:
    return [one.isoformat() for one, _due in of.next_due(of.first, count)]


def test_the_31st_is_the_last_day_of_a_shorter_month_and_the_31st_again_after_it() -> None:
    assert dates(schedule()) == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
    assert dates(schedule("2028-01-31"), 2) == ["2028-01-31", "2028-02-29"]


def test_every_few_months_and_weeks() -> None:
    assert dates(schedule("2026-01-15", every=3)) == ["2026-01-15", "2026-04-15", "2026-07-15", "2026-10-15"]
    assert dates(schedule("2026-03-05", unit=Unit.WEEK, day=None, every=2), 3) == [
        "2026-03-05",
        "2026-03-19",
        "2026-04-02",
    ]


def test_the_first_date_may_lie_before_the_day_of_its_month_or_after_it() -> None:
    assert dates(schedule("2026-03-05", day=20), 2) == ["2026-03-20", "2026-04-20"]
    assert dates(schedule("2026-03-05", day=1), 2) == ["2026-04-01", "2026-05-01"]


def test_the_last_date_is_the_last_one() -> None:
    until_march = schedule(last=day("2026-03-31"))
    assert dates(until_march, 9) == ["2026-01-31", "2026-02-28", "2026-03-31"]
    assert until_march.after(day("2026-03-31")) is None
    assert until_march.on_or_after(day("2026-03-31")) == day("2026-03-31")


def test_a_holiday_puts_a_payment_off() -> None:
    """31 January 2026 is a Saturday, 1 May begins a holiday of five days."""
    assert schedule().due(day("2026-01-31")) == day("2026-02-02")
    assert schedule(on_holiday=OnHoliday.MODIFIED_FOLLOWING).due(day("2026-01-31")) == day("2026-01-30")
    assert schedule().due(day("2026-05-01")) == day("2026-05-06")


@examples(60)
@given(
    first=st.dates(date(2020, 1, 1), date(2027, 1, 1)),
    every=st.integers(1, 60),
    on_day=st.none() | st.integers(1, 31),
    later=st.integers(0, 2_000),
    on_holiday=st.sampled_from(OnHoliday),
)
def test_dates_are_in_order_none_is_left_out_and_each_is_paid_on_a_business_day(
    first: date, every: int, on_day: int | None, later: int, on_holiday: OnHoliday
) -> None:
    unit = Unit.WEEK if on_day is None else Unit.MONTH
    of = Schedule(first, None, every, unit, on_day, on_holiday)
    upcoming = [one for one, _due in of.next_due(first, 30)]
    assert upcoming == sorted(set(upcoming))
    assert upcoming[0] >= first
    assert all(of.after(one) == following for one, following in pairwise(upcoming))
    asked = first + timedelta(days=later)
    found = of.on_or_after(asked)
    assert found is not None
    if asked <= upcoming[-1]:
        assert found == next(one for one in upcoming if one >= asked)
    assert is_business_day(of.due(upcoming[0]))


@pytest.mark.parametrize("years", [1, 40])
def test_an_old_order_is_asked_as_fast_as_a_new_one(years: int) -> None:
    of = Schedule(date(2026 - years, 1, 5), None, 1, Unit.WEEK, None, OnHoliday.FOLLOWING)
    found = of.on_or_after(date(2026, 3, 2))
    assert found is not None
    assert date(2026, 3, 2) <= found < date(2026, 3, 9)
