"""The functions that compare two values. What is compared most, one thing with a value that is written out, is quickest."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from risk.language.exact import converted
from risk.language.run import Evaluate, Run

OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def plain(sign: str, left: Evaluate, right: Evaluate, steps: int) -> Evaluate:
    """Return the function that compares anything but money."""
    holds = OPERATORS[sign]

    def compare(run: Run) -> bool | None:
        run.steps += steps
        first = left(run)
        if first is None:
            return None
        second = right(run)
        return None if second is None else holds(first, second)

    return compare


def plain_with(sign: str, left: Evaluate, second: Any, steps: int) -> Evaluate:
    """Return the function that compares anything but money with a value that is written out."""
    holds = OPERATORS[sign]

    def compare(run: Run) -> bool | None:
        run.steps += steps
        first = left(run)
        return None if first is None else holds(first, second)

    return compare


def money(sign: str, left: Evaluate, right: Evaluate, steps: int) -> Evaluate:
    """Return the function that compares amounts, in the currency of the second.

    It raises `NoRate` when the currencies are two and one has no rate.
    """
    holds = OPERATORS[sign]

    def compare(run: Run) -> bool | None:
        run.steps += steps
        first = left(run)
        if first is None:
            return None
        second = right(run)
        if second is None:
            return None
        if first.currency != second.currency:
            first = converted(first, second.currency, run.rate)
        return holds(first.minor, second.minor)

    return compare


def money_with(sign: str, left: Evaluate, second: Any, steps: int) -> Evaluate:
    """Return the function that compares an amount with one that is written out; otherwise as `money`."""
    holds, minor, currency = OPERATORS[sign], second.minor, second.currency

    def compare(run: Run) -> bool | None:
        run.steps += steps
        first = left(run)
        if first is None:
            return None
        if first.currency != currency:
            first = converted(first, currency, run.rate)
        return holds(first.minor, minor)

    return compare


def within(value: Evaluate, low: Evaluate, high: Evaluate, steps: int, *, of_money: bool) -> Evaluate:
    """Return the function that tells whether a value is at least `low` and at most `high`.

    It looks at all three, as a value that is not known makes the answer so.
    """

    def compare(run: Run) -> bool | None:
        run.steps += steps
        found = value(run)
        if found is None:
            return None
        least, most = low(run), high(run)
        if least is None or most is None:
            return None
        if of_money:
            least, most = (converted(bound, found.currency, run.rate).minor for bound in (least, most))
            found = found.minor
        return bool(least <= found <= most)

    return compare
