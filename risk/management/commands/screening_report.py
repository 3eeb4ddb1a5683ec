"""`manage.py screening_report DIR`: how many listed names screening finds, and how many others it takes for them."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from bankops.core.errors import BankOpsError
from risk.lists.folder import read_folder
from risk.names import measuring
from risk.names.entry import Entry
from risk.names.measuring import ScoredPair, Screened, Tally
from risk.names.samples import ListedPerson, Samples, read_samples
from risk.names.scoring import NAME_ALONE, THRESHOLD
from risk.names.screener import Screener

# Published for OpenSanctions' own matcher over its full set of pairs at its threshold of 0.7: nomenklatura,
# contrib/name_bench/run_data/logicv2-frozen.csv, commit 502208c.
_LOGIC_V2 = (0.762, 0.821)
_SMALLEST_GROUP = 5
_ROW = "{:<44} {:>7} {:>10} {:>10} {:>8} {:>8}"


class Command(BaseCommand):
    help = (
        "Print recall, precision and false alarms of name screening on a folder of samples: labelled_pairs.csv, "
        "un_listed_people_with_typos.csv (with _clean), not_listed_people.csv; those that are there. Reads "
        "only; the database is not asked."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="The folder of samples.")
        parser.add_argument(
            "--lists",
            type=Path,
            metavar="DIR",
            help="The folder of OFAC's and the UN's files (sanctions beside the samples' folder).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            samples = read_samples(folder)
            entries = read_folder(options["lists"] or folder.resolve().parent / "sanctions")
        except BankOpsError as error:
            raise CommandError(f"{error} ({error.code})") from error
        screener = Screener(entries)
        self._say(
            _(
                "Lists: %(entries)s entries, %(names)s names. Shipped threshold: %(alone).2f by name alone, "
                "%(threshold).2f where a date of birth or a country speaks for it."
            )
            % {
                "entries": len(entries),
                "names": sum(len(entry.names) for entry in entries),
                "alone": NAME_ALONE,
                "threshold": THRESHOLD,
            }
        )
        self._pairs(samples, screener)
        self._people(samples, screener, entries)

    def _say(self, text: str) -> None:
        self.stdout.write(text)

    def _pairs(self, samples: Samples, screener: Screener) -> None:
        if not samples.pairs:
            self._say(_("Labelled pairs: no file, not measured."))
            return
        scored = measuring.score_pairs(samples.pairs, screener.rarities)
        head = (_("Labelled pairs"), _("pairs"), _("precision"), _("recall"), _("alarms"), _("missed"))
        self._say("\n" + _ROW.format(*head))
        self._tally(_("this screening"), len(scored), measuring.tally(scored))
        self._tally(_("equal words, on the same pairs"), len(scored), measuring.tally_equal_words(samples.pairs))
        self._say(
            _ROW.format(
                _("logic-v2, as published over its full set"), "", *(f"{figure:.3f}" for figure in _LOGIC_V2), "", ""
            )
        )
        for half in (0, 1):
            self._group(_("half %(half)s by hash") % {"half": half}, [one for one in scored if one.pair.half == half])
        for name, group in measuring.by(scored, lambda pair: pair.schema).items():
            self._group(_("schema %(name)s") % {"name": name}, group)
        for name, group in measuring.by(scored, lambda pair: pair.category).items():
            if len(group) >= _SMALLEST_GROUP:
                self._group(_("category %(name)s") % {"name": name}, group)
        for threshold in measuring.CURVE:
            self._tally(
                _("threshold %(value).2f") % {"value": threshold}, len(scored), measuring.tally(scored, threshold)
            )

    def _group(self, name: str, scored: list[ScoredPair]) -> None:
        self._tally(name, len(scored), measuring.tally(scored))

    def _tally(self, name: str, pairs: int, tally: Tally) -> None:
        self._say(
            _ROW.format(
                name[:44], pairs, _figure(tally.precision), _figure(tally.recall), tally.false_alarms, tally.missed
            )
        )

    def _people(self, samples: Samples, screener: Screener, entries: list[Entry]) -> None:
        known = measuring.EqualWords(entries)
        listed, others = samples.listed, [ListedPerson(subject, None) for subject in samples.not_listed]
        for name, people in ((_("Listed people, misspelt"), listed), (_("People on no list"), others)):
            if not people:
                self._say("\n" + _("%(name)s: no file, not measured.") % {"name": name})
                continue
            equal = sum(bool(known.find(person.subject.name)) for person in people)
            self._say("\n" + _("%(name)s: %(people)s") % {"name": name, "people": len(people)})
            self._screened(_("with birth date and country"), measuring.screen_people(people, screener, known))
            self._screened(
                _("by name alone"), measuring.screen_people(measuring.by_name_alone(people), screener, known)
            )
            self._say(
                _("  equal words, on the same people: %(hit)s have a hit (%(share).3f)")
                % {"hit": equal, "share": equal / len(people)}
            )

    def _screened(self, how: str, screened: Screened) -> None:
        self._say(
            _("  %(how)s: %(hit)s have a hit (%(share).4f); median %(median).2f ms, p99 %(p99).2f ms a name")
            % {
                "how": how,
                "hit": screened.hit,
                "share": screened.share,
                "median": screened.percentile(50),
                "p99": screened.percentile(99),
            }
        )
        if screened.expected:
            self._say(
                _("    of %(expected)s whose own entry is known, %(right)s met that one (%(share).4f)")
                % {"expected": screened.expected, "right": screened.right, "share": screened.right / screened.expected}
            )


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
