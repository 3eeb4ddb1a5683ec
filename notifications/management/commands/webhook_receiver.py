"""`manage.py webhook_receiver`: a receiver of webhooks for trying things out."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from notifications import signing
from notifications.receiving.behaviour import Behaviour
from notifications.receiving.server import Arrival, Receiver


class Command(BaseCommand):
    help = (
        "Receive webhooks on this machine: verify their signatures, know repeats by webhook-id, show each in one line; and "
        "misbehave if told to. An address can say it too: http://127.0.0.1:8099/hooks?answer=500&every_nth=3"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8099, help="0: any that is free")
        parser.add_argument(
            "--secret",
            action="append",
            help="whsec_…, may be given twice while it is being replaced; else WEBHOOK_SECRET of the environment",
        )
        parser.add_argument("--answer", type=int, default=204, metavar="STATUS", help="for instance 302, 410, 429, 500")
        parser.add_argument("--retry-after", default="", metavar="SECONDS", help="what the answer asks for")
        parser.add_argument("--delay", type=float, default=0.0, metavar="SECONDS", help="before the answer")
        parser.add_argument("--hang", action="store_true", help="never answer")
        parser.add_argument("--drip", action="store_true", help="answer a byte now and then, for ever")
        parser.add_argument("--cut", action="store_true", help="close the connection without an answer")
        parser.add_argument("--every-nth", type=int, default=1, metavar="N", help="do so with each N-th request only")

    def handle(self, **options: Any) -> None:
        secrets = options["secret"] or os.environ.get("WEBHOOK_SECRET", "").split()
        _refuse_unusable(secrets)
        with Receiver(
            host=options["host"],
            port=options["port"],
            secrets=secrets,
            behaviour=_behaviour(options),
            tell=self._tell,
        ) as receiver:
            verifying = "signatures are verified" if secrets else "no secret given: signatures are not verified"
            self.stdout.write(f"Listening at {receiver.url()}; {verifying}. Ctrl-C ends it.")
            self.stdout.flush()
            try:
                receiver.serve_forever()
            except KeyboardInterrupt:
                self.stdout.write("Ended.")

    def _tell(self, arrival: Arrival) -> None:
        self.stdout.write(arrival.as_line())
        self.stdout.flush()


def _behaviour(options: dict[str, Any]) -> Behaviour:
    behaviour = Behaviour(
        answer=options["answer"],
        retry_after=options["retry_after"],
        delay=options["delay"],
        hang=options["hang"],
        drip=options["drip"],
        cut=options["cut"],
        every_nth=options["every_nth"],
    )
    try:
        return behaviour.at("/")
    except ValueError as error:
        raise CommandError(f"These options do not work: {error}.") from error


def _refuse_unusable(secrets: list[str]) -> None:
    try:
        if secrets:
            signing.sign(b"", event_id="", timestamp=0, secrets=secrets)
    except ValueError as error:
        raise CommandError(f"{error}. It is shown once, when the endpoint's secret is picked up: whsec_…") from error
