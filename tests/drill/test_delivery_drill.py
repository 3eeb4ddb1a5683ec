"""Many events to endpoints of which a third fail, over real HTTP, while senders are killed: every one arrives, or says why not.

Scaled down; `manage.py delivery_drill --events 10000 --endpoints 50 --kills 100` is the whole of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from bankops.drill import run as duplicates
from bankops.drill.deliveries import oracle, plan
from bankops.drill.deliveries import run as drill
from bankops.drill.deliveries.oracle import Delay, Judgement
from bankops.drill.deliveries.report import Report
from bankops.drill.oracle import Finding
from notifications.models import Attempt, Delivery, DeliveryState
from tests.partners.factories import guards_asleep

HELD = Report(
    events=20,
    endpoints=3,
    failing={"500": 1},
    kills=2,
    flushes=1,
    seed=1,
    seconds=9.0,
    judgement=Judgement(
        deliveries=30,
        arrived=29,
        repeats=2,
        attempts={"DELIVERED": 31},
        dead={"tries_exhausted": 1},
        lost=0,
        delays={"alone": Delay(10, 0.1, 0.2, 0.3)},
        findings=[],
    ),
)


@pytest.fixture
def this_database(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drill in the test's own database, which is migrated already."""

    @contextmanager
    def here() -> Iterator[str]:
        yield duplicates.address_of(connection.settings_dict["NAME"])

    monkeypatch.setattr(duplicates, "scratch_database", here)


@pytest.mark.slow
@pytest.mark.timeout(500)
@pytest.mark.usefixtures("this_database")
def test_every_event_arrives_or_is_given_up_although_senders_are_killed() -> None:
    report = drill.run(events=140, endpoints=27, kills=4, flushes=2, per_second=10, seed=1, say=lambda _line: None)
    found = {finding.code for finding in report.judgement.findings}
    assert found <= {"held_up_by_others"}, report.as_text()  # how late is for a machine that does nothing else
    assert (report.events, report.kills, report.flushes) == (140, 4, 2)
    assert set(report.failing) == {name for name, _query in plan.FAILING}
    assert report.judgement.dead.get("endpoint_gone"), report.as_text()
    assert report.judgement.attempts["DELIVERED"] >= report.judgement.arrived


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("this_database")
@pytest.mark.parametrize(
    ("sabotage", "found"),
    [("lost_by_us", "never_fanned_out"), ("lost_by_the_receiver", "said_to_have_arrived_and_did_not")],
)
def test_an_event_that_is_lost_ends_the_command_with_status_1(settings: Any, sabotage: str, found: str) -> None:
    """Everything is real but the loss: one delivery is forgotten, or one event never came to its receiver."""
    settings.BANKOPS_DELIVERY_DRILL = f"{__name__}.drilled_with_an_event_{sabotage}"
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("delivery_drill", events=6, endpoints=2, kills=0, flushes=0, per_second=10.0, stdout=out)
    assert ended.value.code == 1
    assert "lost                      1" in out.getvalue()
    assert out.getvalue().count(f"{found}: evt_") == 1
    assert out.getvalue().endswith("IT DOES NOT HOLD.\n")


def drilled_with_an_event_lost_by_us(**asked: Any) -> Report:
    def lose_one(_drill: drill.Drill) -> None:
        lost = Delivery.objects.filter(state=DeliveryState.DELIVERED).latest("id")
        with guards_asleep():
            Attempt.objects.filter(delivery=lost).delete()
            lost.delete()

    return drill.run(**asked, sabotage=lose_one)


def drilled_with_an_event_lost_by_the_receiver(**asked: Any) -> Report:
    def drop_one(under_way: drill.Drill) -> None:
        came = under_way.receivers[0].log
        lines = came.read_text().splitlines(keepends=True)
        lost = arrival(lines[-1])
        came.write_text("".join(line for line in lines if arrival(line) != lost))

    def arrival(line: str) -> tuple[str, str]:
        told = json.loads(line)
        return told["path"], told["event_id"]

    return drill.run(**asked, sabotage=drop_one)


@pytest.mark.parametrize(("beside", "unaffected"), [(0.59, True), (1.10, True), (1.11, False), (2.0, False)])
def test_events_may_come_twice_as_late_and_half_a_second_beside_endpoints_that_fail(
    beside: float, unaffected: bool
) -> None:
    """0.30 s alone and 0.59 s beside them is what two idle cores showed."""
    delays = {"alone": Delay(100, 0.07, 0.30, 0.44), "beside": Delay(100, 0.17, beside, beside)}
    assert [finding.code for finding in oracle._held_up(delays)] == ([] if unaffected else ["held_up_by_others"])


def test_the_command_prints_the_numbers(settings: Any) -> None:
    settings.BANKOPS_DELIVERY_DRILL = f"{__name__}.it_held"
    out = StringIO()
    call_command("delivery_drill", stdout=out)
    assert "20 events to 3 endpoints, 1 of which fail" in out.getvalue()
    assert "alone    median 0.10, p99 0.20" in out.getvalue()
    assert "Nothing is lost." in out.getvalue()


def test_the_command_fails_on_a_loss(settings: Any) -> None:
    settings.BANKOPS_DELIVERY_DRILL = f"{__name__}.it_did_not_hold"
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("delivery_drill", stdout=out)
    assert ended.value.code == 1
    assert "lost                      1" in out.getvalue()
    assert "never_fanned_out: here" in out.getvalue()


@pytest.mark.parametrize("options", [{"events": 2}, {"endpoints": 0}, {"kills": -1}, {"per_second": 0.0}])
def test_what_cannot_be_drilled_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(CommandError):
        call_command("delivery_drill", **options)


def it_held(**_asked: Any) -> Report:
    return HELD


def it_did_not_hold(**_asked: Any) -> Report:
    return replace(HELD, judgement=replace(HELD.judgement, lost=1, findings=[Finding("never_fanned_out", "here")]))
