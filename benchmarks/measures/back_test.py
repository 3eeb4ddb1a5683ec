"""A draft of a rule beside the active version, over a hundred thousand movements of the past: docs/rules.md."""

from __future__ import annotations

from typing import Any

from benchmarks import django_processes
from benchmarks.measure import Bench, Measure, Measured, Target


def _fill(database_url: str) -> None:
    django_processes.call(_found, database_url=database_url)


def _found() -> None:
    from benchmarks import bench_backtest

    bench_backtest.found()


def _measure() -> dict[str, Any]:
    from benchmarks import bench_backtest

    return bench_backtest.measure()


def _run(bench: Bench) -> Measured:
    with bench.databases.filled("back_test", like="back_test", fill=_fill) as url:
        told = django_processes.call(_measure, database_url=url)
    return Measured(told.pop("seconds"), told)


MEASURE = Measure(name="risk_back_test", unit="s, of 100 thousand movements", run=_run, target=Target(value_max=20))
