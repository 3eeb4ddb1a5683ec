"""`manage.py permission_matrix`: who may do what, as a page to read."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from staff.matrix import as_markdown


class Command(BaseCommand):
    help = "Print the permission matrix as Markdown, or write it to a file. Needs a migrated database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write", metavar="FILE", type=Path, help="Write here, for instance docs/permissions.md.")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            text = as_markdown()
        if options["write"]:
            options["write"].write_text(text)
        else:
            self.stdout.write(text)
