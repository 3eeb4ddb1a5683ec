"""One name against twenty thousand entries, and a million customers against fifty that changed."""

from __future__ import annotations

from functools import cache
from typing import Any

from benchmarks import django_processes
from benchmarks.measure import Bench, Measure, Measured, Target

_WORKERS = 2


@cache
def _figures(bench: Bench) -> dict[str, Any]:
    with bench.databases.filled("screening", like="screening", fill=_fill) as url:
        one = django_processes.call(_measure_one, database_url=url)
        django_processes.call(_change, database_url=url)
        workers = django_processes.call_at_once(_work, [()] * _WORKERS, database_url=url)
        told = django_processes.call(_told, database_url=url)
    return {"one": one, "all": {"seconds": max(each["seconds"] for each in workers), "workers": workers, **told}}


def _fill(database_url: str) -> None:
    django_processes.call(_found, database_url=database_url)


def _found() -> None:
    from benchmarks import bench_screening

    bench_screening.found()


def _measure_one() -> dict[str, float]:
    from benchmarks import bench_screening

    return bench_screening.one_name()


def _change() -> None:
    from benchmarks import bench_screening

    bench_screening.change()


def _work() -> dict[str, float]:
    from benchmarks import bench_screening

    return bench_screening.rescreen()


def _told() -> dict[str, Any]:
    from benchmarks import bench_screening

    return bench_screening.found_out()


def _one(bench: Bench) -> Measured:
    one = dict(_figures(bench)["one"])
    return Measured(one.pop("median_ms"), one)


def _all(bench: Bench) -> Measured:
    everybody = dict(_figures(bench)["all"])
    return Measured(everybody.pop("seconds"), everybody)


NAME = Measure(name="screening_name", unit="ms, median", run=_one, target=Target(value_max=10))
RESCREEN = Measure(name="screening_rescreen", unit="s, two workers", run=_all, target=Target(value_max=60))
