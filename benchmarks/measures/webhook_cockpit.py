"""The cockpit's lists and pages over a million deliveries and attempts."""

from __future__ import annotations

from typing import Any

from benchmarks import django_processes
from benchmarks.measure import Bench, Measure, Measured, Target


def _run(bench: Bench) -> Measured:
    with bench.databases.filled("webhooks", like="webhooks", fill=_fill) as url:
        figures = django_processes.call(_measure, database_url=url)
    pages: dict[str, float] = figures["pages"]
    slowest = max(taken for name, taken in pages.items() if name != "queries_max")
    return Measured(slowest, {"deliveries": figures["deliveries"], **pages})


def _fill(database_url: str) -> None:
    django_processes.call(_found, database_url=database_url)


def _found() -> None:
    from benchmarks import bench_webhooks

    bench_webhooks.found()


def _measure() -> dict[str, Any]:
    from benchmarks import bench_webhooks

    return {"deliveries": bench_webhooks.DELIVERIES, "pages": bench_webhooks.read(rounds=5)}


MEASURE = Measure(name="webhook_cockpit", unit="ms, slowest page", run=_run, target=Target(value_max=300))
