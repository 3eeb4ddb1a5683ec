"""`manage.py api_errors`: the table of every code that the partners' API answers with."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bankops.core.api import error_table


class Command(BaseCommand):
    help = "Print the codes of the API as Markdown; with --check, fail unless a file says the same."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write", metavar="FILE", type=Path, help="for instance docs/api-errors.md")
        parser.add_argument("--check", metavar="FILE", type=Path, help="status 1 when this file says something else")

    def handle(self, *, write: Path | None, check: Path | None, **options: Any) -> None:
        table = error_table.as_markdown()
        if check and (not check.exists() or check.read_text() != table):
            raise CommandError(f"{check} is out of date. Run manage.py api_errors --write {check}")
        if write:
            write.write_text(table)
        if not (check or write):
            self.stdout.write(table)
