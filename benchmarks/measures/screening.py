"""One name against twenty thousand entries, and a million customers against fifty that changed."""

from __future__ import annotations

from functools import cache
from typing import Any

from benchmarks import django_processes
from benchmarks.measure import Bench, Measure, Measured, Target


@cache
def _figures(bench: Bench) -> dict[str, Any]:
    with bench.databases.filled("screening", like="screening", fill=_fill) as url:
        return django_processes.call(_measure, database_url=url)


def _fill(database_url: str) -> None:
    django_processes.call(_found, database_url=database_url)


def _found() -> None:
    from benchmarks import bench_screening

    bench_screening.found()


def _measure() -> dict[str, Any]:
    from benchmarks import bench_screening

    return {"one": bench_screening.one_name(), "all": bench_screening.everybody()}


def _one(bench: Bench) -> Measured:
    one = dict(_figures(bench)["one"])
    return Measured(one.pop("median_ms"), one)


def _all(bench: Bench) -> Measured:
    everybody = dict(_figures(bench)["all"])
    return Measured(everybody.pop("seconds"), everybody)


NAME = Measure(name="screening_name", unit="ms, median", run=_one, target=Target(value_max=10))
RESCREEN = Measure(name="screening_rescreen", unit="s, two workers", run=_all, target=Target(value_max=60))
