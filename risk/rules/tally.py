"""Adding up what a rule would have done, movement by movement, so that it can be written down and gone on with at any point."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Final, Self

from risk.facts import Facts
from risk.language.errors import RuleFault
from risk.language.rule import Compiled
from risk.selectors.rule_figures import Verdict
from risk.selectors.stored_facts import Stored

SAMPLES_MAX: Final = 20
PROBLEMS_MAX: Final = 5


@dataclass(slots=True)
class Tally:
    """What was found so far. All counts are of movements.

    Attributes:
        hits, before: hit by the version that is tried, and by the one it is compared with.
        gained, lost: hit by the first alone, and by the second alone.
        untold: the version cannot tell, because a fact that may be missing is.
        problems: why it could not be evaluated, with how often; the commonest few texts.
        faults: how often in all it could not.
        days: hits of both by the bank's day: `{"2026-11-20": [3, 5]}`.
        samples: references of movements among the gained and the lost: `{"gained": [...], "lost": [...], "missed": [...]}`;
            missed are confirmed cases that it does not hit.
        known: by verdict, how many movements, how many of them it hits, how many the other hits.

    """

    hits: int = 0
    before: int = 0
    gained: int = 0
    lost: int = 0
    untold: int = 0
    faults: int = 0
    problems: dict[str, int] = field(default_factory=dict)
    days: dict[str, list[int]] = field(default_factory=dict)
    samples: dict[str, list[str]] = field(default_factory=dict)
    known: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return what `as_json` gave; an empty one from nothing."""
        return cls(**kept)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON primitives."""
        return asdict(self)

    def add(self, reference: str, day: date, hit: bool | None, before: bool, verdict: Verdict | None) -> None:
        """Count one movement.

        :param hit: None when the version cannot tell.
        :param verdict: what people found behind it, where they did.
        """
        self.untold += hit is None
        if hit or before:
            self._count_hits(reference, day.isoformat(), hit=bool(hit), before=before)
        if verdict:
            known = self.known.setdefault(verdict.value, [0, 0, 0])
            known[0] += 1
            known[1] += bool(hit)
            known[2] += before
            if verdict is Verdict.CONFIRMED and not hit:
                self._sample("missed", reference)

    def fault(self, problem: str) -> None:
        """Count a movement over which the version could not be evaluated."""
        self.faults += 1
        if problem in self.problems or len(self.problems) < PROBLEMS_MAX:
            self.problems[problem] = self.problems.get(problem, 0) + 1

    def _count_hits(self, reference: str, day: str, *, hit: bool, before: bool) -> None:
        of_day = self.days.setdefault(day, [0, 0])
        of_day[0] += hit
        of_day[1] += before
        self.hits += hit
        self.before += before
        if hit and not before:
            self.gained += 1
            self._sample("gained", reference)
        if before and not hit:
            self.lost += 1
            self._sample("lost", reference)

    def _sample(self, kind: str, reference: str) -> None:
        samples = self.samples.setdefault(kind, [])
        if len(samples) < SAMPLES_MAX:
            samples.append(reference)


def add_all(
    tally: Tally,
    movements: Iterable[Stored],
    *,
    rule: Compiled,
    compared: Compiled | None,
    verdicts: Mapping[str, Verdict],
    day_of: Callable[[datetime], date],
) -> None:
    """Add movements to a tally.

    :param day_of: returns the bank's day of a moment.
    """
    for stored in movements:
        try:
            facts = Facts.from_json(stored.facts)
            hit = rule.evaluate(facts).hit
        except (RuleFault, ValueError) as problem:
            tally.fault(str(problem))
            continue
        before = compared is not None and _hits(compared, facts)
        tally.add(stored.reference, day_of(stored.moment), hit, before, verdicts.get(stored.movement))


def _hits(rule: Compiled, facts: Facts) -> bool:
    """Whether the version compared with hits; a fault of its own is no hit."""
    try:
        return bool(rule.evaluate(facts).hit)
    except RuleFault:
        return False
