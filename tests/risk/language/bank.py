"""A schema as a bank's, and facts of one movement under it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bankops.core.money import Money
from risk.language.rule import Compiled, compile_rule
from risk.language.schema import Counter, Fact, Measure, Schema, Subject, Type

LISTS = {"regions.high_risk": "Countries under sanctions or watched", "payees.white": "Payees that the bank knows"}
SCHEMA = Schema(
    [
        Fact("amount", Type.MONEY, "What is to be moved"),
        Fact("fee", Type.MONEY, "What it costs", optional=True),
        Fact("kind", Type.TEXT, "What it is", choices=("transfer", "deposit", "withdrawal", "refund")),
        Fact("cash", Type.TRUTH, "Whether it is cash"),
        Fact("moment", Type.MOMENT, "When"),
        Fact("hour", Type.NUMBER, "By the bank's clock"),
        Fact("remittance", Type.TEXT, "What the payee reads", optional=True),
        Fact("payer.country", Type.TEXT, "Where from", optional=True),
        Fact("payer.dormant_days", Type.NUMBER, "Days without movements", optional=True, unit="days"),
        Fact("payer.opened", Type.MOMENT, "When the account was opened", optional=True),
        Fact("payer.is_staff", Type.TRUTH, "Whether a person who works here", optional=True),
        Fact("payee.first_seen_days", Type.NUMBER, "Days since the first payment", optional=True, unit="days"),
        Fact("payee.name", Type.TEXT, "Who is paid", optional=True),
        Fact("device.last_country", Type.TEXT, "Where the device was", optional=True),
        Fact("device.last_seen", Type.MOMENT, "When the device was there", optional=True),
        Fact("session", Type.DURATION, "How long signed in", optional=True),
    ],
    lists=LISTS,
)
NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
USUAL: Mapping[str, Any] = {
    "amount": Money(80_000_00, "CNY"),
    "kind": "transfer",
    "cash": False,
    "moment": NOW,
    "hour": 23,
    "remittance": "Rent for May",
    "payer.country": "CN",
    "payer.dormant_days": 3,
    "payer.opened": NOW - timedelta(days=400),
    "payee.first_seen_days": 3,
    "session": timedelta(minutes=4),
}
ALL_COUNTERS = [
    Counter(measure, subject, window)
    for measure, subjects in SCHEMA.counted.items()
    for subject in subjects
    for window in ("1h", "24h")
]


class GivenFacts:
    """What is known of one movement in a test. What was not read raises, as it does in the product."""

    def __init__(
        self,
        values: Mapping[str, Any],
        counters: Mapping[Counter, int | Money | None],
        rates: Mapping[str, Decimal],
        lists: Mapping[str, frozenset[str]],
    ) -> None:
        self.values, self.counters, self.rates, self.lists = values, counters, rates, lists

    def value(self, name: str, /) -> Any:
        return self.values[name]

    def counter(self, counter: Counter, /) -> int | Money | None:
        return self.counters[counter]

    def list_has(self, name: str, text: str, /) -> bool:
        return text in self.lists[name]

    def rate(self, currency: str, /) -> Decimal | None:
        return self.rates.get(currency)


def facts(*, counters: Mapping[str, int | Money | None] | None = None, **changed: Any) -> GivenFacts:
    """Return the usual movement's facts with some changed; `__` in a name is a dot. Counters by their text, else nothing."""
    values = dict.fromkeys(SCHEMA.facts) | dict(USUAL) | {name.replace("__", "."): new for name, new in changed.items()}
    nothing: dict[Measure, int | Money] = dict.fromkeys(Measure, 0) | {Measure.SUM: Money(0, "CNY")}
    told = {counter: (counters or {}).get(str(counter), nothing[counter.measure]) for counter in ALL_COUNTERS}
    assert set(counters or ()) <= {str(counter) for counter in ALL_COUNTERS}
    rates = {"CNY": Decimal(1), "USD": Decimal("7.1"), "JPY": Decimal("0.047")}
    return GivenFacts(values, told, rates, {"regions.high_risk": frozenset({"KP", "IR"}), "payees.white": frozenset()})


def rule(source: str) -> Compiled:
    return compile_rule(source, SCHEMA)


def hits(source: str, given: GivenFacts | None = None) -> bool | None:
    return rule(source).evaluate(given or facts()).hit


__all__ = ["ALL_COUNTERS", "LISTS", "NOW", "SCHEMA", "Counter", "GivenFacts", "Subject", "facts", "hits", "rule"]
