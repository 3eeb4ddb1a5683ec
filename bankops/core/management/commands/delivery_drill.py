"""`manage.py delivery_drill`: prove that no event is lost on its way to partners, while those who send are killed."""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser
from json import dumps
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from bankops.core import embedded


class Command(BaseCommand):
    help = (
        "Announce events to endpoints, a third of which fail in every way, while senders are killed and the broker is "
        "emptied, in a scratch database that is destroyed afterwards. Status 1 when an event neither arrived nor is a dead "
        "letter with a reason, or when endpoints that behave waited for others. Needs the right to create databases."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--events", type=int, default=10_000)
        parser.add_argument("--endpoints", type=int, default=50)
        parser.add_argument("--kills", type=int, default=100, help="of processes that send")
        parser.add_argument("--flushes", type=int, default=5, help="of the broker")
        parser.add_argument("--per-second", type=float, default=40.0, help="events announced")
        parser.add_argument("--seed", type=int, default=1, help="the same victims again, if not the same moments")
        parser.add_argument("--json", action="store_true", help="everything, for a machine")

    def handle(self, *, json: bool, **options: Any) -> None:
        _refuse_impossible(options)
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops us, the database is dropped
        with embedded.lease(embedded.needed()):
            report = import_string(settings.BANKOPS_DELIVERY_DRILL)(
                events=options["events"],
                endpoints=options["endpoints"],
                kills=options["kills"],
                flushes=options["flushes"],
                per_second=options["per_second"],
                seed=options["seed"],
                say=self.stderr.write,
            )
        self.stdout.write(dumps(report.as_json(), indent=2) if json else report.as_text())
        if not report.holds:
            sys.exit(1)


def _refuse_impossible(options: dict[str, Any]) -> None:
    if options["events"] < 3 or options["endpoints"] < 1 or options["per_second"] <= 0:
        raise CommandError("Events are 3 or more, endpoints 1 or more, events a second more than 0.")
    if min(options["kills"], options["flushes"]) < 0:
        raise CommandError("Kills and flushes are 0 or more.")
    if settings.BANKOPS_WEBHOOK_HTTPS_ONLY:
        raise CommandError(
            "The drill's receivers are on this machine and speak plain HTTP, which these settings refuse. Run it with the "
            "development settings."
        )
