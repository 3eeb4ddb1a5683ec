"""Loading a real bank, published as the Berka data set of the PKDD'99 challenge: `manage.py import_bank`, start to end."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks import django_processes
from benchmarks.databases import manage
from benchmarks.measure import Bench, Measure, Measured, NotRun, Target

_PROJECT = Path(__file__).resolve().parents[2]


def _run(bench: Bench) -> Measured:
    bank = _bank()
    with bench.databases.product("import") as url, tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "report.json")
        manage("import_bank", "--profile", "berka", str(bank), "--report", str(file), database_url=url)
        report = json.loads(file.read_text())
        orders = django_processes.call(_month_of_standing_orders, database_url=url)
    wanted = ("rows_read", "posted", "rejected", "rows_per_second")
    return Measured(report["seconds"], {**{name: report[name] for name in wanted}, "standing_orders_month": orders})


def _month_of_standing_orders() -> dict[str, Any]:
    """Pay what the bank's standing orders order in the month after the import, every day of it."""
    from bankops.core import clock
    from bankops.core.actor import Actor
    from transactions.services import run_standing_orders

    started, told = time.perf_counter(), Counter[str]()
    first = (clock.business_date().replace(day=28) + timedelta(days=4)).replace(day=1)
    for number in range(31):
        day = first + timedelta(days=number)
        told.update(run_standing_orders(business_date=day, actor=Actor.system("benchmark"), now=clock.now()))
    return {**told, "seconds": round(time.perf_counter() - started, 1)}


def _bank() -> Path:
    shared = os.environ.get("BANKOPS_SHARED_DATA")
    bank = (Path(shared) if shared else _PROJECT.parent / "shared" / "data") / "berka"
    if not bank.is_dir():
        raise NotRun("the Berka files are not here; BANKOPS_SHARED_DATA names the directory above berka/")
    return bank


MEASURE = Measure(name="import_berka_seconds", unit="s", run=_run, target=Target(value_max=30))
