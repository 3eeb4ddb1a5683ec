"""Loading a real bank, published as the Berka data set of the PKDD'99 challenge: `manage.py import_bank`, start to end."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from benchmarks.databases import manage
from benchmarks.measure import Bench, Measure, Measured, NotRun, Target

_PROJECT = Path(__file__).resolve().parents[2]


def _run(bench: Bench) -> Measured:
    bank = _bank()
    with bench.databases.product("import") as url, tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "report.json")
        manage("import_bank", "--profile", "berka", str(bank), "--report", str(file), database_url=url)
        report = json.loads(file.read_text())
    wanted = ("rows_read", "posted", "rejected", "rows_per_second")
    return Measured(report["seconds"], {name: report[name] for name in wanted})


def _bank() -> Path:
    shared = os.environ.get("BANKOPS_SHARED_DATA")
    bank = (Path(shared) if shared else _PROJECT.parent / "shared" / "data") / "berka"
    if not bank.is_dir():
        raise NotRun("the Berka files are not here; BANKOPS_SHARED_DATA names the directory above berka/")
    return bank


MEASURE = Measure(name="import_berka_seconds", unit="s", run=_run, target=Target(value_max=30))
