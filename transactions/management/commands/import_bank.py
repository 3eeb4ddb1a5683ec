"""`manage.py import_bank`: load another bank's customers, accounts and history. docs/bank-import.md."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.errors import BankOpsError
from transactions.bank_import.loader import import_bank
from transactions.bank_import.profile_file import known_profiles, load_profile
from transactions.bank_import.report import Report
from transactions.bank_import.rows import Rejection
from transactions.standing_orders.wording import why_not

ACTOR = Actor.system("import_bank")


class Command(BaseCommand):
    help = "Load another bank from its files. Safe to repeat: what is there already is not written again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = ", ".join(known_profiles())
        parser.add_argument(
            "--profile", required=True, help=f"What the files mean: {known}, or a .toml file (docs/bank-import.md)."
        )
        parser.add_argument("directory", type=Path, metavar="DIR", help="Where the bank's files are.")
        parser.add_argument(
            "--pay-standing-orders",
            action="store_true",
            help="Standing orders begin in this month instead of the next: pay what of it is due up to today.",
        )
        parser.add_argument("--report", type=Path, metavar="FILE.json", help="Write the whole report here.")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        try:
            report = _load(options["profile"], options["directory"], pay_orders=options["pay_standing_orders"])
        except BankOpsError as refusal:
            raise CommandError(f"{refusal} [{refusal.code}]") from refusal
        report.seconds = time.monotonic() - started
        if options["report"]:
            options["report"].write_text(json.dumps(report.as_dict(), indent=2, ensure_ascii=False) + "\n")
        self.stdout.write(_as_text(report))


def _load(profile: str, directory: Path, *, pay_orders: bool) -> Report:
    # Quiet where nobody watches: tqdm itself tells a terminal from a file.
    with tqdm(unit=" rows", disable=None, file=sys.stderr) as bar:

        def advance(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        return import_bank(
            profile=load_profile(profile),
            directory=directory,
            actor=ACTOR,
            now=clock.now(),
            progress=advance,
            pay_orders=pay_orders,
        )


def _as_text(report: Report) -> str:
    numbers = report.as_dict()
    lines = [
        _("%(bank)s: %(rows_read)s rows read, %(posted)s posted, %(already_posted)s posted before."),
        _(
            "Our balance after each row, beside the bank's: %(matched_to_the_cent)s matched to the cent, "
            "%(off_by_rounding)s off by the bank's own rounding, %(not_chaining)s not chaining, %(rejected)s rejected."
        ),
        _("%(seconds)s seconds, %(rows_per_second)s rows per second."),
    ]
    return "\n".join([*(line % numbers for line in lines), *_files(numbers), *map(_rejection, report.rejections)])


def _files(numbers: dict[str, Any]) -> list[str]:
    counts = _("%(created)s new, %(already_there)s there before, %(rejected)s rejected")
    labels = {
        "branches": _("Branches"),
        "customers": _("Customers"),
        "accounts": _("Accounts"),
        "parties": _("Owners and disponents"),
        "standing_orders": _("Standing orders"),
    }
    return [f"{label}: {counts % numbers[role]}." for role, label in labels.items() if role in numbers] + _paid(numbers)


def _paid(numbers: dict[str, Any]) -> list[str]:
    if "paid_orders" not in numbers:
        return []
    text = _(
        "Standing orders due from %(from)s to %(through)s: %(due)s. Paid: %(paid)s, %(amount_paid)s in all; "
        "to be tried again: %(waiting)s; skipped: %(skipped)s."
    )
    refusals = [f"  {count}: {why_not(code)}" for code, count in sorted(numbers["paid_orders"]["refusals"].items())]
    return [text % numbers["paid_orders"], *refusals]


def _rejection(rejection: Rejection) -> str:
    place = _("%(file)s, line %(line)s") % {"file": rejection.file, "line": rejection.line}
    column = f", {rejection.column}" if rejection.column else ""
    return _("REJECTED %(place)s: %(reason)s") % {"place": place + column, "reason": rejection.reason}
