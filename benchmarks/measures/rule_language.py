"""Thirty rules of five clauses over one movement's facts: what an assessment spends on its rules. In process, no database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from time import perf_counter_ns
from typing import Any

from bankops.core.money import Money
from benchmarks import django_processes
from benchmarks.measure import Bench, Measure, Measured, Target
from risk.language.schema import Counter, Fact, Schema, Subject, Type
from risk.language.schema import Measure as Counted

_RULES, _ROUNDS = 30, 2_000
_SOURCE = (
    'amount > money("{limit} CNY") and payee.first_seen_days < {days} and count(payer, "1h") > 3'
    ' and kind == "transfer" and payer.country not in list("regions.high_risk")'
)
"""All five are true, so all five are looked at: the dearest case."""


@dataclass(frozen=True, slots=True)
class _Facts:
    values: Mapping[str, Any]
    counters: Mapping[Counter, int]
    lists: Mapping[str, frozenset[str]]

    def value(self, name: str, /) -> Any:
        return self.values[name]

    def counter(self, counter: Counter, /) -> int:
        return self.counters[counter]

    def list_has(self, name: str, text: str, /) -> bool:
        return text in self.lists[name]

    def rate(self, currency: str, /) -> Decimal | None:
        return Decimal(1) if currency == "CNY" else None


def _run(bench: Bench) -> Measured:
    nowhere = bench.databases.url("nothing_is_asked")
    told: dict[str, float] = django_processes.call(_timed, database_url=nowhere)
    return Measured(told.pop("thirty_rules_us"), told)


def _timed() -> dict[str, float]:
    """Return the median microseconds of evaluating all rules, and of compiling and explaining one."""
    from risk.language.rule import compile_rule

    schema = _schema()
    sources = [_SOURCE.format(limit=1_000 + number, days=7 + number) for number in range(_RULES)]
    rules = [compile_rule(source, schema) for source in sources]
    facts = _facts()
    assert all(rule.evaluate(facts).hit for rule in rules)
    return {
        "thirty_rules_us": _median_us(lambda: [rule.evaluate(facts) for rule in rules], _ROUNDS),
        "compile_one_us": _median_us(lambda: compile_rule(sources[0], schema), 200),
        "explain_one_us": _median_us(lambda: rules[0].explain(facts), 200),
    }


def _median_us(work: Callable[[], object], rounds: int) -> float:
    times = []
    for _round in range(rounds):
        began = perf_counter_ns()
        work()
        times.append(perf_counter_ns() - began)
    return round(median(times) / 1_000, 1)


def _schema() -> Schema:
    return Schema(
        [
            Fact("amount", Type.MONEY, "What is moved"),
            Fact("payee.first_seen_days", Type.NUMBER, "Days", optional=True),
            Fact("kind", Type.TEXT, "What it is", choices=("transfer", "deposit")),
            Fact("payer.country", Type.TEXT, "Where from", optional=True),
        ],
        lists={"regions.high_risk": "Countries"},
    )


def _facts() -> _Facts:
    values = {"amount": Money(80_000_00, "CNY"), "payee.first_seen_days": 3, "kind": "transfer", "payer.country": "CN"}
    counters = {Counter(Counted.COUNT, Subject.PAYER, "1h"): 4}
    return _Facts(values, counters, {"regions.high_risk": frozenset({"KP", "IR"})})


MEASURE = Measure(name="rules_30_of_5_clauses_us", unit="µs", run=_run, target=Target(value_max=200))
