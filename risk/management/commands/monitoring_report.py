"""`manage.py monitoring_report`: what monitoring finds of labelled patterns within a real bank's traffic."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from bankops.core.errors import BankOpsError
from risk.patterns.settings import Settings
from risk.patterns.trial import background
from risk.patterns.trial.measuring import Line, Measured, measure
from risk.patterns.trial.mixing import RATES, mix
from risk.patterns.trial.pattern_file import read_patterns
from risk.patterns.trial.placing import Placing

PLACINGS = {
    "own_accounts": Placing(),
    "attached": Placing(attached=True),
    "attached_and_spread": Placing(attached=True, spread_days=180),
}


class Command(BaseCommand):
    help = (
        "Mix the labelled patterns of DIR/laundering_patterns.json into the transactions of a real bank, feed them to "
        "monitoring day by day, and print what it finds and how many alerts it raises. Changes nothing (docs/monitoring.md)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path, metavar="DIR", help="Where laundering_patterns.json is.")
        parser.add_argument(
            "--background", type=Path, metavar="DIR2", help="Where trans.asc of the bank is. Without it DIR/../berka."
        )
        parser.add_argument("--seed", type=int, default=0, help="Of what is drawn at random for the harder tables.")
        parser.add_argument("--json", action="store_true", help="Print it as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        directory: Path = options["directory"]
        try:
            results = measured(directory, options["background"] or directory.parent / "berka", seed=options["seed"])
        except BankOpsError as refusal:
            raise CommandError(f"{refusal} [{refusal.code}]") from refusal
        self.stdout.write(_as_json(results) if options["json"] else "\n".join(_as_text(results)))


def measured(directory: Path, background_directory: Path, *, seed: int) -> dict[str, Measured]:
    patterns = read_patterns(directory)
    rows = background.read_background(background_directory)
    settings = Settings(own_accounts=background.own_accounts())
    return {
        name: measure(mix(patterns, rows, Placing(placing.attached, placing.spread_days, seed)), settings)
        for name, placing in PLACINGS.items()
    }


def _as_json(results: dict[str, Measured]) -> str:
    told = {name: {**asdict(one), "per_ten_thousand": round(one.per_ten_thousand, 1)} for name, one in results.items()}
    return json.dumps(told, indent=2, ensure_ascii=False)


def _as_text(results: dict[str, Measured]) -> Iterator[str]:
    yield _(
        "Patterns are moved by whole days, so that the last ends on the background's last day. Amounts are converted by constant "
        "rates (%(rates)s to the US dollar), then scaled by one factor, so that the median transfer is that of the background. "
        "Found: one alert holds at least half of the pattern's transfers; together: all alerts do. An alert of which less than "
        "half belongs to patterns finds none. An alert that grows counts once."
    ) % {"rates": ", ".join(f"{name} {rate:f}" for name, rate in RATES.items() if rate != 1)}
    titles = {
        "own_accounts": _("Patterns keep their accounts, which are apart from the background's"),
        "attached": _("Patterns attached to accounts of the background, drawn at random; all in the same days"),
        "attached_and_spread": _("Patterns attached to accounts of the background, and spread over its last 180 days"),
    }
    for name, one in results.items():
        yield ""
        yield titles[name]
        yield from _table(one)


def _table(one: Measured) -> Iterator[str]:
    yield _row(_("family"), _("patterns"), _("found"), _("recall"), _("together"))
    halves = ((one.developed_on, _("half developed on")), (one.unseen, _("the other half")), (one.total, _("all")))
    for line, name in (*((line, line.family) for line in one.lines), *halves):
        yield _figures(line, name)
    yield _(
        "%(alerts)s alerts over %(transfers)s transactions: %(rate).1f per 10,000. %(beside)s touch no pattern. The largest "
        "holds %(most)s transfers."
    ) % {
        "alerts": one.alerts,
        "transfers": one.transfers,
        "rate": one.per_ten_thousand,
        "beside": one.beside,
        "most": one.most_transfers,
    }


def _figures(line: Line, name: str) -> str:
    recall = f"{line.recall:.0%}" if line.patterns else "–"
    return _row(name, str(line.patterns), str(line.found), recall, str(line.together))


def _row(name: str, *columns: str) -> str:
    return f"{name:<20}" + "".join(f"{column:>10}" for column in columns)
