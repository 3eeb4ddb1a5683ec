"""`manage.py end_of_day`: end the business days that are over and not ended yet."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from bankops.core import clock, end_of_day
from bankops.core.end_of_day import Step
from bankops.core.errors import BankOpsError
from bankops.core.models import EndOfDayStep, RunState, StepState


class Command(BaseCommand):
    help = (
        "End every business day up to today that is not ended yet (docs/end-of-day.md). Safe to run again: what is done is "
        "not repeated. Exits 1 when a step failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--date", type=date.fromisoformat, metavar="YYYY-MM-DD", help="End this one day only.")

    def handle(self, *args: Any, **options: Any) -> None:
        today = clock.business_date(clock.now())
        days = [options["date"]] if options["date"] else end_of_day.days_to_end(today)
        if not days:
            self.stdout.write(_("Every day up to %(date)s has ended.") % {"date": today.isoformat()})
        # Quiet where nobody watches: tqdm itself tells a terminal from a file.
        with tqdm(total=len(days) * len(end_of_day.registered()), unit=" steps", disable=None, file=sys.stderr) as bar:
            for day in days:
                self._end(day, today, bar)

    def _end(self, day: date, today: date, bar: Any) -> None:
        def watch(of: date, step: Step, _row: EndOfDayStep) -> None:
            bar.update()
            bar.set_description(f"{of} {step.name}")

        try:
            run = end_of_day.run_end_of_day(business_date=day, today=today, now=clock.now, watch=watch)
        except BankOpsError as refusal:
            raise CommandError(f"{refusal} [{refusal.code}]") from refusal
        state = RunState(run.state)
        self.stdout.write(f"{day.isoformat()}: {state.label}")
        for row in run.steps.order_by("position", "name"):
            self.stdout.write(f"  {_line(row)}")
        if state != RunState.DONE:
            raise SystemExit(1)


def _line(row: EndOfDayStep) -> str:
    mark = "✓" if row.state == StepState.DONE else "✗"
    took = f" ({(row.finished_at - row.started_at).total_seconds():.1f} s)" if row.finished_at else ""
    counts = ", ".join(f"{name} {number}" for name, number in row.counts.items())
    return " ".join(filter(None, (mark, f"{row.name}:", row.error or counts or str(StepState(row.state).label)))) + took
