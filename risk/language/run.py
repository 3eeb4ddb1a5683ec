"""One evaluation of a rule: what it is told, how it is read, and how many steps it took."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bankops.core.errors import BankOpsError
from bankops.core.money import Money
from risk.language.errors import FactNotGiven, FactOfWrongType, NotRead, RuleFault
from risk.language.schema import Counter, Fact, Facts, Type


class Run:
    """What the closures of one rule pass on to each other."""

    __slots__ = ("counter", "list_has", "rate", "steps", "value")

    def __init__(self, facts: Facts) -> None:
        self.value = facts.value
        self.counter = facts.counter
        self.list_has = facts.list_has
        self.rate = facts.rate
        self.steps = 0


Evaluate = Callable[[Run], Any]
"""A compiled part: its value, or None when that is not known."""

_COMMON: dict[Type, type] = {Type.TRUTH: bool, Type.NUMBER: int, Type.MONEY: Money, Type.TEXT: str}


def reading(fact: Fact) -> Evaluate:
    """Return the function that reads a fact, and refuses what the schema does not promise.

    It raises `FactNotGiven` and `FactOfWrongType`: a text that stands where a number belongs would be equal to none.
    """
    name, common = fact.name, _COMMON.get(fact.type)

    def read(run: Run) -> Any:
        found = run.value(name)
        if type(found) is common or fact.accepts(found):
            return found
        if found is None:
            raise FactNotGiven(fact=name)
        raise FactOfWrongType(fact=name, type=fact.type.label)

    return read


def counting(counter: Counter) -> Evaluate:
    """Return the function that reads a counter, and refuses what is no count or sum."""
    expected = Money if counter.measure.type is Type.MONEY else int

    def count(run: Run) -> Any:
        found = run.counter(counter)
        if found is None or type(found) is expected:
            return found
        raise FactOfWrongType(fact=counter, type=counter.measure.type.label)

    return count


FAULTS = (BankOpsError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError)
"""What evaluating over facts that are not what they should be may raise."""


def fault_of(reason: Exception) -> RuleFault:
    """Return the fault that an error among `FAULTS` means."""
    if isinstance(reason, RuleFault):
        return reason
    if isinstance(reason, LookupError):
        return NotRead(name=reason.args[0] if reason.args else "")
    return RuleFault(what=f"{type(reason).__name__}: {reason}")
