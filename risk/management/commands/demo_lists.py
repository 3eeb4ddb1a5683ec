"""`manage.py demo_lists`: a fictional list for the demo, so that a customer of that name is a hit."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from bankops.core import clock
from risk.demo import load_fictional_list


class Command(BaseCommand):
    help = "Load the demo's list of people from novels. Refused outside the demo."

    def handle(self, *_args: Any, **_options: Any) -> None:
        edition = load_fictional_list(now=clock.now())
        words = {"list": edition.watch_list.label, "entries": edition.entries}
        self.stdout.write(_("%(list)s: %(entries)s entries. Register a Dmitri Karamazov to see a hit.") % words)
