"""`manage.py train_score_model`: learn a score from what people decided, and keep it as a candidate."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.errors import BankOpsError
from risk.score.training import Trained, train
from risk.score.wording import calibration_in_words, quality_in_words
from risk.selectors.score_labels import labelled
from risk.services.score_models import register_model


class Command(BaseCommand):
    help = (
        "Learn a score model from past movements whose alerts are closed and a sample of those without an alert, measure it on "
        "the latest of them, and keep it as a candidate. It scores nothing until people ask for it under Risk › Score models."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=365, help="how far back movements are read (365)")
        parser.add_argument("--sample", type=int, default=30_000, help="of movements without an alert (30000)")
        parser.add_argument(
            "--capacity",
            type=int,
            default=settings.BANKOPS_RISK_CAPACITY,
            help="of 10,000 movements, how many the desk can look at",
        )
        parser.add_argument("--dry-run", action="store_true", help="print how good it is, and keep nothing")

    def handle(self, *args: Any, days: int, sample: int, capacity: int, dry_run: bool, **options: Any) -> None:
        now = clock.now()
        try:
            trained = _trained(now, days, sample, capacity)
        except BankOpsError as refusal:
            raise CommandError(str(refusal)) from refusal
        self._tell(trained)
        if dry_run:
            self.stdout.write(_("Nothing is kept."))
            return
        model = register_model(trained=trained, actor=Actor.system("train_score_model"), now=now)
        self.stdout.write(_("Score model %(number)s is kept as a candidate.") % {"number": model.number})

    def _tell(self, trained: Trained) -> None:
        for name, part in trained.parts.items():
            told = part.as_json()
            self.stdout.write(
                f"{name}: {told['since']} – {told['until']}, {told['confirmed']} / {told['not_confirmed']}"
            )
        rules = quality_in_words(trained.rules_quality.as_json())
        for label, figure in quality_in_words(trained.model_quality.as_json()).items():
            self.stdout.write(
                _("%(label)s: %(figure)s (rules alone %(rules)s)") % {**_of(label, figure), "rules": rules[label]}
            )
        for line in [*calibration_in_words(trained.calibration), *trained.model.in_words()]:
            self.stdout.write(line)


def _of(label: str, figure: str) -> dict[str, str]:
    return {"label": label, "figure": figure}


def _trained(now: datetime, days: int, sample: int, capacity: int) -> Trained:
    rows = list(labelled(since=now - timedelta(days=days), until=now, sample=sample))
    return train(rows, capacity=capacity)
