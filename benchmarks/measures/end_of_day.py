"""The end of a month's last day: turnover, standing orders, interest accrued and posted, for 100,000 accounts that earn."""

from __future__ import annotations

import os
from typing import Any

from benchmarks import django_processes
from benchmarks.measure import Bench, Measure, Measured, Target

_ACCOUNTS = int(os.environ.get("BANKOPS_BENCH_SAVINGS_ACCOUNTS", "100000"))


def _run(bench: Bench) -> Measured:
    with bench.databases.product("end_of_day") as url:
        django_processes.call(_found, _ACCOUNTS, database_url=url)
        figures = django_processes.call(_measure, database_url=url)
    return Measured(figures["month_end"]["all"], {"accounts": _ACCOUNTS, **figures})


def _found(accounts: int) -> None:
    from benchmarks import bench_end_of_day

    bench_end_of_day.found(accounts)


def _measure() -> dict[str, Any]:
    from benchmarks import bench_end_of_day

    return bench_end_of_day.run()


MEASURE = Measure(
    name="end_of_day_seconds",
    unit="s, last day of a month",
    run=_run,
    target=Target(value_max=60),
    beside_pgbench=False,
)
