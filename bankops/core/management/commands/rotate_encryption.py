"""`manage.py rotate_encryption`: bring everything that is encrypted under the newest key."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from bankops.core import clock, rotation
from bankops.core.actor import Actor
from bankops.core.encryption import CannotDecrypt


class Command(BaseCommand):
    help = (
        "Write everything encrypted anew under the newest key, in batches, while the bank works. May be stopped and started"
        " again. The older keys can go when --check has nothing to say."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing; exit 1 while an older key is needed.")
        parser.add_argument("--batch", type=int, default=1_000, help="Rows locked at a time (1000).")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = {str(place): rotation.outdated(place) for place in rotation.places()}
        if not options["check"]:
            self._rotate(counts, options["batch"])
            counts = {str(place): rotation.outdated(place) for place in rotation.places()}
        self._tell(counts)
        if any(counts.values()):
            raise SystemExit(1)

    def _rotate(self, counts: dict[str, int], batch: int) -> None:
        done: dict[str, int] = {}
        try:
            # Quiet where nobody watches: tqdm itself tells a terminal from a file.
            with tqdm(total=sum(counts.values()), unit=" values", disable=None, file=sys.stderr) as bar:
                for place in rotation.places():
                    for size in rotation.rotate(place, batch=batch):
                        done[str(place)] = done.get(str(place), 0) + size
                        bar.update(size)
        except CannotDecrypt as fault:
            raise CommandError(_("%(fault)s. Put its key back, or restore the value.") % {"fault": fault}) from fault
        finally:
            if done:
                rotation.record(done, actor=Actor.system("rotate_encryption"), now=clock.now())
                self.stdout.write(_("%(count)s values written anew.") % {"count": sum(done.values())})

    def _tell(self, counts: dict[str, int]) -> None:
        for place, count in counts.items():
            if count:
                self.stdout.write(_("%(place)s: %(count)s under an older key") % {"place": place, "count": count})
        if not any(counts.values()):
            self.stdout.write(_("Everything is under the newest key."))
