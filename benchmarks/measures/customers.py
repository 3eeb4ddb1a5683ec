"""Lists and searches over a million customers and accounts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from benchmarks import django_processes
from benchmarks.measure import Bench, Measure, Measured, Target


@cache
def _figures(bench: Bench) -> dict[str, Any]:
    with bench.databases.filled("customers", like="customers", fill=_fill) as url:
        return django_processes.call(_measure, database_url=url)


def _fill(database_url: str) -> None:
    django_processes.call(_found, database_url=database_url)


def _found() -> None:
    from benchmarks import bench_customers

    bench_customers.found()


def _measure() -> dict[str, Any]:
    from benchmarks import bench_customers

    return {"customers": bench_customers.CUSTOMERS, "views": bench_customers.read(rounds=5)}


def _slowest(kind: str) -> Callable[[Bench], Measured]:
    def run(bench: Bench) -> Measured:
        figures = _figures(bench)
        slowest = max(taken for name, taken in figures["views"].items() if f"_{kind}_" in name)
        return Measured(slowest, {"customers": figures["customers"], **figures["views"]})

    return run


LISTS = Measure(name="customers_list", unit="ms, slowest page", run=_slowest("list"), target=Target(value_max=300))
SEARCHES = Measure(
    name="customers_search", unit="ms, slowest page", run=_slowest("search"), target=Target(value_max=100)
)
