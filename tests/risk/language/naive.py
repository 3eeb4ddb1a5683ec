"""The language once more, as slowly and plainly as can be: it walks the tree as written and shares no code with the product."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from iso4217 import Currency

from bankops.core.money import Money
from risk.language.schema import Counter, Facts
from risk.language.syntax import (
    Between,
    Binary,
    Call,
    Junction,
    Membership,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Text,
    Truth,
    Values,
)


class Fault(Exception):
    """Nobody can tell."""


class Naive:
    """Evaluates over one movement's facts. Amounts are pairs of a fraction of a major unit and a currency."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def of(self, node: Node) -> Any:  # noqa: C901, PLR0911, PLR0912 - the whole language on one page
        match node:
            case Number(value):
                return Fraction(value)
            case Text(value) | Truth(value):
                return value
            case Name(name):
                return self.plain(self.facts.value(name))
            case Not(part):
                came_to = self.of(part)
                return None if came_to is None else not came_to
            case Junction("and", parts):
                return self.all_of(parts)
            case Junction(_, parts):
                return self.denied(self.all_of(tuple(Not(part) for part in parts)))
            case Negative(part):
                return self.known(lambda value: (-value[0], value[1]) if isinstance(value, tuple) else -value, part)
            case Binary(sign, left, right):
                return self.known(lambda first, second: self.binary(sign, first, second), left, right)
            case Between(value, low, high):
                return self.known(
                    lambda found, least, most: self.binary(">=", found, least) and self.binary("<=", found, most),
                    value, low, high,
                )  # fmt: skip
            case Membership(value, values, negated):
                return self.known(lambda found: self.among(found, values) != negated, value)
            case Call():
                return self.call(node)
            case _:
                raise AssertionError(node)

    def known(self, function: Callable[..., Any], *parts: Node) -> Any:
        values = []
        for part in parts:
            values.append(self.of(part))
            if values[-1] is None and len(parts) < 3:
                return None
            if values[0] is None:
                return None
        return None if None in values else function(*values)

    def all_of(self, parts: tuple[Node, ...]) -> bool | None:
        seen = set()
        for part in parts:
            seen.add(self.of(part))
            if False in seen:
                return False
        return None if None in seen else True

    @staticmethod
    def denied(value: bool | None) -> bool | None:
        return None if value is None else not value

    @staticmethod
    def plain(value: Any) -> Any:
        if isinstance(value, Money):
            return Fraction(value.minor, 10 ** (Currency(value.currency).exponent or 0)), value.currency
        return Fraction(value) if type(value) in (int, Decimal) else value

    def binary(self, sign: str, left: Any, right: Any) -> Any:
        if isinstance(left, tuple) and isinstance(right, tuple):
            factor = self.rate(right[1]) / self.rate(left[1]) if left[1] != right[1] else 1
            if sign == "/" and not right[0]:
                raise Fault
            result = self.binary(sign, left[0], right[0] * factor)
            return (result, left[1]) if sign in "+-" else result
        if isinstance(right, tuple):
            return left * right[0], right[1]
        if isinstance(left, tuple):
            return self.binary(sign, left[0], right), left[1]
        operations: dict[str, Callable[[], Any]] = {
            "+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right, "/": lambda: left / right,
            "==": lambda: left == right, "!=": lambda: left != right, "<": lambda: left < right,
            "<=": lambda: left <= right, ">": lambda: left > right, ">=": lambda: left >= right,
        }  # fmt: skip
        try:
            return operations[sign]()
        except OverflowError as reason:
            raise Fault from reason

    def rate(self, currency: str) -> Fraction:
        found = self.facts.rate(currency)
        if found is None:
            raise Fault
        return Fraction(found)

    def among(self, found: Any, values: Node) -> bool:
        if isinstance(values, Values):
            return found in [self.of(item) for item in values.items]
        assert isinstance(values, Call)
        assert isinstance(values.arguments[0], Text)
        return self.facts.list_has(values.arguments[0].value, found)

    def call(self, node: Call) -> Any:  # noqa: C901, PLR0911, PLR0912
        match node.name, node.arguments:
            case "money", (Text(text),):
                return Fraction(text.split()[0]), text.split()[1]
            case "duration", (Text(text),):
                return timedelta(seconds=int(text[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[text[-1]])
            case "moment", (Text(text),):
                return datetime.fromisoformat(text)
            case "known", (Name(name),):
                return self.facts.value(name) is not None
            case "multiple_of", (value, step):
                return self.known(
                    lambda found: ((found[0] if isinstance(found, tuple) else found) / self.of(step)).denominator == 1,
                    value,
                )
            case "contains", (value, Text(wanted)):
                return self.known(lambda found: found.casefold().find(wanted.casefold()) >= 0, value)
            case "starts_with", (value, Text(wanted)):
                return self.known(lambda found: found.casefold().find(wanted.casefold()) == 0, value)
            case measure, (Name(subject), Text(window)):
                return self.plain(self.facts.counter(Counter(measure, subject, window)))  # type: ignore[arg-type]
            case _:
                raise AssertionError(node)
