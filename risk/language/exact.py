"""Calculating without losing anything: whole numbers and fractions inside, decimals and minor units at the edges.

`Decimal` would round each result to its context's precision, and an amount times 0.333 is no whole number of minor units.
A rule compares what it calculated and shows it rounded; it never books it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from bankops.core.money import Money, exponent
from risk.language.errors import NoRate

ExactNumber = int | Fraction
Rates = Callable[[str], Decimal | None]


@dataclass(frozen=True, slots=True)
class ExactMoney:
    """An amount that was calculated; `minor` may be a part of a minor unit, and more than the books could hold."""

    minor: ExactNumber
    currency: str

    def rounded(self) -> Money:
        """Return the amount to the nearest minor unit, half to even.

        :raises AmountTooLarge: when it is more than an amount can be.
        """
        return Money(round(self.minor), self.currency)


AnyMoney = Money | ExactMoney


def exact(number: Any) -> Any:
    """Return the very same number (or duration), of a kind that is calculated with exactly."""
    return Fraction(number) if isinstance(number, Decimal) else number


def converted(amount: AnyMoney, currency: str, rates: Rates) -> AnyMoney:
    """Return what an amount is worth in `currency`, by both currencies' rates to the base currency.

    :raises NoRate: when one of them has none.
    """
    if amount.currency == currency:
        return amount
    worth = amount.minor * _minor_worth(amount.currency, rates)
    return ExactMoney(worth / _minor_worth(currency, rates), currency)


def _minor_worth(currency: str, rates: Rates) -> Fraction:
    """Return what one minor unit is worth in the base currency."""
    rate = rates(currency)
    if type(rate) is not Decimal or not rate.is_finite() or rate <= 0:
        raise NoRate(currency=currency)
    return Fraction(rate) / int(10 ** exponent(currency))


def money_add(left: AnyMoney, right: AnyMoney, rates: Rates) -> ExactMoney:
    """Return a sum, in the currency of `left`."""
    return ExactMoney(left.minor + converted(right, left.currency, rates).minor, left.currency)


def money_subtract(left: AnyMoney, right: AnyMoney, rates: Rates) -> ExactMoney:
    """Return a difference, in the currency of `left`."""
    return ExactMoney(left.minor - converted(right, left.currency, rates).minor, left.currency)


def money_ratio(left: AnyMoney, right: AnyMoney, rates: Rates) -> Fraction:
    """Return how many times `right` is in `left`.

    :raises ZeroDivisionError: when `right` is nothing.
    """
    return Fraction(left.minor) / Fraction(converted(right, left.currency, rates).minor)
