"""`manage.py roll_up_turnover`: add up the turnover by day that statements begin with. docs/statements.md."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from transactions import services


class Command(BaseCommand):
    help = "Add up what was posted since the last run, by account and booking date. Runs by itself every ten minutes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--afresh", action="store_true", help="Forget the sums and add up the whole history.")

    def handle(self, *args: Any, **options: Any) -> None:
        done = services.roll_up_turnover_afresh() if options["afresh"] else services.roll_up_turnover()
        self.stdout.write(
            _("%(postings)s postings on %(accounts)s accounts added up.")
            % {"postings": done.postings, "accounts": done.accounts}
        )
