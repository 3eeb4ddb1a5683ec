"""`manage.py createsuperuser`: refused, with what to do instead."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from staff.errors import SuperusersDoNotExist


class Command(BaseCommand):
    help = "Refused: there are no superusers. Use create_administrator."

    def run_from_argv(self, argv: list[str]) -> None:
        super().run_from_argv(argv[:2])  # whatever options Django's own command takes, the answer is the same

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(str(SuperusersDoNotExist()))
