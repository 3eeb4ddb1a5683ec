"""How rules do: how often they hit, and how often people found nothing behind it.

Hits are counted by whoever assesses, and what was behind them by whoever works alerts. While one of them is not installed,
its figures are not known, which is not the same as none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What people found behind a movement."""

    CONFIRMED = "confirmed"
    FALSE_POSITIVE = "false_positive"


@dataclass(frozen=True, slots=True)
class Hits:
    """How often a rule hit, whichever of its versions counted."""

    day: int
    month: int


@dataclass(frozen=True, slots=True)
class Quality:
    """How many alerts that a rule gave reason for were decided within thirty days, and how many of them were false."""

    decided: int
    false: int

    @property
    def false_percent(self) -> int | None:
        """The share of false alerts, rounded half up; None when none was decided."""
        return (200 * self.false + self.decided) // (2 * self.decided) if self.decided else None


HitsOf = Callable[[Collection[str], datetime], Mapping[str, Hits]]
QualityOf = Callable[[Collection[str], datetime], Mapping[str, Quality]]
VerdictsOf = Callable[[Collection[str]], Mapping[str, Verdict]]


@dataclass(frozen=True, slots=True)
class Readers:
    """Who knows.

    Attributes:
        hits, quality: by keys of rules, at a moment.
        verdicts: by public ids of movements; those nobody has decided are not in it.

    """

    hits: HitsOf | None = None
    quality: QualityOf | None = None
    verdicts: VerdictsOf | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """How a rule does; None where nobody knows."""

    hits: Hits | None = None
    quality: Quality | None = None


_readers = Readers()


def install(readers: Readers) -> Readers:
    """Say who knows from now on; return who did before."""
    global _readers
    before, _readers = _readers, readers
    return before


def figures_of(keys: Collection[str], now: datetime) -> dict[str, Figures]:
    """Return the figures of rules by their keys: as many statements as there are readers, whatever the number of rules."""
    hits = _readers.hits(keys, now) if _readers.hits else None
    quality = _readers.quality(keys, now) if _readers.quality else None
    return {
        key: Figures(
            hits.get(key, Hits(0, 0)) if hits is not None else None,
            quality.get(key, Quality(0, 0)) if quality is not None else None,
        )
        for key in keys
    }


def verdicts_of(movements: Collection[str]) -> Mapping[str, Verdict]:
    """Return what people found behind movements, where they did; nothing while nobody knows."""
    return _readers.verdicts(movements) if _readers.verdicts else {}
