"""`manage.py demo_code`: the current one-time code of somebody in the demo, instead of a phone."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bankops.core import clock
from bankops.core.errors import BankOpsError
from staff import demo


class Command(BaseCommand):
    help = "Print the one-time code that somebody's phone would show now. Demo only; refused in production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("employee_number", help="For instance E1001.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(demo.current_code(options["employee_number"], now=clock.now()))
        except BankOpsError as refusal:
            raise CommandError(f"{refusal} ({refusal.code})") from refusal
