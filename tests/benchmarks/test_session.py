"""A run of the benchmark: what becomes of a measurement that works, misses its target, cannot be made, or breaks."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import report, session
from benchmarks.databases import Databases, libpq_environment
from benchmarks.measure import Bench, Measure, Measured, NotRun, Target
from benchmarks.registry import MEASURES


@pytest.fixture
def databases() -> Iterator[Databases]:
    made = Databases()
    yield made
    made.clear()


def lines(databases: Databases, *measures: Measure) -> dict[str, session.Line]:
    """Make a run with short pgbench readings, and return its lines by name."""
    bench = Bench(databases, seconds=1, repeats=1)
    return {line.name: line for line in session.run(measures, bench, say=lambda _line: None)}


def answer(value: float) -> Measured:
    return Measured(value, {"how": "quickly"})


def nothing_here(_bench: Bench) -> Measured:
    raise NotRun("no data here")


def broken(_bench: Bench) -> Measured:
    raise ValueError("out of order")


@pytest.mark.slow
def test_a_run_compares_rates_with_pgbench_and_leaves_no_database(databases: Databases) -> None:
    run = lines(
        databases,
        Measure("rate", "transfers/s", lambda _bench: answer(100), beside_pgbench=True),
        Measure("time", "s", lambda _bench: answer(1.5), target=Target(value_max=2)),
        Measure("slow", "s", lambda _bench: answer(2.5), target=Target(value_max=2)),
        Measure("absent", "s", nothing_here, target=Target(value_max=2)),
        Measure("broken", "s", broken),
    )
    yardstick, rate = run["pgbench_tpcb"], run["rate"]
    assert yardstick.ratio == 1.0
    assert yardstick.value
    sides = [rate.detail["pgbench_before"], rate.detail["pgbench_after"]]
    assert rate.ratio == pytest.approx(100 / (sum(sides) / 2), rel=0.01)
    assert {name: line.verdict for name, line in run.items()} == {
        "pgbench_tpcb": "",
        "rate": "",
        "time": "PASS",
        "slow": "MISSED",
        "absent": "not run",
        "broken": "FAILED",
    }
    assert [name for name, line in run.items() if line.has_failed] == ["broken"]
    with databases.connect() as connection:
        ours = f"bench\\_{os.getpid()}\\_%"
        assert connection.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [ours]).fetchall() == []


def test_the_record_of_a_line(tmp_path: Path) -> None:
    line = session.Line("rate", "transfers/s", 1234.5678, 4.32109, {"callers": 8}, Target(ratio_min=4))
    absent = session.Line("absent", "s", None, None, {"not_run": "no data here"})
    report.write_json([line, absent], tmp_path / "results" / "latest.json")
    first, second = json.loads((tmp_path / "results" / "latest.json").read_text())
    assert first == {
        "name": "rate",
        "value": 1234.568,
        "unit": "transfers/s",
        "ratio_to_pgbench": 4.321,
        "detail": {"callers": 8, "target": "≥ 4 × pgbench", "verdict": "PASS"},
    }
    assert (second["value"], second["ratio_to_pgbench"], second["detail"]["verdict"]) == (None, None, "not run")


def test_the_table_has_a_row_for_every_line() -> None:
    line = session.Line("rate", "transfers/s", 12_345.6, 4.32109, {}, Target(ratio_min=5))
    assert report.as_table([line]).splitlines() == [
        "measurement   value  unit         × pgbench  target",
        "rate         12,346  transfers/s       4.32  ≥ 5 × pgbench  MISSED",
    ]


@pytest.mark.parametrize(("ratio", "met"), [(3.99, False), (4.0, True), (None, False)])
def test_a_target_in_units_of_pgbench(ratio: float | None, met: bool) -> None:
    assert Target(ratio_min=4).is_met(1.0, ratio) is met


@pytest.mark.parametrize(
    ("ratio", "detail", "verdict"),
    [
        (0.1, {"call_p99_ms": 150.0}, "PASS"),
        (0.1, {"call_p99_ms": 150.1}, "MISSED"),
        (0.09, {"call_p99_ms": 20.0}, "MISSED"),
        (0.1, {}, "MISSED"),
    ],
)
def test_a_target_for_the_slowest_calls(ratio: float, detail: dict[str, float], verdict: str) -> None:
    target = Target(ratio_min=0.1, p99_max=150)
    assert session.Line("rate", "transfers/s", 100.0, ratio, detail, target).verdict == verdict
    assert str(target) == "≥ 0.1 × pgbench, p99 ≤ 150 ms"


def test_a_database_beside_the_servers_own_keeps_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://bank:secret@db.example:6432/bankops?sslmode=require")
    url = Databases().url("bench_1_ledger")
    assert url == "postgres://bank:secret@db.example:6432/bench_1_ledger?sslmode=require"
    assert libpq_environment(url) == {
        "PGHOST": "db.example",
        "PGPORT": "6432",
        "PGUSER": "bank",
        "PGPASSWORD": "secret",
        "PGDATABASE": "bench_1_ledger",
        "PGSSLMODE": "require",
    }


def test_every_measurement_has_a_name_of_its_own() -> None:
    names = [measure.name for measure in MEASURES]
    assert len(set(names)) == len(names)
    assert {"hordak_transfer", "ledger_post_single", "ledger_post_batch_1000"} <= set(names)
