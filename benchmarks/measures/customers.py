"""Lists and searches over a million customers and accounts."""

from __future__ import annotations

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

    return {
        "customers": bench_customers.CUSTOMERS,
        "pages": bench_customers.read(rounds=5),
        "searches": bench_customers.search(rounds=5),
    }


def _lists(bench: Bench) -> Measured:
    pages = _figures(bench)["pages"]
    slowest = max(taken for name, taken in pages.items() if name != "queries_max")
    return Measured(slowest, {"customers": _figures(bench)["customers"], **pages})


def _searches(bench: Bench) -> Measured:
    searches = _figures(bench)["searches"]
    return Measured(max(searches.values()), {"customers": _figures(bench)["customers"], **searches})


LISTS = Measure(name="customers_list", unit="ms, slowest page", run=_lists, target=Target(value_max=300))
SEARCHES = Measure(name="customers_search", unit="ms, slowest", run=_searches, target=Target(value_max=100))
