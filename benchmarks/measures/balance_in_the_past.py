"""What stood on an account with a million postings, on any day and at any moment, and its statements.

In one process and on one database, which takes minutes to fill: it is made once and read by all.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from benchmarks import django_processes
from benchmarks.measure import Bench, Measure, Measured, Target

_SAMPLES_MIN = 40
_LONG = 100_000


@cache
def _figures(bench: Bench) -> dict[str, Any]:
    with bench.databases.filled("statements", like="statements", fill=_fill) as url:
        return django_processes.call(_measure, max(_SAMPLES_MIN, bench.repeats), database_url=url)


def _fill(database_url: str) -> None:
    django_processes.call(_found, database_url=database_url)


def _found() -> None:
    from benchmarks import bench_statements

    bench_statements.found()


def _measure(samples: int) -> dict[str, Any]:
    from benchmarks import bench_statements

    return {
        "rolled_up": bench_statements.measure(samples),
        "files": bench_statements.take_files(_LONG),
        "with_tail": bench_statements.measure_with_tail(samples),
    }


def _balance(bench: Bench) -> Measured:
    figures = _figures(bench)
    kinds = [figures[state][kind] for state in ("rolled_up", "with_tail") for kind in ("before_a_day", "at_a_moment")]
    return Measured(max(kind["median_ms"] for kind in kinds), figures)


def _month(bench: Bench) -> Measured:
    return Measured(_figures(bench)["rolled_up"]["month_of_1000_lines"]["median_ms"])


BALANCE = Measure(name="balance_in_the_past", unit="ms, slowest median", run=_balance, target=Target(value_max=20))
MONTH = Measure(name="statement_of_a_month", unit="ms, 1,000 lines", run=_month, target=Target(value_max=300))
