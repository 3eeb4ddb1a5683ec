"""`manage.py duplicate_report`: what came in again on a business day, and what became of it."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from bankops.core import clock
from transactions.duplicates.day import FIGURES, DuplicateDay, day
from transactions.duplicates.wording import rate_in_words
from transactions.models import DuplicateDayReport


class Command(BaseCommand):
    help = (
        "Print what came in again on a business day (today): requests repeated and refused, payments held back and what "
        "became of them, and payments made twice, counted in the books. Changes nothing; exits 1 when one was made twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--date", type=date.fromisoformat, metavar="YYYY-MM-DD", help="The business day.")
        parser.add_argument("--json", action="store_true", help="Print it as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        figures = day(options["date"] or clock.business_date(clock.now()))
        self.stdout.write(_as_json(figures) if options["json"] else _as_text(figures))
        if figures.total.second_effects:
            raise SystemExit(1)


def _as_json(figures: DuplicateDay) -> str:
    total = figures.total
    told = {"date": figures.date.isoformat(), **asdict(total), "duplicate_rate": f"{total.rate:f}"}
    return json.dumps({**told, "lines": [line.as_json() for line in figures.lines]}, ensure_ascii=False)


def _as_text(figures: DuplicateDay) -> str:
    head = _("%(date)s: %(rate)s") % {"date": figures.date.isoformat(), "rate": rate_in_words(figures.total)}
    if not figures.total.came_in_again:
        return "\n".join([head, _("Nothing came in again.")])
    lines = [head]
    for line in figures.lines:
        lines.append(line.name)
        lines += [f"  {_label(name)}: {count}" for name in FIGURES if (count := getattr(line.figures, name))]
        if line.amounts:
            lines.append("  " + _("amounts held back: %(amounts)s") % {"amounts": ", ".join(map(str, _amounts(line)))})
    return "\n".join(lines)


def _amounts(line: Any) -> list[str]:
    return [money.format() for money in line.held_money]


def _label(name: str) -> str:
    columns = {column.name: column for column in DuplicateDayReport._meta.concrete_fields}
    return str(columns[name].verbose_name)
