"""How well scores tell what was confirmed from what was not. Every row may stand for several movements.

Equal scores share what they come to, so that the order of rows never matters.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, Final

PER: Final = 10_000
"""Movements, of which the bank's desk can look at so many."""
_EDGES: Final = (0.0, 0.001, 0.01, 0.05, 0.2, 0.5, 1.0)

Numbers = Sequence[float]
Tied = tuple[float, float, float]
"""A score, with how many movements of it were confirmed and how many were not."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a desk finds that looks at the highest scores only, as many as it can.

    Attributes:
        precision: the share of those it looks at which are confirmed.
        recall: the share of all confirmed ones that it looks at.

    """

    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a score is on movements that were not learnt from.

    Attributes:
        auc: the chance that a confirmed one has a higher score than one that is not, ties counting half.
        auc_low: where that is with 95 in 100, at least (Hanley and McNeil, 1982).
        average_precision: the precision at each confirmed one, on average.

    """

    auc: float
    auc_low: float
    average_precision: float
    precision: float
    recall: float

    def as_json(self) -> dict[str, float]:
        return {name: round(getattr(self, name), 6) for name in self.__slots__}


def quality(scores: Numbers, labels: Numbers, counts: Numbers, *, capacity: int) -> Quality:
    """Return how good scores are.

    :param capacity: of `PER` movements, how many somebody can look at.
    """
    tied = list(_tied(scores, labels, counts))
    area = auc(tied)
    found = at_capacity(tied, capacity / PER)
    low = area - 1.645 * auc_error(area, sum(map(bool, labels)), sum(not label for label in labels))
    return Quality(area, low, average_precision(tied), found.precision, found.recall)


def auc(tied: Sequence[Tied]) -> float:
    """Return the area under the receiver's operating curve; scores fall."""
    ones, others = _sums(tied)
    below, pairs = others, 0.0
    for _score, confirmed, not_confirmed in tied:
        below -= not_confirmed
        pairs += confirmed * (below + not_confirmed / 2)
    return pairs / (ones * others)


def auc_error(area: float, ones: int, others: int) -> float:
    """Return the standard error of an area over so many rows (Hanley and McNeil, *Radiology* 143, 1982)."""
    first, second = area / (2 - area), 2 * area * area / (1 + area)
    spread = area * (1 - area) + (ones - 1) * (first - area * area) + (others - 1) * (second - area * area)
    return math.sqrt(max(0.0, spread) / (ones * others))


def average_precision(tied: Sequence[Tied]) -> float:
    """Return the precision at every score, weighted by the confirmed ones found there."""
    ones, _others = _sums(tied)
    seen = hit = total = 0.0
    for _score, confirmed, not_confirmed in tied:
        seen += confirmed + not_confirmed
        hit += confirmed
        total += confirmed * hit / seen
    return total / ones


def at_capacity(tied: Sequence[Tied], share: float) -> Capacity:
    """Return what is found among the highest scores that make up a share of all movements."""
    ones, others = _sums(tied)
    left, hit = share * (ones + others), 0.0
    looked = left
    for _score, confirmed, not_confirmed in tied:
        taken = min(1.0, left / (confirmed + not_confirmed))
        hit += taken * confirmed
        left -= taken * (confirmed + not_confirmed)
        if left <= 0:
            break
    return Capacity(hit / looked if looked else 0.0, hit / ones)


def brier(chances: Numbers, labels: Numbers, counts: Numbers) -> float:
    """Return the mean square of what the chances were off by (Brier, 1950)."""
    missed = sum(count * (chance - label) ** 2 for chance, label, count in zip(chances, labels, counts, strict=True))
    return missed / sum(counts)


def calibration(chances: Numbers, labels: Numbers, counts: Numbers) -> list[dict[str, Any]]:
    """Return what was expected and what was confirmed, by how likely it was said to be; empty ranges are left out."""
    rows = list(zip(chances, labels, counts, strict=True))
    told = []
    for low, high in pairwise(_EDGES):
        within = [row for row in rows if low <= row[0] < high or (high == 1.0 and row[0] == 1.0)]
        movements = sum(count for _chance, _label, count in within)
        if movements:
            said = sum(chance * count for chance, _label, count in within) / movements
            was = sum(label * count for _chance, label, count in within) / movements
            told.append({"from": low, "to": high, "movements": round(movements), "said": said, "was": was})
    return told


def _tied(scores: Numbers, labels: Numbers, counts: Numbers) -> Iterator[Tied]:
    rows = sorted(zip(scores, labels, counts, strict=True), key=itemgetter(0), reverse=True)
    for score, equal in groupby(rows, key=itemgetter(0)):
        same = list(equal)
        confirmed = sum(count for _score, label, count in same if label)
        yield score, confirmed, sum(count for _score, label, count in same if not label)


def _sums(tied: Sequence[Tied]) -> tuple[float, float]:
    return sum(one[1] for one in tied), sum(one[2] for one in tied)
