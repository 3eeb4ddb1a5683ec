"""The end of the business day: in order, once, and again where it failed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, date, datetime
from io import StringIO
from threading import Event

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from bankops.core import clock, end_of_day, tasks
from bankops.core.end_of_day import Step, run_end_of_day
from bankops.core.models import AuditEvent, EndOfDayRun, EndOfDayStep, RunState, StepState
from tests.committed import at_once
from tests.elsewhere import LONG, Meeting
from tests.unchanged import refused, refused_by_database

FRIDAY, SATURDAY, SUNDAY = date(2026, 3, 6), date(2026, 3, 7), date(2026, 3, 8)
LATE = datetime(2026, 3, 8, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No steps but those a test registers; what they did, in order."""
    done: list[str] = []
    monkeypatch.setattr(end_of_day, "_steps", {})
    return done


def count(done: list[str], name: str) -> Callable[[date, datetime], dict[str, int]]:
    def run(business_date: date, now: datetime) -> dict[str, int]:
        done.append(f"{name} {business_date:%d}")
        return {"things": 3}

    return run


def fail(business_date: date, now: datetime) -> dict[str, int]:
    raise RuntimeError("the secret balance is 42")


def end(day: date = FRIDAY, today: date = SUNDAY) -> EndOfDayRun:
    return run_end_of_day(business_date=day, today=today, now=lambda: LATE)


def states(run: EndOfDayRun) -> dict[str, str]:
    return dict(run.steps.values_list("name", "state"))


@pytest.mark.django_db
def test_steps_are_done_in_their_order_and_recorded(steps: list[str]) -> None:
    end_of_day.register(Step("second", 20, count(steps, "second")))
    end_of_day.register(Step("first", 10, count(steps, "first")))
    run = end()
    assert (steps, run.state, run.finished_at) == (["first 06", "second 06"], RunState.DONE, LATE)
    assert list(run.steps.order_by("position").values_list("counts", flat=True)) == [{"things": 3}] * 2
    event = AuditEvent.objects.get(event_type="core.end_of_day.completed")
    assert event.detail["steps"]["first"] == {"state": "DONE", "things": 3}


@pytest.mark.django_db
def test_a_failing_step_stops_those_that_need_it_and_no_other(steps: list[str]) -> None:
    end_of_day.register(Step("accrue", 10, fail))
    end_of_day.register(Step("post", 20, count(steps, "post"), needs=("accrue",)))
    end_of_day.register(Step("other", 30, count(steps, "other")))
    run = end()
    assert states(run) == {"accrue": StepState.FAILED, "post": StepState.BLOCKED, "other": StepState.DONE}
    assert (steps, run.state) == (["other 06"], RunState.FAILED)
    assert AuditEvent.objects.filter(event_type="core.end_of_day.failed").count() == 1
    assert "42" not in run.steps.get(name="accrue").error


@pytest.mark.django_db
def test_run_again_it_does_only_what_is_not_done(steps: list[str]) -> None:
    end_of_day.register(Step("done", 10, count(steps, "done")))
    end_of_day.register(Step("accrue", 20, fail))
    end_of_day.register(Step("post", 30, count(steps, "post"), needs=("accrue",)))
    end()
    end_of_day.register(Step("accrue", 20, count(steps, "accrue")))
    run = end()
    assert steps == ["done 06", "accrue 06", "post 06"]
    assert (run.state, run.attempts, EndOfDayRun.objects.count()) == (RunState.DONE, 2, 1)


@pytest.mark.django_db
def test_days_are_ended_in_order_and_none_is_left_out(steps: list[str]) -> None:
    end_of_day.register(Step("step", 10, count(steps, "step")))
    assert end_of_day.days_to_end(FRIDAY) == [FRIDAY]  # the first day this bank ever ends
    end(FRIDAY)
    assert end_of_day.days_to_end(SUNDAY) == [SATURDAY, SUNDAY]
    EndOfDayRun.objects.update(state=RunState.FAILED)
    assert end_of_day.days_to_end(SUNDAY) == [FRIDAY, SATURDAY, SUNDAY]
    end(SUNDAY)
    with refused("business_day_passed_over"):
        end(SATURDAY)
    with refused("business_day_not_reached"):
        end(SUNDAY, today=SATURDAY)


@pytest.mark.django_db
def test_the_command_catches_up_and_exits_1_when_a_step_failed(
    steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: LATE)
    end_of_day.register(Step("step", 10, count(steps, "step")))
    out = StringIO()
    call_command("end_of_day", "--date", "2026-03-06", stdout=out)
    call_command("end_of_day", stdout=out)
    assert steps == ["step 06", "step 07", "step 08"]
    assert "✓ step: things 3" in out.getvalue()
    call_command("end_of_day", stdout=out)
    assert "Every day up to 2026-03-08 has ended." in out.getvalue()
    end_of_day.register(Step("bad", 20, fail))
    with pytest.raises(SystemExit):
        call_command("end_of_day", "--date", "2026-03-08", stdout=out)
    assert "✗ bad: RuntimeError" in out.getvalue()


@pytest.mark.django_db
def test_the_worker_ends_the_day_after_the_hour_and_gives_up_after_three_tries(
    steps: list[str], monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(clock, "now", lambda: LATE)
    end_of_day.register(Step("step", 10, count(steps, "step")))
    settings.BANKOPS_END_OF_DAY_HOUR = 24
    tasks.end_business_day()
    assert steps == ["step 07"]  # 23:30 is before that hour, so yesterday is the last day that is over
    settings.BANKOPS_END_OF_DAY_HOUR = 23
    tasks.end_business_day()
    tasks.end_business_day()
    assert steps == ["step 07", "step 08"]
    end_of_day.register(Step("step", 10, fail))
    monkeypatch.setattr(clock, "now", lambda: LATE.replace(day=9))
    for _ in range(5):
        tasks.end_business_day()
    assert EndOfDayRun.objects.get(business_date=date(2026, 3, 9)).attempts == 3


@pytest.mark.usefixtures("committed_db")
def test_two_processes_cannot_end_a_day_at_once(steps: list[str]) -> None:
    other_has_ended = Event()

    def slow(business_date: date, now: datetime) -> dict[str, int]:
        assert other_has_ended.wait(LONG)
        return count(steps, "slow")(business_date, now)

    def end_and_say_so() -> EndOfDayRun:
        try:
            return end()
        finally:
            other_has_ended.set()

    end_of_day.register(Step("slow", 10, slow))
    results = at_once(end_and_say_so, end_and_say_so)
    assert sorted(type(result).__name__ for result in results) == ["EndOfDayRun", "EndOfDayRunning"]
    assert steps == ["slow 06"]


@pytest.mark.usefixtures("committed_db")
def test_twin_without_the_lock_the_step_is_done_twice(steps: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    both = Meeting(2)

    def slow(business_date: date, now: datetime) -> dict[str, int]:
        both()
        return count(steps, "slow")(business_date, now)

    EndOfDayRun.objects.create(business_date=FRIDAY, state=RunState.RUNNING, started_at=LATE)
    EndOfDayStep.objects.create(
        run=EndOfDayRun.objects.get(), name="slow", position=10, state=StepState.FAILED, started_at=LATE
    )
    end_of_day.register(Step("slow", 10, slow))
    monkeypatch.setattr(end_of_day, "alone", nullcontext)
    at_once(end, end)
    assert steps == ["slow 06", "slow 06"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("UPDATE core_endofdayrun SET state = 'MAYBE'", "end_of_day_state_known"),
        ("UPDATE core_endofdaystep SET state = 'MAYBE'", "end_of_day_step_state_known"),
        (
            (
                "INSERT INTO core_endofdayrun (business_date, state, attempts, started_at) "
                " SELECT business_date, state, 1, started_at FROM core_endofdayrun"
            ),
            "end_of_day_once",
        ),
        (
            (
                "INSERT INTO core_endofdaystep (run_id, name, position, state, counts, error, started_at)"
                " SELECT run_id, name, position, state, counts, error, started_at FROM core_endofdaystep"
            ),
            "end_of_day_step_once",
        ),
    ],
    ids=lambda value: value if "_" in value and " " not in value else "",
)
def test_the_database_holds_what_a_run_is(steps: list[str], change: str, constraint: str) -> None:
    end_of_day.register(Step("step", 10, count(steps, "step")))
    end()
    with refused_by_database(constraint), connection.cursor() as cursor:
        cursor.execute(change)
