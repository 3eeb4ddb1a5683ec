"""Money: integer minor units and an ISO 4217 currency, nothing else.

The exponent (how many decimal places a currency has) comes from ISO 4217: JPY 0, CNY 2, KWD 3. There is no float, no
silent rounding and no arithmetic across currencies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from babel.numbers import format_currency
from django.utils.translation import get_language, to_locale
from iso4217 import Currency

from bankops.core.errors import AmountTooLarge, AmountTooPrecise, CurrencyMismatch, InvalidAmount, UnknownCurrency

MINOR_MAX = 2**63 - 1
"""What the books' BIGINT columns hold."""
_INTEGER_DIGITS_MAX = 20  # so that quantizing stays within Decimal's 28 digits; every such amount is too large anyway

_AMOUNT = re.compile(r"(?!-[0.]*$)(-?[0-9]{1,30})(?:\.([0-9]{1,30}))?", re.ASCII)


@lru_cache(maxsize=512)
def exponent(currency: str) -> int:
    """Return the number of decimal places of `currency`.

    :raises UnknownCurrency: when ISO 4217 does not list the code or gives it no minor unit (XAU, XXX).
    """
    try:
        places = Currency(currency).exponent
    except ValueError:
        places = None
    if places is None:
        raise UnknownCurrency(currency=currency)
    return places


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of money.

    Attributes:
        minor: integer count of the currency's minor unit; may be negative (a balance can be).
        currency: ISO 4217 alphabetic code.

    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise InvalidAmount(value=self.minor)
        if abs(self.minor) > MINOR_MAX:
            raise AmountTooLarge(value=self.minor)
        exponent(self.currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read a decimal string such as `"1250.00"`; grouping, exponents, signs other than `-` and non-ASCII digits are refused.

        It works on the digits: `Decimal` would round to its context's precision on the way.

        :raises InvalidAmount: when `text` is not such a string (a float is not), or a negative zero.
        :raises AmountTooPrecise: when it has more decimal places than the currency.
        :raises AmountTooLarge: when it does not fit the books.
        :raises UnknownCurrency: when the currency is not known.
        """
        digits = _AMOUNT.fullmatch(text.strip()) if type(text) is str else None
        if digits is None:
            raise InvalidAmount(value=text)
        places = exponent(currency)
        whole, fraction = digits[1], (digits[2] or "").rstrip("0")
        if len(fraction) > places:
            raise AmountTooPrecise(value=text, currency=currency, exponent=places)
        return cls(int(whole + fraction.ljust(places, "0")), currency)

    @classmethod
    def rounded(cls, amount: Decimal, currency: str) -> Money:
        """Round an exact major-unit `amount` half to even. The only place where money is rounded.

        :raises InvalidAmount: when `amount` is not a finite `Decimal`.
        :raises AmountTooLarge: when it does not fit the books.
        :raises UnknownCurrency: when the currency is not known.
        """
        if type(amount) is not Decimal or not amount.is_finite():
            raise InvalidAmount(value=amount)
        if amount.adjusted() > _INTEGER_DIGITS_MAX:
            raise AmountTooLarge(value=amount)
        places = exponent(currency)
        return cls(int(amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN).scaleb(places)), currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, with exactly the currency's decimal places."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        return f"{self.decimal:f}"

    def format(self) -> str:
        """Return the amount as the reader's language writes it, with the currency code: `CNY 1,250.00`.

        Always with ISO 4217's decimal places: Unicode's own table, which Babel would take, drops those of a dozen
        currencies (IQD, LBP, RSD …) from sight, and rounds.
        """
        return _written(self, to_locale(get_language() or "en"))

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def _same(self, other: Money) -> int:
        if not isinstance(other, Money):
            raise TypeError(f"money and {type(other).__name__} do not mix")
        if other.currency != self.currency:
            raise CurrencyMismatch(left=self.currency, right=other.currency)
        return other.minor

    def allocate(self, weights: Sequence[int]) -> list[Money]:
        """Split in proportion to `weights` without losing a unit; the parts add up to the whole.

        Largest-remainder method: what integer division leaves goes one unit each to the largest remainders, earlier
        parts first on a tie.

        :raises ValueError: when there are no weights, one is negative, or all are zero.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights must be non-negative and not all zero")
        sign = -1 if self.minor < 0 else 1
        shares = [divmod(abs(self.minor) * weight, total) for weight in weights]
        left = abs(self.minor) - sum(share for share, _ in shares)
        lucky = set(sorted(range(len(weights)), key=lambda index: -shares[index][1])[:left])
        return [Money(sign * (share + (index in lucky)), self.currency) for index, (share, _) in enumerate(shares)]


@lru_cache(maxsize=4096)
def _written(money: Money, locale: str) -> str:
    """Return an amount as a locale writes it; kept, as pages and descriptions show the same few again and again."""
    pattern = f"¤¤ #,##0.{'0' * exponent(money.currency)}".removesuffix(".")
    return format_currency(money.decimal, money.currency, format=pattern, locale=locale, currency_digits=False)
