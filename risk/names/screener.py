"""One party against all lists: candidates from the index, names compared, evidence weighed, hits explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from risk.names.comparing import Rarities, manner_of, parse_name, rarities_of
from risk.names.entry import Entry, Kind, Name, Strength, Subject
from risk.names.evidence import LEAST_NAME, MOST_RAISED, Evidence, birth_date_agrees, evidence_for
from risk.names.explanation import Explanation, explain
from risk.names.index import NameIndex
from risk.names.scoring import NAME_ALONE, THRESHOLD, Comparison, compare_parsed

# From here on a hit through a name of the party's own is a strong one.
STRONG = 0.85
# The most that a weak alias comes to when no date of birth agrees.
WEAK_ALONE = 0.65
WEAK_ALONE_WORDS = _("A weak alias never makes a hit alone: no date of birth agrees.")


@dataclass(frozen=True, slots=True)
class Hit:
    """`name` is the listed name that was met, `score` 0 to 1. A strong hit takes two people to clear, a weak one
    takes one.
    """

    entry: Entry
    name: Name
    score: float
    strength: Strength
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class _Scored:
    comparison: Comparison
    evidence: tuple[Evidence, ...]
    score: float
    name: Name
    capped: Promise | None

    @property
    def rank(self) -> tuple[float, float, bool, float]:
        """Equal scores are told apart by the evidence: nomenklatura's 1.0s without a date of birth are its false
        ones.
        """
        return self.score, sum(one.effect for one in self.evidence), self.capped is None, self.comparison.score


class Screener:
    """Holds the lists in memory. Built in seconds, then read only: one for each process and version of the lists.

    :param threshold: what a hit comes to at least; and its name alone to `NAME_ALONE`, unless evidence speaks for it.
    :param rarities: those of all lists, when `entries` are only some of them (a changed list against all customers).
    """

    def __init__(
        self, entries: Sequence[Entry], *, rarities: Rarities | None = None, threshold: float = THRESHOLD
    ) -> None:
        self._entries = list(entries)
        self.rarities = rarities or rarities_of(self._entries)
        self._threshold, self._least = threshold, threshold - MOST_RAISED
        self._indexes = {kind: NameIndex(manner_of(kind)) for kind in Kind}
        for owner, entry in enumerate(self._entries):
            for position, name in enumerate(entry.names):
                parsed = self.rarities.of(entry.kind).weighted(parse_name(name.text, entry.kind))
                if parsed.tokens:
                    self._indexes[entry.kind].add(owner=owner, position=position, parsed=parsed)

    def screen(self, subject: Subject) -> list[Hit]:
        """Return the entries that the subject may be, each once with its best name, the likeliest first."""
        best: dict[int, _Scored] = {}
        for kind in (subject.kind,) if subject.kind else tuple(Kind):
            if not len(self._indexes[kind]):
                continue
            for text in subject.names:
                self._screen_name(subject, text, kind, best)
        found = sorted(((scored, owner) for owner, scored in best.items()), key=lambda each: each[0].rank, reverse=True)
        return [self._hit(self._entries[owner], scored) for scored, owner in found if self._is_hit(scored)]

    def could_meet(self, subject: Subject) -> bool:
        """Tell whether there is an entry that the subject may be if all evidence spoke for it. No evidence is looked at.

        So dates of birth and countries of a million customers need not be read: few have a name that meets any.
        """
        for kind in (subject.kind,) if subject.kind else tuple(Kind):
            rarity, index = self.rarities.of(kind), self._indexes[kind]
            for text in subject.names if len(index) else ():
                for weighted, name in index.candidates(parse_name(text, kind), rarity, self._least):
                    if compare_parsed(weighted, name.parsed, manner_of(kind)).score >= self._least:
                        return True
        return False

    def screen_all(self, subjects: Iterable[Subject]) -> Iterator[tuple[int, list[Hit]]]:
        """Yield the position of each subject that has hits, and them."""
        for position, subject in enumerate(subjects):
            if hits := self.screen(subject):
                yield position, hits

    def _screen_name(self, subject: Subject, text: str, kind: Kind, best: dict[int, _Scored]) -> None:
        rarity = self.rarities.of(kind)
        for weighted, name in self._indexes[kind].candidates(parse_name(text, kind), rarity, self._least):
            entry = self._entries[name.owner]
            comparison = compare_parsed(weighted, name.parsed, manner_of(kind))
            if comparison.score < self._least:
                continue
            scored = _score(subject, entry, entry.names[name.position], comparison)
            if name.owner not in best or scored.rank > best[name.owner].rank:
                best[name.owner] = scored

    def _is_hit(self, scored: _Scored) -> bool:
        supported = sum(one.effect for one in scored.evidence) > 0
        return scored.score >= self._threshold and (supported or scored.comparison.score >= NAME_ALONE)

    def _hit(self, entry: Entry, scored: _Scored) -> Hit:
        strong = scored.name.strength is Strength.STRONG and (
            scored.score >= STRONG or birth_date_agrees(scored.evidence)
        )
        return Hit(
            entry=entry,
            name=scored.name,
            score=scored.score,
            strength=Strength.STRONG if strong else Strength.WEAK,
            explanation=explain(
                scored.comparison,
                evidence=scored.evidence,
                score=scored.score,
                capped=str(scored.capped) if scored.capped else None,
            ),
        )


def _score(subject: Subject, entry: Entry, name: Name, comparison: Comparison) -> _Scored:
    evidence = evidence_for(subject, entry)
    effect = sum(one.effect for one in evidence)
    if effect > 0 and comparison.score < LEAST_NAME:
        effect = 0.0
    score = max(0.0, min(1.0, comparison.score + effect))
    capped = None
    if name.strength is Strength.WEAK and score > WEAK_ALONE and not birth_date_agrees(evidence):
        score, capped = WEAK_ALONE, WEAK_ALONE_WORDS
    return _Scored(comparison, evidence, score, name, capped)
