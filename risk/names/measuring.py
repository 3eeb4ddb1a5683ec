"""How good screening is on samples: precision and recall, beside matching by equal words on the same rows."""

from __future__ import annotations

import re
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from risk.names.comparing import Rarities, compare_names
from risk.names.entry import Entry, Subject
from risk.names.samples import ListedPerson, Pair
from risk.names.scoring import NAME_ALONE
from risk.names.screener import Screener

CURVE = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of pairs: found and meant, found though not meant, meant but not found, and rightly left alone."""

    found: int = 0
    false_alarms: int = 0
    missed: int = 0
    left_alone: int = 0

    @property
    def precision(self) -> float | None:
        return _share(self.found, self.found + self.false_alarms)

    @property
    def recall(self) -> float | None:
        return _share(self.found, self.found + self.missed)


@dataclass(frozen=True, slots=True)
class ScoredPair:
    pair: Pair
    score: float


@dataclass(frozen=True, slots=True)
class Screened:
    """People screened: `hit` have a hit, `expected` of them could be told to be on the lists, `right` met that very
    entry.

    `milliseconds` are of each name, sorted.
    """

    people: int
    hit: int
    expected: int
    right: int
    milliseconds: list[float]

    @property
    def share(self) -> float | None:
        return _share(self.hit, self.people)

    def percentile(self, percent: int) -> float:
        return self.milliseconds[min(len(self.milliseconds) - 1, len(self.milliseconds) * percent // 100)]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def score_pairs(pairs: Iterable[Pair], rarities: Rarities) -> list[ScoredPair]:
    return [ScoredPair(pair, compare_names(pair.left, pair.right, pair.kind, rarities).score) for pair in pairs]


def tally(scored: Iterable[ScoredPair], threshold: float = NAME_ALONE) -> Tally:
    return _tally((one.pair.is_match, one.score >= threshold) for one in scored)


def tally_equal_words(pairs: Iterable[Pair]) -> Tally:
    """Match two names when they have the same words, in any order, whatever the case and accents."""
    return _tally((pair.is_match, words_of(pair.left) == words_of(pair.right)) for pair in pairs)


def _tally(judged: Iterable[tuple[bool, bool]]) -> Tally:
    counts: dict[tuple[bool, bool], int] = defaultdict(int)
    for each in judged:
        counts[each] += 1
    return Tally(
        found=counts[True, True],
        false_alarms=counts[False, True],
        missed=counts[True, False],
        left_alone=counts[False, False],
    )


def by(scored: Iterable[ScoredPair], key: Callable[[Pair], str]) -> dict[str, list[ScoredPair]]:
    """Return the pairs in groups, the largest first."""
    groups: dict[str, list[ScoredPair]] = defaultdict(list)
    for one in scored:
        groups[key(one.pair)].append(one)
    return dict(sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])))


def words_of(text: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return frozenset(_WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter))))


class EqualWords:
    """The yardstick: names on the lists by their words."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._keys: dict[frozenset[str], set[str]] = defaultdict(set)
        for entry in entries:
            for name in entry.names:
                self._keys[words_of(name.text)].add(entry.key)

    def find(self, text: str) -> frozenset[str]:
        """Return the keys of the entries that have these words as a name."""
        return frozenset(self._keys.get(words_of(text), ()))


def screen_people(people: Sequence[ListedPerson], screener: Screener, known: EqualWords) -> Screened:
    hit = expected = right = 0
    milliseconds = []
    for person in people:
        started = time.perf_counter()
        keys = {found.entry.key for found in screener.screen(person.subject)}
        milliseconds.append((time.perf_counter() - started) * 1000)
        meant = known.find(person.clean) if person.clean else frozenset()
        hit += bool(keys)
        expected += bool(meant)
        right += bool(keys & meant)
    return Screened(len(people), hit, expected, right, sorted(milliseconds))


def by_name_alone(people: Iterable[ListedPerson]) -> list[ListedPerson]:
    """Return the people as if nothing but their names were known, as of payees."""
    return [replace(person, subject=Subject(person.subject.name, person.subject.kind)) for person in people]
