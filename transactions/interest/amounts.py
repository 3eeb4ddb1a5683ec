"""Interest to the last fraction of a minor unit.

A day's interest on a balance is

    balance × rate ÷ 365        (actual/365 fixed: always 365, in a leap year too)
    balance × rate ÷ 360        (actual/360)

as ISDA 2006 Definitions 4.16(d) and (e) have it, for one actual day. Rates are whole millionths of the balance per year:
2.75 % p.a. is 27,500. So a day's interest is a whole number of *units* of one 26,280,000,000th of a minor unit
(1,000,000 × 26,280, the least common multiple of 365 and 360), and nothing is rounded before it is posted.

Worked examples:

    actual/365   CNY 10,000.00 at 1.50 % for a day   1,000,000 fen × 15,000 × 72 = 1,080,000,000,000 units = 41.0958… fen
                 for the 31 days of March            33,480,000,000,000 units = 1,273.9726… fen: CNY 12.74 are posted,
                                                     and −720,000,000 units (0.0274 fen too much) carried into April
    actual/360   the same day                        1,000,000 × 15,000 × 73 = 1,095,000,000,000 units = 41.6666… fen
                 for 30 days                         32,850,000,000,000 units = 1,250 fen to the last unit: CNY 12.50
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from transactions.interest.errors import InvalidRate
from transactions.models.interest import DayCount

UNITS = 26_280_000_000
"""Units in a minor unit."""

PER_DAY = {DayCount.ACT_365: 26_280 // 365, DayCount.ACT_360: 26_280 // 360}
"""Units of a day's interest for each minor unit of the balance and each millionth of the rate."""

_MILLIONTHS_PER_PERCENT = 10_000
_RATE_MAX = 100 * _MILLIONTHS_PER_PERCENT


def of_one_day(balance: int, rate: int, day_count: DayCount) -> int:
    """Return the interest of a day in units.

    :param balance: at the end of the day, minor units; one below zero earns nothing.
    :param rate: millionths per year.
    """
    return max(balance, 0) * rate * PER_DAY[day_count]


def to_be_posted(units: int) -> tuple[int, int]:
    """Split accrued units into minor units to post, rounded half to even, and what is carried forward exactly.

    What is carried is between minus and plus half a minor unit; less than half of one posts nothing, nor does a negative
    amount (a correction that took back more than there was), which waits for the interest to come.
    """
    whole, rest = divmod(units, UNITS)
    if 2 * rest > UNITS or (2 * rest == UNITS and whole % 2):
        whole += 1
    posted = max(whole, 0)
    return posted, units - posted * UNITS


def parse_rate(text: str) -> int:
    """Return a rate written in percent a year (`"2.75"`) in millionths.

    :raises InvalidRate: when it is no number from 0 to 100, or has more than four decimals.
    """
    try:
        rate = Decimal(text.strip()) * _MILLIONTHS_PER_PERCENT
    except InvalidOperation:
        raise InvalidRate(rate=text) from None
    if not rate.is_finite() or rate != rate.to_integral_value() or not 0 <= rate <= _RATE_MAX:
        raise InvalidRate(rate=text)
    return int(rate)


def rate_in_percent(rate: int) -> str:
    """Return a rate as people write it: `2.75`, with at least two decimals."""
    percent = Decimal(rate) / _MILLIONTHS_PER_PERCENT
    return f"{percent:.2f}" if rate % 100 == 0 else f"{percent.normalize():f}"


def is_last_of_month(day: date) -> bool:
    """Tell whether interest is posted on `day`: on the last day of every month, business day or not."""
    return (day + timedelta(days=1)).day == 1
