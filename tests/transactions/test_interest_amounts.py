"""Interest as arithmetic: worked examples, and that nothing is ever lost."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankops.core.errors import BankOpsError
from transactions.interest.amounts import (
    UNITS,
    is_last_of_month,
    of_one_day,
    parse_rate,
    rate_in_percent,
    to_be_posted,
)
from transactions.models import DayCount

TEN_THOUSAND = 1_000_000  # CNY 10,000.00 in fen
balances = st.integers(-(10**12), 10**15)
rates = st.integers(0, 1_000_000)
day_counts = st.sampled_from(DayCount)


def test_a_march_at_actual_365() -> None:
    """CNY 10,000.00 at 1.50 %: 31 × 10,000 × 0.015 / 365 = 12.739726…"""
    units = 31 * of_one_day(TEN_THOUSAND, 15_000, DayCount.ACT_365)
    assert units == 33_480_000_000_000
    assert to_be_posted(units) == (1_274, -720_000_000)


def test_thirty_days_at_actual_360_come_out_even() -> None:
    assert to_be_posted(30 * of_one_day(TEN_THOUSAND, 15_000, DayCount.ACT_360)) == (1_250, 0)


def test_actual_365_is_fixed_in_a_leap_year_and_360_pays_more() -> None:
    """366 days of 2028 pay 366/365 of the yearly rate; actual/360 pays 366/360."""
    year = Fraction(TEN_THOUSAND * 15_000, 1_000_000)
    assert Fraction(366 * of_one_day(TEN_THOUSAND, 15_000, DayCount.ACT_365), UNITS) == year * 366 / 365
    assert Fraction(366 * of_one_day(TEN_THOUSAND, 15_000, DayCount.ACT_360), UNITS) == year * 366 / 360


def test_a_balance_below_zero_earns_nothing() -> None:
    assert of_one_day(-1, 15_000, DayCount.ACT_365) == 0


@pytest.mark.parametrize(
    ("halves", "posted"), [(1, 0), (3, 2), (5, 2), (7, 4)], ids=["0.5 → 0", "1.5 → 2", "2.5 → 2", "3.5 → 4"]
)
def test_halves_are_rounded_to_even(halves: int, posted: int) -> None:
    assert to_be_posted(halves * UNITS // 2) == (posted, halves * UNITS // 2 - posted * UNITS)


def test_what_was_taken_back_waits_for_interest_to_come() -> None:
    assert to_be_posted(-3 * UNITS) == (0, -3 * UNITS)


@given(balances, rates, day_counts)
def test_a_day_is_exact(balance: int, rate: int, day_count: DayCount) -> None:
    basis = {DayCount.ACT_365: 365, DayCount.ACT_360: 360}[day_count]
    exact = Fraction(max(balance, 0) * rate, 1_000_000 * basis)
    assert Fraction(of_one_day(balance, rate, day_count), UNITS) == exact


@given(st.integers(-(10**20), 10**25))
def test_rounding_is_half_even_and_what_it_leaves_is_carried(units: int) -> None:
    posted, carried = to_be_posted(units)
    assert posted * UNITS + carried == units
    if units >= 0:
        assert posted == round(Fraction(units, UNITS))
        assert 2 * abs(carried) <= UNITS


@given(
    st.dates(date(2023, 1, 1), date(2029, 1, 1)),
    st.lists(st.tuples(balances, rates, day_counts), min_size=28, max_size=130),
)
def test_over_the_months_everything_is_posted_or_carried(first: date, days: list[tuple[int, int, DayCount]]) -> None:
    """Months of 28, 29, 30 and 31 days: the sum of what was posted, and what is left, is the sum of what accrued."""
    accrued = posted = units = 0
    for number, (balance, rate, day_count) in enumerate(days):
        earned = of_one_day(balance, rate, day_count)
        accrued, units = accrued + earned, units + earned
        if is_last_of_month(first + timedelta(days=number)):
            amount, units = to_be_posted(units)
            posted += amount
    assert posted * UNITS + units == accrued


@pytest.mark.parametrize("text", ["", "x", "-0.01", "100.0001", "1.23456", "NaN", "1e-9", "Infinity"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(BankOpsError) as refusal:
        parse_rate(text)
    assert refusal.value.code == "invalid_interest_rate"


@given(rates)
def test_rates_are_read_as_they_are_written(rate: int) -> None:
    assert parse_rate(rate_in_percent(rate)) == rate
    assert Decimal(rate_in_percent(rate)) == Decimal(rate) / 10_000


def test_rates_are_written_with_two_decimals_or_as_many_as_they_have() -> None:
    assert [rate_in_percent(rate) for rate in (0, 10_000, 27_500, 12_345)] == ["0.00", "1.00", "2.75", "1.2345"]


@pytest.mark.parametrize("text", ["2026-02-28", "2028-02-29", "2026-04-30", "2026-12-31"])
def test_interest_is_posted_on_the_last_day_of_the_month(text: str) -> None:
    assert is_last_of_month(date.fromisoformat(text))
    assert not is_last_of_month(date.fromisoformat(text) - timedelta(days=1))
