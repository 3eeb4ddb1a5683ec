"""A rule as it was understood: every name looked up, every type known, every constant read.

The checker makes it of the tree; the compiler, the explanation and the wording each walk it. What stands here is right:
operands have the types that their operation takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from risk.language.schema import Counter, Fact, Type
from risk.language.syntax import Sign


@dataclass(frozen=True, slots=True)
class Meaning:
    """A part of a rule that was understood."""

    @property
    def type(self) -> Type:
        """What it comes to. A condition, unless a kind of part says otherwise."""
        return Type.TRUTH

    @property
    def parts(self) -> tuple[Meaning, ...]:
        """What it is made of, in the order of evaluation."""
        return ()


@dataclass(frozen=True, slots=True)
class Constant(Meaning):
    """A value that is written out: `bool`, `Decimal`, `Money`, `str`, aware `datetime` or `timedelta`."""

    value: Any
    is_of: Type

    @property
    def type(self) -> Type:
        return self.is_of


@dataclass(frozen=True, slots=True)
class Read(Meaning):
    fact: Fact

    @property
    def type(self) -> Type:
        return self.fact.type


@dataclass(frozen=True, slots=True)
class Counted(Meaning):
    counter: Counter

    @property
    def type(self) -> Type:
        return self.counter.measure.type


@dataclass(frozen=True, slots=True)
class Known(Meaning):
    """Whether a fact is not missing."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class Opposite(Meaning):
    part: Meaning

    @property
    def type(self) -> Type:
        return self.part.type

    @property
    def parts(self) -> tuple[Meaning, ...]:
        return (self.part,)


@dataclass(frozen=True, slots=True)
class Calculation(Meaning):
    sign: Sign
    left: Meaning
    right: Meaning
    comes_to: Type

    @property
    def type(self) -> Type:
        return self.comes_to

    @property
    def parts(self) -> tuple[Meaning, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Comparison(Meaning):
    """Two values of one type, compared."""

    sign: Sign
    left: Meaning
    right: Meaning

    @property
    def parts(self) -> tuple[Meaning, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Within(Meaning):
    """Whether a value is at least `low` and at most `high`."""

    value: Meaning
    low: Meaning
    high: Meaning

    @property
    def parts(self) -> tuple[Meaning, ...]:
        return (self.value, self.low, self.high)


@dataclass(frozen=True, slots=True)
class OneOf(Meaning):
    """Whether a text or number is (not) among those written out."""

    value: Meaning
    values: tuple[str | Decimal, ...]
    negated: bool

    @property
    def parts(self) -> tuple[Meaning, ...]:
        return (self.value,)


@dataclass(frozen=True, slots=True)
class Listed(Meaning):
    """Whether a text is (not) on one of the bank's lists."""

    value: Meaning
    list_name: str
    negated: bool

    @property
    def parts(self) -> tuple[Meaning, ...]:
        return (self.value,)


@dataclass(frozen=True, slots=True)
class MultipleOf(Meaning):
    """Whether a number, or an amount in units of its own currency, is a whole multiple of `step`, which is positive."""

    value: Meaning
    step: Decimal

    @property
    def parts(self) -> tuple[Meaning, ...]:
        return (self.value,)


@dataclass(frozen=True, slots=True)
class TextTest(Meaning):
    """Whether a text has `wanted` in it, or begins with it; capital and small letters are the same."""

    how: Literal["contains", "starts_with"]
    value: Meaning
    wanted: str

    @property
    def parts(self) -> tuple[Meaning, ...]:
        return (self.value,)


@dataclass(frozen=True, slots=True)
class Negation(Meaning):
    part: Meaning

    @property
    def parts(self) -> tuple[Meaning, ...]:
        return (self.part,)


@dataclass(frozen=True, slots=True)
class Joined(Meaning):
    """All of some conditions, or any of them."""

    word: Literal["and", "or"]
    conditions: tuple[Meaning, ...]

    @property
    def parts(self) -> tuple[Meaning, ...]:
        return self.conditions


@dataclass(frozen=True, slots=True)
class Needs:
    """Everything that a rule looks at: what to read before it is evaluated."""

    counters: frozenset[Counter] = frozenset()
    lists: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()

    def __or__(self, other: Needs) -> Needs:
        """Return what two rules look at together."""
        return Needs(self.counters | other.counters, self.lists | other.lists, self.facts | other.facts)

    def __bool__(self) -> bool:
        return bool(self.counters or self.lists or self.facts)


def needs_of(meaning: Meaning) -> Needs:
    """Return everything that a part looks at."""
    parts = list(all_parts(meaning))
    return Needs(
        counters=frozenset(part.counter for part in parts if isinstance(part, Counted)),
        lists=frozenset(part.list_name for part in parts if isinstance(part, Listed)),
        facts=frozenset(part.fact.name for part in parts if isinstance(part, Read | Known)),
    )


def all_parts(meaning: Meaning) -> Iterator[Meaning]:
    """Yield a part and everything in it."""
    yield meaning
    for part in meaning.parts:
        yield from all_parts(part)
