"""The bank's calendar: on which days it does business.

Public holidays come from `holidays`, which knows China's make-up working weekends: a Saturday on which the country works
is a business day. `BANKOPS_CALENDAR` names the country (`CN`, ISO 3166) or the market (`ECB`, `XSHG`) whose days it keeps.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache

import holidays
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from bankops.core import clock

_DAY = timedelta(days=1)


class OnHoliday(StrEnum):
    """Where a day goes that is no business day (ISDA 2006 Definitions, 4.12)."""

    FOLLOWING = "FOLLOWING"
    """To the next business day."""
    MODIFIED_FOLLOWING = "MODIFIED_FOLLOWING"
    """To the next one, unless that is in another month: then to the one before."""


def is_business_day(day: date) -> bool:
    """Tell whether the bank does business on `day`."""
    return _calendar(settings.BANKOPS_CALENDAR).is_working_day(day)


def next_business_day(day: date) -> date:
    """Return `day` if it is a business day, else the next one after it."""
    while not is_business_day(day):
        day += _DAY
    return day


def previous_business_day(day: date) -> date:
    """Return `day` if it is a business day, else the last one before it."""
    while not is_business_day(day):
        day -= _DAY
    return day


def add_business_days(day: date, count: int) -> date:
    """Return the `count`-th business day after `day`; for 0, `day` itself or the next business day.

    :param count: zero or more.
    """
    day = next_business_day(day) if count == 0 else day
    for _step in range(count):
        day = next_business_day(day + _DAY)
    return day


def end_of_business_day(moment: datetime, count: int) -> datetime:
    """Return midnight, the bank's time, after the `count`-th business day after the day of a moment."""
    last = add_business_days(clock.business_date(moment), count)
    return datetime.combine(last + _DAY, time.min, timezone.get_default_timezone())


def adjusted(day: date, rule: OnHoliday) -> date:
    """Return the business day on which something due on `day` is done."""
    following = next_business_day(day)
    if rule is OnHoliday.MODIFIED_FOLLOWING and following.month != day.month:
        return previous_business_day(day)
    return following


@cache
def _calendar(name: str) -> holidays.HolidayBase:
    """Return the calendar of a country or a market; years are worked out when they are first asked for."""
    for known in (holidays.country_holidays, holidays.financial_holidays):
        try:
            return known(name)
        except NotImplementedError:
            continue
    raise ImproperlyConfigured(
        f"BANKOPS_CALENDAR: {name!r} is neither a country (CN, DE, …) nor a market (ECB, XSHG, …)."
    )
