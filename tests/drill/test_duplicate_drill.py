"""Many attempts at fewer payments, over real HTTP, while the server's workers are killed: one effect each, and nothing lost.

Scaled down; `manage.py duplicate_drill --attempts 200000 --payments 20000 --clients 8` is the whole of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from bankops.drill import run as drill
from bankops.drill.oracle import Finding, Judgement
from bankops.drill.report import Report

ATTEMPTS, PAYMENTS, CLIENTS = 240, 24, 4
HELD = Report(
    attempts=20,
    payments=10,
    clients=8,
    workers=2,
    kills=3,
    seed=1,
    seconds=2.0,
    answers={"201 posted": 20},
    replays=10,
    seen={"201": 20, "reset": 4},
    judgement=Judgement(effects=10, duplicates=0, lost=0, findings=[]),
)


@pytest.fixture
def this_database(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drill in the test's own database, which is migrated already."""

    @contextmanager
    def here() -> Iterator[str]:
        yield drill.address_of(connection.settings_dict["NAME"])

    monkeypatch.setattr(drill, "scratch_database", here)


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.usefixtures("this_database")
def test_each_payment_has_exactly_one_effect_although_workers_are_killed() -> None:
    report = drill.run(
        attempts=ATTEMPTS,
        payments=PAYMENTS,
        clients_count=CLIENTS,
        workers=2,
        kills_every=1,
        seed=1,
        say=lambda _line: None,
    )
    assert report.holds, report.as_text()
    assert (report.attempts, report.judgement.effects) == (ATTEMPTS, PAYMENTS)
    assert report.kills, "nobody was killed: it proves less than it says"
    assert report.replays
    assert {"201 posted", "409 duplicate_reference", "202 held"} <= set(report.answers)


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.usefixtures("this_database")
def test_a_drill_in_which_nobody_was_killed_does_not_hold() -> None:
    report = drill.run(
        attempts=2, payments=2, clients_count=1, workers=1, kills_every=600, seed=1, say=lambda _line: None
    )
    assert [finding.code for finding in report.judgement.findings] == ["nobody_killed"]
    assert not report.holds


def test_the_command_prints_the_numbers(settings: Any) -> None:
    settings.BANKOPS_DUPLICATE_DRILL = f"{__name__}.it_held"
    out = StringIO()
    call_command("duplicate_drill", attempts=20, payments=10, stdout=out)
    assert "20 attempts at 10 payments" in out.getvalue()
    assert "Exactly one effect each." in out.getvalue()


def test_the_command_fails_on_a_duplicate(settings: Any) -> None:
    settings.BANKOPS_DUPLICATE_DRILL = f"{__name__}.it_did_not_hold"
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("duplicate_drill", attempts=20, payments=10, stdout=out)
    assert ended.value.code == 1
    assert "carried out twice         1 (10.00000%)" in out.getvalue()
    assert "duplicate: here" in out.getvalue()


@pytest.mark.parametrize("options", [{"attempts": 9, "payments": 10}, {"clients": 0}, {"kills_every": -1.0}])
def test_what_cannot_be_drilled_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(CommandError):
        call_command("duplicate_drill", **options)


def it_held(**_asked: Any) -> Report:
    return HELD


def it_did_not_hold(**_asked: Any) -> Report:
    return replace(HELD, judgement=Judgement(10, 1, 0, [Finding("duplicate", "here")]))
