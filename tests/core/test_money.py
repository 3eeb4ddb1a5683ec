"""Money: exact, in minor units, in one currency at a time."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from iso4217 import Currency

from bankops.core.errors import (
    AmountTooLarge,
    AmountTooPrecise,
    BankOpsError,
    CurrencyMismatch,
    InvalidAmount,
    UnknownCurrency,
)
from bankops.core.money import MINOR_MAX, Money, exponent
from tests.properties import examples

CURRENCIES = sorted(currency.code for currency in Currency if currency.exponent is not None)
minors = st.integers(-MINOR_MAX, MINOR_MAX)
currencies = st.sampled_from(["JPY", "CNY", "KWD", "CLF"])


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1250.00", "CNY", 125_000),
        ("1250", "CNY", 125_000),
        ("1250.5", "CNY", 125_050),
        ("-0.01", "CNY", -1),
        (" 7 ", "JPY", 7),
        ("1.000", "JPY", 1),
        ("1.234", "KWD", 1_234),
        ("0", "CNY", 0),
        ("92233720368547758.07", "CNY", MINOR_MAX),
    ],
)
def test_decimal_text_is_read_to_the_minor_unit(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "error"),
    [
        (0.1, "CNY", InvalidAmount),
        (100, "CNY", InvalidAmount),
        (None, "CNY", InvalidAmount),
        (Decimal(1), "CNY", InvalidAmount),
        ("", "CNY", InvalidAmount),
        ("NaN", "CNY", InvalidAmount),
        ("Infinity", "CNY", InvalidAmount),
        ("1e30", "CNY", InvalidAmount),
        ("1_000", "CNY", InvalidAmount),
        ("1,000.00", "CNY", InvalidAmount),
        ("1.2.3", "CNY", InvalidAmount),
        ("+1", "CNY", InvalidAmount),
        (".5", "CNY", InvalidAmount),
        ("5.", "CNY", InvalidAmount),
        ("-", "CNY", InvalidAmount),
        ("-0", "CNY", InvalidAmount),
        ("-0.00", "CNY", InvalidAmount),
        ("\uff11\uff12", "CNY", InvalidAmount),  # full-width digits
        ("٣", "CNY", InvalidAmount),
        ("1\x00", "CNY", InvalidAmount),
        ("1\n2", "CNY", InvalidAmount),
        ("0.5", "JPY", AmountTooPrecise),
        ("0.0001", "KWD", AmountTooPrecise),
        ("0.001", "CNY", AmountTooPrecise),
        ("1.000000000000000000000000000001", "CNY", AmountTooPrecise),
        ("92233720368547758.08", "CNY", AmountTooLarge),
        ("9" * 30, "CNY", AmountTooLarge),
        ("9" * 31, "CNY", InvalidAmount),
        ("1", "cny", UnknownCurrency),
        ("1", "XXX", UnknownCurrency),
        ("1", "XAU", UnknownCurrency),
        ("1", "", UnknownCurrency),
    ],
)
def test_anything_else_is_refused(text: Any, currency: str, error: type[BankOpsError]) -> None:
    with pytest.raises(error):
        Money.parse(text, currency)


@pytest.mark.parametrize("minor", [1.0, True, "1", None, Decimal(1)])
def test_minor_units_are_integers(minor: Any) -> None:
    with pytest.raises(InvalidAmount):
        Money(minor, "CNY")


def test_money_that_does_not_fit_the_books_is_refused() -> None:
    with pytest.raises(AmountTooLarge):
        Money(MINOR_MAX, "CNY") + Money(1, "CNY")


@given(minors, st.sampled_from(CURRENCIES))
@examples(300)
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.parse(str(money), currency) == money
    assert Fraction(money.decimal) * 10 ** exponent(currency) == minor


@given(st.text(alphabet="0123456789.-+eE_ ,", max_size=40), currencies)
@examples(500)
def test_text_is_read_exactly_or_refused(text: str, currency: str) -> None:
    try:
        money = Money.parse(text, currency)
    except BankOpsError:
        return
    assert Fraction(money.minor, 10 ** exponent(currency)) == Fraction(text.strip())


@pytest.mark.parametrize("currency", CURRENCIES)
def test_no_currency_is_shown_rounded(currency: str) -> None:
    minor = 12_345_678_901
    shown = Money(minor, currency).format()
    assert shown.startswith(currency)
    assert "".join(filter(str.isdigit, shown)) == str(minor)


def test_amounts_are_written_as_the_reader_writes_them() -> None:
    money = Money(-125_000, "CNY")
    assert money.format() == "-CNY 1,250.00"
    with translation.override("de"):
        assert money.format() == "-CNY 1.250,00"
    assert Money(1250, "JPY").format() == "JPY 1,250"


def test_arithmetic_stays_in_one_currency() -> None:
    ten, three = Money(1000, "CNY"), Money(300, "CNY")
    assert (ten + three, ten - three, -ten) == (Money(1300, "CNY"), Money(700, "CNY"), Money(-1000, "CNY"))
    assert (three < ten, three <= ten, ten > three, ten < three) == (True, True, True, False)
    operations: list[Callable[[Any, Any], Any]] = [operator.add, operator.sub, operator.lt, operator.le]
    for operate in operations:
        with pytest.raises(CurrencyMismatch):
            operate(ten, Money(300, "USD"))
        with pytest.raises(TypeError):
            operate(ten, 300)


@pytest.mark.parametrize(
    ("amount", "minor"),
    [("0.125", 12), ("0.135", 14), ("-0.125", -12), ("0.1250000000000000000000000000000000001", 13), ("1E+3", 100_000)],
)
def test_rounding_is_half_to_even_and_happens_once(amount: str, minor: int) -> None:
    assert Money.rounded(Decimal(amount), "CNY") == Money(minor, "CNY")


@pytest.mark.parametrize(
    ("amount", "error"),
    [
        (Decimal("NaN"), InvalidAmount),
        (Decimal("Infinity"), InvalidAmount),
        (0.125, InvalidAmount),
        (Decimal("1E+17"), AmountTooLarge),
        (Decimal("1E+99"), AmountTooLarge),
    ],
)
def test_what_cannot_be_rounded_to_money_is_refused(amount: Any, error: type[BankOpsError]) -> None:
    with pytest.raises(error):
        Money.rounded(amount, "CNY")


def test_allocation_gives_what_is_left_to_the_largest_remainders() -> None:
    """10.00 in the ratio 1:1:1 is 3.34 + 3.33 + 3.33; 0.05 in the ratio 3:7 is 0.02 + 0.03 (remainders .5, .5)."""
    assert Money(1000, "CNY").allocate([1, 1, 1]) == [Money(334, "CNY"), Money(333, "CNY"), Money(333, "CNY")]
    assert Money(5, "CNY").allocate([3, 7]) == [Money(2, "CNY"), Money(3, "CNY")]
    assert Money(-5, "CNY").allocate([3, 7]) == [Money(-2, "CNY"), Money(-3, "CNY")]


@given(minors, st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any))
@examples(300)
def test_allocation_loses_nothing_and_is_fair_to_a_unit(minor: int, weights: list[int]) -> None:
    parts = Money(minor, "CNY").allocate(weights)
    assert sum(part.minor for part in parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor - Fraction(minor * weight, sum(weights))) < 1


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [1, -1, 5]])
def test_weights_that_divide_nothing_are_a_fault(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Money(100, "CNY").allocate(weights)
