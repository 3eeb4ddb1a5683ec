"""`manage.py duplicate_drill`: prove that no payment is made twice, and none is lost, while workers are killed."""

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
        "Ask for payments many times over, by HTTP from several clients at once, while the server's workers are killed, "
        "in a scratch database that is destroyed afterwards. Status 1 when the books show a payment twice, or not at all, "
        "or anybody was told what is not so. Needs the right to create databases."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--attempts", type=int, default=20_000)
        parser.add_argument("--payments", type=int, default=2_000)
        parser.add_argument("--clients", type=int, default=8)
        parser.add_argument("--workers", type=int, default=2, help="of the web server")
        parser.add_argument("--kills-every", type=float, default=3.0, metavar="SECONDS", help="0: nobody is killed")
        parser.add_argument("--seed", type=int, default=1, help="the same attempts again, if not the same moments")
        parser.add_argument("--json", action="store_true", help="everything, for a machine")

    def handle(self, *, json: bool, **options: Any) -> None:
        _refuse_impossible(options)
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops us, the database is dropped
        with embedded.lease(embedded.needed()):
            report = import_string(settings.BANKOPS_DUPLICATE_DRILL)(
                attempts=options["attempts"],
                payments=options["payments"],
                clients_count=options["clients"],
                workers=options["workers"],
                kills_every=options["kills_every"],
                seed=options["seed"],
                say=self.stderr.write,
            )
        self.stdout.write(dumps(report.as_json(), indent=2) if json else report.as_text())
        if not report.holds:
            sys.exit(1)


def _refuse_impossible(options: dict[str, Any]) -> None:
    if min(options["payments"], options["clients"], options["workers"]) < 1 or options["kills_every"] < 0:
        raise CommandError("Payments, clients and workers are 1 or more, seconds between kills 0 or more.")
    if options["attempts"] < options["payments"]:
        raise CommandError("Every payment is attempted at least once: give as many attempts, or more.")
    if settings.SECURE_SSL_REDIRECT:
        raise CommandError(
            "The drill calls by plain HTTP, which these settings refuse. Run it with the development settings."
        )
