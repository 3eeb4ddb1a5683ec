"""`manage.py approval_matrix`: who gets through which door, tried in a database of its own."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from json import dumps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from bankops.core import embedded


class Command(BaseCommand):
    help = (
        "Try every door of the back office as everybody, in a scratch database that is destroyed afterwards. "
        "Status 1 when anything forbidden got through, or a door is not listed. Needs the right to create databases."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="everything, for a machine")
        parser.add_argument("--write", metavar="FILE", type=Path, help="for instance docs/approval-matrix.md")
        parser.add_argument("--door", metavar="TEXT", default="", help="try only doors whose name contains it")

    def handle(self, *, json: bool, write: Path | None, door: str, **options: Any) -> None:
        # The composition root tries the doors, because it alone knows every app.
        with embedded.lease(embedded.needed()):
            report = import_string(settings.BANKOPS_APPROVAL_MATRIX)(about=door)
        if write:
            write.write_text(report.as_markdown())
        self.stdout.write(dumps(report.as_json(), indent=2, ensure_ascii=False) if json else report.as_text())
        if not report.holds():
            sys.exit(1)
