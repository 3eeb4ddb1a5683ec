"""The end of the business day: steps that apps register, done in order, once per date. docs/end-of-day.md.

    end_of_day.register(Step(name="standing_orders", order=20, run=pay_what_is_due))

A step is idempotent for its business date: what it has done it does not do again, so a run that broke off or failed is
simply run again. A step that fails stops those that say they need it, and no other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core import audit
from bankops.core.actor import Actor
from bankops.core.errors import BankOpsError
from bankops.core.models import EndOfDayRun, EndOfDayStep, RunState, StepState

logger = logging.getLogger(__name__)

ACTOR = Actor.system("end_of_day")
ENDED = audit.event_type("core.end_of_day.completed", _("Business day ended"))
FAILED = audit.event_type("core.end_of_day.failed", _("End of the business day failed"))
ONE_DAY = timedelta(days=1)
_LOCK = "end_of_day"


class EndOfDayRunning(BankOpsError):
    code = "end_of_day_running"
    message = _("Another process is ending the business day at this moment. Wait until it is done.")
    http_status = 409


class DayNotReached(BankOpsError):
    code = "business_day_not_reached"
    message = _("%(date)s has not come yet. Only a day that is over, or today, can be ended.")


class DayPassedOver(BankOpsError):
    code = "business_day_passed_over"
    message = _("%(date)s was never ended, and a later day was (%(last)s). Days are ended in order.")


@dataclass(frozen=True, slots=True)
class Step:
    """Something to be done at the end of every business day.

    Attributes:
        name: stable, unique.
        order: steps are done in this order.
        run: given the business date and the time, does it and returns what it did in numbers. Owns its transactions.
        needs: names of the steps without which it must not run on that day.
        label: what people call it.
        counted: what its numbers count, in words, by their keys.

    """

    name: str
    order: int
    run: Callable[[date, datetime], Mapping[str, int]]
    needs: tuple[str, ...] = ()
    label: str | Promise = ""
    counted: Mapping[str, str | Promise] = field(default_factory=dict)


Watcher = Callable[[date, Step, EndOfDayStep], None]
"""Told of each step when it is over."""

_steps: dict[str, Step] = {}


def register(step: Step) -> None:
    """Have `step` done at the end of every business day. Called from an app's `ready()`."""
    _steps[step.name] = step


def registered() -> list[Step]:
    """Return the steps in the order in which they are done."""
    return sorted(_steps.values(), key=lambda step: (step.order, step.name))


def label_of(name: str) -> str:
    """Return what people call a step; its name where there is no such step any more."""
    step = _steps.get(name)
    return str(step.label) if step and step.label else name


def counted_by(row: EndOfDayStep) -> list[tuple[str, int]]:
    """Return what a step did: what was counted, in words, and how many."""
    step = _steps.get(row.name)
    words = step.counted if step else {}
    return [(str(words.get(key, key)), number) for key, number in row.counts.items()]


def days_to_end(until: date) -> list[date]:
    """Return the business dates to be ended up to `until`: those after the last that was, beginning with one that failed.

    A bank that never ended a day begins with `until`.
    """
    unfinished = EndOfDayRun.objects.exclude(state=RunState.DONE).filter(business_date__lte=until)
    last = EndOfDayRun.objects.order_by("-business_date").values_list("business_date", flat=True).first()
    waiting = set(unfinished.values_list("business_date", flat=True))
    first = last + ONE_DAY if last else until
    waiting |= {first + days * ONE_DAY for days in range((until - first).days + 1)}
    return sorted(waiting)


def run_end_of_day(
    *, business_date: date, today: date, now: Callable[[], datetime], watch: Watcher = lambda day, step, row: None
) -> EndOfDayRun:
    """End one business day and return its run, which says whether every step is done.

    Steps that an earlier run of the day has done are not done again. Writes `core.end_of_day.completed` or `….failed`.

    :param today: the bank's present day.
    :param now: read when a step begins and ends.
    :raises EndOfDayRunning: when another process is at it.
    :raises DayNotReached: for a day after `today`.
    :raises DayPassedOver: for a day that was never ended before a later one.
    """
    if business_date > today:
        raise DayNotReached(date=business_date.isoformat())
    with alone():
        run = _begin(business_date, now())
        for step in registered():
            row = _do(run, step, now)
            watch(business_date, step, row)
        return _finish(run, now())


@contextmanager
def alone() -> Iterator[None]:
    """Hold the lock of this job for the length of the connection's work, across its transactions.

    :raises EndOfDayRunning: when another process has it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [_LOCK])
        if not cursor.fetchone()[0]:
            raise EndOfDayRunning
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [_LOCK])


@transaction.atomic
def _begin(business_date: date, now: datetime) -> EndOfDayRun:
    run = EndOfDayRun.objects.filter(business_date=business_date).first()
    if run is None:
        _check_order(business_date)
        run = EndOfDayRun(business_date=business_date, started_at=now)
    run.state = RunState.RUNNING
    run.attempts += 1
    run.finished_at = None
    run.save()
    return run


def _check_order(business_date: date) -> None:
    later = EndOfDayRun.objects.filter(business_date__gt=business_date).order_by("-business_date").first()
    if later:
        raise DayPassedOver(date=business_date.isoformat(), last=later.business_date.isoformat())


def _do(run: EndOfDayRun, step: Step, now: Callable[[], datetime]) -> EndOfDayStep:
    row = EndOfDayStep.objects.filter(run=run, name=step.name).first() or EndOfDayStep(run=run, name=step.name)
    if row.state == StepState.DONE:
        return row
    row.position, row.started_at, row.finished_at, row.error = step.order, now(), None, ""
    missing = _not_done(run, step)
    row.state = StepState.BLOCKED if missing else StepState.RUNNING
    row.error = ", ".join(missing)
    row.save()
    if not missing:
        _carry_out(run, step, row)
        row.finished_at = now()
        row.save()
    return row


def _not_done(run: EndOfDayRun, step: Step) -> list[str]:
    done = run.steps.filter(name__in=step.needs, state=StepState.DONE).values_list("name", flat=True)
    return sorted(set(step.needs) - set(done))


def _carry_out(run: EndOfDayRun, step: Step, row: EndOfDayStep) -> None:
    try:
        row.counts = dict(step.run(run.business_date, row.started_at))
        row.state = StepState.DONE
    except Exception as error:  # whatever a step meets must not stop the steps that do not need it
        logger.exception("end of day: step %s of %s failed", step.name, run.business_date)
        row.state = StepState.FAILED
        row.error = f"{error.code}: {error}"[:500] if isinstance(error, BankOpsError) else type(error).__name__


@transaction.atomic
def _finish(run: EndOfDayRun, now: datetime) -> EndOfDayRun:
    steps = {row.name: row for row in run.steps.order_by("position", "name")}
    whole = all(row.state == StepState.DONE for row in steps.values())
    run.state, run.finished_at = (RunState.DONE if whole else RunState.FAILED), now
    run.save()
    audit.record(
        ENDED if whole else FAILED,
        actor=ACTOR,
        subject=audit.Subject("end_of_day", run.public_id, run.public_id),
        now=now,
        detail={
            "attempt": run.attempts,
            "steps": {name: {"state": str(row.state), **row.counts} for name, row in steps.items()},
        },
    )
    return run
