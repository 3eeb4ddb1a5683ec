"""China's calendar with its make-up weekends, and others."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from bankops.core.business_days import OnHoliday, add_business_days, adjusted, is_business_day, next_business_day


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "works"),
    [
        ("2026-03-04", True),  # a Wednesday
        ("2026-03-07", False),  # a Saturday
        ("2026-10-01", False),  # National Day
        ("2026-02-14", True),  # a Saturday on which China makes up for the Spring Festival
        ("2026-02-17", False),  # Spring Festival
    ],
)
def test_a_business_day_is_one_on_which_china_works(text: str, works: bool) -> None:
    assert is_business_day(day(text)) is works


def test_a_business_day_is_its_own_next_one() -> None:
    assert next_business_day(day("2026-03-04")) == day("2026-03-04")
    assert next_business_day(day("2026-03-07")) == day("2026-03-09")


def test_business_days_are_counted_over_the_golden_week() -> None:
    assert add_business_days(day("2026-09-30"), 1) == day("2026-10-08")
    assert add_business_days(day("2026-10-03"), 0) == day("2026-10-08")
    assert add_business_days(day("2026-03-04"), 0) == day("2026-03-04")


def test_modified_following_stays_in_the_month() -> None:
    """31 January 2026 is a Saturday: following leads into February, modified following back to Friday."""
    end_of_january = day("2026-01-31")
    assert adjusted(end_of_january, OnHoliday.FOLLOWING) == day("2026-02-02")
    assert adjusted(end_of_january, OnHoliday.MODIFIED_FOLLOWING) == day("2026-01-30")
    assert adjusted(day("2026-03-07"), OnHoliday.MODIFIED_FOLLOWING) == day("2026-03-09")


def test_another_bank_keeps_another_calendar(settings: Settings) -> None:
    settings.BANKOPS_CALENDAR = "ECB"
    assert is_business_day(day("2026-10-01"))
    assert not is_business_day(day("2026-05-01"))


def test_a_calendar_nobody_knows_is_a_fault_of_the_settings(settings: Settings) -> None:
    settings.BANKOPS_CALENDAR = "NOWHERE"
    with pytest.raises(ImproperlyConfigured, match="NOWHERE"):
        is_business_day(day("2026-03-04"))
