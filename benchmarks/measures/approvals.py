"""Approvals with a million closed requests and ten thousand open ones: reading the inbox, submitting, deciding.

All in one process and on one database, which takes minutes to fill: it is made once and read by all three.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from benchmarks import django_processes
from benchmarks.measure import Bench, Measure, Measured, Target

_SAMPLES_MIN = 40


@cache
def _figures(bench: Bench) -> dict[str, Any]:
    with bench.databases.filled("approvals", like="approvals", fill=_fill) as url:
        return django_processes.call(_measure, max(_SAMPLES_MIN, bench.repeats), database_url=url)


def _fill(database_url: str) -> None:
    django_processes.call(_found, database_url=database_url)


def _found() -> None:
    from benchmarks import bench_approvals

    bench_approvals.found()


def _measure(samples: int) -> dict[str, Any]:
    from benchmarks import bench_approvals

    inbox = bench_approvals.read_inbox(rounds=7)
    rows = {"closed": bench_approvals.CLOSED, "open": bench_approvals.OPEN}
    return {"inbox": inbox, "rows": rows, "steps": bench_approvals.submit_and_decide(samples), "samples": samples}


def _inbox(bench: Bench) -> Measured:
    figures = _figures(bench)
    slowest = max(milliseconds for name, milliseconds in figures["inbox"].items() if not name.startswith("queries"))
    return Measured(slowest, {**figures["rows"], **figures["inbox"]})


def _step(name: str) -> Callable[[Bench], Measured]:
    def run(bench: Bench) -> Measured:
        figures = _figures(bench)
        return Measured(figures["steps"][name], {**figures["rows"], "samples": figures["samples"], **figures["steps"]})

    return run


INBOX = Measure(name="approvals_inbox", unit="ms, slowest view", run=_inbox, target=Target(value_max=300))
SUBMIT = Measure(name="approvals_submit", unit="ms, median", run=_step("submit"), target=Target(value_max=30))
DECIDE = Measure(
    name="approvals_final_decision",
    unit="ms, median",
    run=_step("final_decision_with_execution"),
    target=Target(value_max=60),
)
