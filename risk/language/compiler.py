"""Makes a function of a rule: closures within closures, each for one part, with nothing left to look up but the facts.

A condition answers True, False or None: neither, because something it looks at is not known. `and`, `or` and `not` are
Kleene's, as in SQL; they and operands are evaluated from the left, and what cannot change the answer any more is not
looked at. Each condition adds the number of its own parts to the steps, so there are never more steps than parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from bankops.core.money import exponent
from risk.language import comparing
from risk.language.errors import DividedByZero
from risk.language.exact import ExactMoney, exact, money_add, money_ratio, money_subtract
from risk.language.meaning import (
    Calculation,
    Comparison,
    Constant,
    Counted,
    Joined,
    Known,
    Listed,
    Meaning,
    MultipleOf,
    Negation,
    OneOf,
    Opposite,
    Read,
    TextTest,
    Within,
)
from risk.language.run import Evaluate, Run, counting, reading
from risk.language.schema import Type


def build(meaning: Meaning) -> Evaluate:
    """Return the function that evaluates a part: to its value, or None when that is not known."""
    return _BUILDERS[type(meaning)](meaning)


def _constant(meaning: Constant) -> Evaluate:
    value = meaning.value
    return lambda _run: value


def _read(meaning: Read) -> Evaluate:
    return reading(meaning.fact)


def _counted(meaning: Counted) -> Evaluate:
    return counting(meaning.counter)


# Conditions


def _steps(meaning: Meaning) -> int:
    """Return how many parts a condition evaluates that do not count themselves."""
    return 1 + sum(_steps(part) for part in meaning.parts if type(part) not in _COUNTING)


def _joined(meaning: Joined) -> Evaluate:
    conditions = tuple(build(part) for part in meaning.conditions)
    steps, decisive = _steps(meaning), meaning.word == "or"

    def joined(run: Run) -> bool | None:
        run.steps += steps
        answer: bool | None = not decisive
        for condition in conditions:
            came_to: bool | None = condition(run)
            if came_to is decisive:
                return came_to
            if came_to is None:
                answer = None
        return answer

    return joined


def _negation(meaning: Negation) -> Evaluate:
    condition, steps = build(meaning.part), _steps(meaning)

    def negated(run: Run) -> bool | None:
        run.steps += steps
        came_to = condition(run)
        return None if came_to is None else not came_to

    return negated


def _known(meaning: Known) -> Evaluate:
    read = reading(meaning.fact)

    def known(run: Run) -> bool:
        run.steps += 1
        return read(run) is not None

    return known


def _comparison(meaning: Comparison) -> Evaluate:
    left, steps = build(meaning.left), _steps(meaning)
    of_money = meaning.left.type is Type.MONEY
    if isinstance(meaning.right, Constant):
        compare_with = comparing.money_with if of_money else comparing.plain_with
        return compare_with(meaning.sign, left, _quick(meaning.right.value), steps)
    compare = comparing.money if of_money else comparing.plain
    return compare(meaning.sign, left, build(meaning.right), steps)


def _quick(value: Any) -> Any:
    """Return a whole number as an `int`: facts are mostly that, and two of a kind are compared faster."""
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value


def _within(meaning: Within) -> Evaluate:
    value, low, high = map(build, meaning.parts)
    return comparing.within(value, low, high, _steps(meaning), of_money=meaning.value.type is Type.MONEY)


def _about_one(meaning: Meaning, value: Meaning, holds: Callable[[Any], bool]) -> Evaluate:
    """Return the function of a condition about one value."""
    read, steps = build(value), _steps(meaning)

    def test(run: Run) -> bool | None:
        run.steps += steps
        found = read(run)
        return None if found is None else holds(found)

    return test


def _one_of(meaning: OneOf) -> Evaluate:
    values, negated = frozenset(meaning.values), meaning.negated
    return _about_one(meaning, meaning.value, lambda found: (found in values) is not negated)


def _multiple_of(meaning: MultipleOf) -> Evaluate:
    step = Fraction(meaning.step)
    if meaning.value.type is Type.NUMBER:
        return _about_one(meaning, meaning.value, lambda found: exact(found) % step == 0)
    return _about_one(meaning, meaning.value, lambda found: found.minor % (step * 10 ** exponent(found.currency)) == 0)


def _text_test(meaning: TextTest) -> Evaluate:
    wanted = meaning.wanted.casefold()
    if meaning.how == "starts_with":
        return _about_one(meaning, meaning.value, lambda found: found.casefold().startswith(wanted))
    return _about_one(meaning, meaning.value, lambda found: wanted in found.casefold())


def _listed(meaning: Listed) -> Evaluate:
    value, name, negated, steps = build(meaning.value), meaning.list_name, meaning.negated, _steps(meaning)

    def listed(run: Run) -> bool | None:
        run.steps += steps
        found = value(run)
        return None if found is None else run.list_has(name, found) is not negated

    return listed


# Calculations


def _opposite(meaning: Opposite) -> Evaluate:
    part, of_money = build(meaning.part), meaning.type is Type.MONEY

    def opposite(run: Run) -> Any:
        found = part(run)
        if found is None:
            return None
        return ExactMoney(-found.minor, found.currency) if of_money else -exact(found)

    return opposite


def _calculation(meaning: Calculation) -> Evaluate:
    left, right = build(meaning.left), build(meaning.right)
    calculate = _CALCULATIONS[meaning.sign, meaning.left.type, meaning.right.type]

    def calculation(run: Run) -> Any:
        first = left(run)
        if first is None:
            return None
        second = right(run)
        return None if second is None else calculate(first, second, run)

    return calculation


def _scaled(money: Any, number: Any, _run: Run) -> ExactMoney:
    return ExactMoney(money.minor * exact(number), money.currency)


def _ratio(left: Any, right: Any, run: Run) -> Fraction:
    if not right.minor:
        raise DividedByZero
    return money_ratio(left, right, run.rate)


def _divided(left: Any, right: Any, _run: Run) -> Fraction:
    return Fraction(left) / Fraction(right)


_N, _M, _T, _D = Type.NUMBER, Type.MONEY, Type.MOMENT, Type.DURATION
_CALCULATIONS: Mapping[tuple[str, Type, Type], Callable[[Any, Any, Run], Any]] = {
    ("+", _N, _N): lambda left, right, _run: exact(left) + exact(right),
    ("-", _N, _N): lambda left, right, _run: exact(left) - exact(right),
    ("*", _N, _N): lambda left, right, _run: exact(left) * exact(right),
    ("/", _N, _N): _divided,
    ("+", _M, _M): lambda left, right, run: money_add(left, right, run.rate),
    ("-", _M, _M): lambda left, right, run: money_subtract(left, right, run.rate),
    ("/", _M, _M): _ratio,
    ("*", _M, _N): _scaled,
    ("*", _N, _M): lambda left, right, run: _scaled(right, left, run),
    ("/", _M, _N): lambda left, right, run: _scaled(left, 1 / Fraction(right), run),
    **dict.fromkeys((("+", _T, _D), ("+", _D, _D)), lambda left, right, _run: left + right),
    **dict.fromkeys((("-", _T, _D), ("-", _T, _T), ("-", _D, _D)), lambda left, right, _run: left - right),
}
_COUNTING = frozenset({Joined, Negation, Known, Comparison, Within, OneOf, Listed, MultipleOf, TextTest})
_BUILDERS: Mapping[type[Meaning], Callable[[Any], Evaluate]] = {
    Constant: _constant,
    Read: _read,
    Counted: _counted,
    Joined: _joined,
    Negation: _negation,
    Known: _known,
    Comparison: _comparison,
    Within: _within,
    OneOf: _one_of,
    MultipleOf: _multiple_of,
    TextTest: _text_test,
    Listed: _listed,
    Opposite: _opposite,
    Calculation: _calculation,
}
