"""What a monitor finds in a time line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from uuid import UUID

from risk.patterns.monitor import Monitor
from risk.patterns.records import Transfer
from risk.patterns.settings import Settings
from risk.patterns.trial.mixing import Labelled, TimeLine

_TEN_THOUSAND = 10_000


@dataclass(slots=True)
class Line:
    """Of one family, or of all.

    Attributes:
        found: patterns of which one alert holds at least half of the transfers.
        together: patterns of which all alerts together hold at least half.

    """

    family: str
    patterns: int = 0
    found: int = 0
    together: int = 0

    @property
    def recall(self) -> float:
        return self.found / self.patterns


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of one time line. Alerts that grew count once.

    Attributes:
        lines: of each family.
        total: of all.
        developed_on: of the half of the patterns that the rules were developed on.
        unseen: of the other half.
        beside: alerts that hold no transfer of any pattern.
        most_transfers: of one alert.

    """

    lines: tuple[Line, ...]
    total: Line
    developed_on: Line
    unseen: Line
    transfers: int
    alerts: int
    beside: int
    most_transfers: int

    @property
    def per_ten_thousand(self) -> float:
        return _TEN_THOUSAND * self.alerts / self.transfers


def is_for_development(pattern_id: str) -> bool:
    return sha256(pattern_id.encode()).digest()[0] % 2 == 0


def days_of(transfers: Sequence[Transfer]) -> Iterator[list[Transfer]]:
    for _day, of_day in groupby(transfers, key=lambda one: one.at.date()):
        yield list(of_day)


def measure(line: TimeLine, settings: Settings) -> Measured:
    """Feed a monitor with the time line, and hold its alerts against the labels, which it is not told.

    An alert of which less than half of the transfers belong to patterns finds none.
    """
    alerts = _alerts(line, settings)
    in_patterns = {one.id for labelled in line.labelled for one in labelled.transfers}
    fit = [held for held in alerts.values() if 2 * len(held & in_patterns) >= len(held)]
    total, developed_on, unseen = Line("all"), Line("developed on"), Line("unseen")
    families: dict[str, Line] = {}
    for labelled in line.labelled:
        family = families.setdefault(labelled.pattern.family, Line(labelled.pattern.family))
        half = developed_on if is_for_development(labelled.pattern.id) else unseen
        found, together = _found(labelled, fit)
        for one in (total, family, half):
            one.patterns += 1
            one.found += found
            one.together += together
    return Measured(
        lines=tuple(sorted(families.values(), key=lambda one: one.family)),
        total=total,
        developed_on=developed_on,
        unseen=unseen,
        transfers=len(line.transfers),
        alerts=len(alerts),
        beside=sum(in_patterns.isdisjoint(held) for held in alerts.values()),
        most_transfers=max(map(len, alerts.values()), default=0),
    )


def _alerts(line: TimeLine, settings: Settings) -> dict[str, set[UUID]]:
    """All transfers that each alert ever told of, by its key."""
    monitor = Monitor(settings)
    alerts: dict[str, set[UUID]] = {}
    for day in days_of(line.transfers):
        for alert in monitor.feed(day):
            alerts.setdefault(alert.key, set()).update(alert.transfers)
    return alerts


def _found(labelled: Labelled, alerts: list[set[UUID]]) -> tuple[bool, bool]:
    """Whether one alert finds the pattern, and whether all together do."""
    ids = {one.id for one in labelled.transfers}
    parts = [part for held in alerts if (part := held & ids)]
    return any(2 * len(part) >= len(ids) for part in parts), 2 * len(set().union(*parts)) >= len(ids)
