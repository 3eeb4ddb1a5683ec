"""What a rule may speak of: facts with their types, counters with their windows, lists by name.

The language knows no fact by itself. Whoever assesses says what there is to know (`risk.facts.SCHEMA`), and hands in a
`Facts` that answers for one movement; rules are checked against the first and evaluated over the second.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core.money import Money

KEYWORDS = frozenset({"and", "or", "not", "in", "between", "true", "false"})
DECIMAL_DIGITS_MAX = 40
"""Before or after the point; calculating with 1E+999999 exactly would take the afternoon."""
FACT_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*", re.ASCII)
LIST_NAME = re.compile(r"[a-z][a-z0-9_]*([.-][a-z0-9_]+)*", re.ASCII)


class Type(StrEnum):
    """What a value is. There is nothing else, and nothing turns into another by itself."""

    TRUTH = "truth"
    NUMBER = "number"
    MONEY = "money"
    TEXT = "text"
    MOMENT = "moment"
    DURATION = "duration"

    @property
    def label(self) -> Promise:
        """The type's name for people."""
        return _TYPE_LABELS[self]


_TYPE_LABELS = {
    Type.TRUTH: _("yes or no"),
    Type.NUMBER: _("a number"),
    Type.MONEY: _("an amount of money"),
    Type.TEXT: _("text"),
    Type.MOMENT: _("a moment"),
    Type.DURATION: _("a duration"),
}
_PYTHON: Mapping[Type, tuple[type, ...]] = {
    Type.TRUTH: (bool,),
    Type.NUMBER: (int, Decimal),
    Type.MONEY: (Money,),
    Type.TEXT: (str,),
    Type.MOMENT: (datetime,),
    Type.DURATION: (timedelta,),
}


class Measure(StrEnum):
    """What is counted. A measure is also the function's name: `count(payer, "1h")`."""

    COUNT = "count"
    SUM = "sum"
    DISTINCT_PAYEES = "distinct_payees"
    DISTINCT_PAYERS = "distinct_payers"

    @property
    def type(self) -> Type:
        """Sums are money of the bank's base currency, everything else is a number."""
        return Type.MONEY if self is Measure.SUM else Type.NUMBER


class Subject(StrEnum):
    """Whose movements are counted. A pair is a payer's account with this payee."""

    PAYER = "payer"
    PAYEE = "payee"
    CUSTOMER = "customer"
    DEVICE = "device"
    PAIR = "pair"


WINDOWS: Mapping[str, timedelta] = MappingProxyType(
    {
        "1m": timedelta(minutes=1),
        "10m": timedelta(minutes=10),
        "1h": timedelta(hours=1),
        "24h": timedelta(hours=24),
        "7d": timedelta(days=7),
        "30d": timedelta(days=30),
        "90d": timedelta(days=90),
    }
)
"""How far back a counter may look, shortest first. Always up to, and without, the movement that is assessed."""

COUNTED: Mapping[Measure, tuple[Subject, ...]] = MappingProxyType(
    {
        Measure.COUNT: tuple(Subject),
        Measure.SUM: tuple(Subject),
        Measure.DISTINCT_PAYEES: (Subject.PAYER, Subject.CUSTOMER, Subject.DEVICE),
        Measure.DISTINCT_PAYERS: (Subject.PAYEE, Subject.CUSTOMER, Subject.DEVICE),
    }
)
"""What can be counted of whom; a payee has one payee, so that is not asked."""


class Counter(NamedTuple):
    """A count, a sum or a number of different ones, of one subject over one of `WINDOWS`."""

    measure: Measure
    subject: Subject
    window: str

    def __str__(self) -> str:
        return f'{self.measure}({self.subject}, "{self.window}")'


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known of a movement, or may be.

    Attributes:
        name: dotted, lower case: `payee.first_seen_days`.
        description: what it tells, for the help beside the editor.
        optional: it may be missing; what compares it is then neither true nor false.
        unit: what a number counts ("days"); empty for everything else.
        label: how an explanation names it ("days since the payee was first paid"); the name, where there is none.
        choices: all the texts it can be. A rule that compares it with another one is refused.
        retired: nobody tells it any more. Rules that ask for it are read as ever; the editor offers it no more.

    """

    name: str
    type: Type
    description: str | Promise
    optional: bool = False
    unit: str | Promise = ""
    label: str | Promise = ""
    choices: tuple[str, ...] = ()
    retired: bool = False

    def __post_init__(self) -> None:
        if not FACT_NAME.fullmatch(self.name) or not KEYWORDS.isdisjoint(self.name.split(".")):
            raise ValueError(f"{self.name!r} is no name for a fact")
        if self.choices and self.type is not Type.TEXT:
            raise ValueError(f"{self.name}: only texts have choices")

    def accepts(self, value: object) -> bool:
        """Whether `value` may stand for this fact: of its very type (no float, no `bool` for a number), aware, finite."""
        if value is None:
            return self.optional
        if type(value) not in _PYTHON[self.type]:
            return False
        if isinstance(value, datetime):
            return value.tzinfo is not None
        return not isinstance(value, Decimal) or (value.is_finite() and abs(value.adjusted()) <= DECIMAL_DIGITS_MAX)


class Schema:
    """All that rules may speak of.

    :param lists: names of the lists there are, with what each holds; without it, any well-formed name is taken, and a
        list that is not there is a fault when the rule is evaluated.
    :raises ValueError: when a fact is named twice, or a list's name is none.
    """

    def __init__(
        self,
        facts: Iterable[Fact],
        *,
        lists: Mapping[str, str | Promise] | None = None,
        counted: Mapping[Measure, tuple[Subject, ...]] = COUNTED,
    ) -> None:
        told = tuple(facts)
        self.facts: Mapping[str, Fact] = MappingProxyType({fact.name: fact for fact in told})
        self.lists = None if lists is None else MappingProxyType(dict(lists))
        self.counted = counted
        if len(self.facts) != len(told):
            raise ValueError("a fact is named twice")
        if wrong := [name for name in self.lists or () if not LIST_NAME.fullmatch(name)]:
            raise ValueError(f"{wrong[0]!r} is no name for a list")

    def with_lists(self, lists: Mapping[str, str | Promise]) -> Schema:
        """Return this schema, where rules may name exactly these lists."""
        return Schema(self.facts.values(), lists=lists, counted=self.counted)

    def __contains__(self, name: object) -> bool:
        return name in self.facts

    def __getitem__(self, name: str) -> Fact:
        return self.facts[name]

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.facts.values())

    def __len__(self) -> int:
        return len(self.facts)


class Facts(Protocol):
    """What is known of one movement. All of it was read before the first rule is evaluated."""

    def value(self, name: str, /) -> Any:
        """Return a fact of the schema; None when it is missing."""

    def counter(self, counter: Counter, /) -> int | Money | None:
        """Return a counter, sums in the base currency; None when the movement has no such subject (no device).

        :raises LookupError: when it was not read.
        """

    def list_has(self, name: str, text: str, /) -> bool:
        """Whether a list holds this very text.

        :raises LookupError: when the list was not read.
        """

    def rate(self, currency: str, /) -> Decimal | None:
        """Return how many units of the base currency one unit of `currency` is worth: 1 for the base, None when unknown."""


__all__ = [
    "COUNTED",
    "KEYWORDS",
    "WINDOWS",
    "Counter",
    "Fact",
    "Facts",
    "Measure",
    "Schema",
    "Subject",
    "Type",
]
