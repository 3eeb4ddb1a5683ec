"""How often shapes of each size are found at this bank, so that what is common here is no alert."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from risk.patterns.records import Family
from risk.patterns.settings import Settings

_TEN_THOUSAND = 10_000
_TIGHTER = 0.8


@dataclass(slots=True)
class Tally:
    """Of one day, or of many together.

    Attributes:
        number: of the day since 1970.
        transfers: how many were fed.
        alerts: how many were new.
        reached: how many shapes reached each grade of their family.

    """

    number: int = 0
    transfers: int = 0
    alerts: int = 0
    reached: Counter[tuple[Family, int]] = field(default_factory=Counter)

    def add(self, day: Tally) -> None:
        self.transfers += day.transfers
        self.alerts += day.alerts
        self.reached.update(day.reached)

    def subtract(self, day: Tally) -> None:
        self.transfers -= day.transfers
        self.alerts -= day.alerts
        self.reached.subtract(day.reached)


class Usual:
    """Decides from which grade on a shape is an alert, by what the last `history_days` held.

    The last `lag_days` are not history yet: what goes on now does not make itself usual. They do count where the alerts of
    the last time are held against what the bank can look at.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._today = Tally()
        self._lately: deque[Tally] = deque()
        self._history: deque[Tally] = deque()
        self._of_lately = Tally()
        self._of_history = Tally()
        self._first_day: int | None = None
        self._from = self._thresholds()

    def count(self, family: Family, grade: int, before: int) -> None:
        """Note that a shape grew today from grade `before` (0: it is new) to `grade`."""
        sizes = self._settings.sizes[family]
        for step in range(max(before + 1, sizes.least), min(grade, sizes.always) + 1):
            self._today.reached[family, step] += 1

    def count_transfers(self, count: int) -> None:
        self._today.transfers += count

    def count_alert(self) -> None:
        self._today.alerts += 1

    def close_day(self, number: int) -> None:
        today, self._today = self._today, Tally()
        today.number = number
        self._first_day = number if self._first_day is None else self._first_day
        self._lately.append(today)
        self._of_lately.add(today)
        lag = number - self._settings.lag_days
        while self._lately and self._lately[0].number < lag:
            ripe = self._lately.popleft()
            self._of_lately.subtract(ripe)
            if ripe.number >= self._first_day + self._settings.settling_days:
                self._history.append(ripe)
                self._of_history.add(ripe)
        while self._history and self._history[0].number < lag - self._settings.history_days:
            self._of_history.subtract(self._history.popleft())
        self._from = self._thresholds()

    def is_remarkable(self, family: Family, grade: int) -> bool:
        """Whether a shape of this grade is worth an alert here, now."""
        sizes = self._settings.sizes[family]
        if grade < self._from[family]:
            return False
        if grade >= sizes.always or (grade >= sizes.first and self._is_learned()):
            return True
        return self._has_room()

    def _is_learned(self) -> bool:
        return self._of_history.transfers >= self._settings.enough_history

    def _has_room(self) -> bool:
        """Whether the alerts of the last time leave room for a weak one."""
        parts = (self._of_history, self._of_lately, self._today)
        alerts, transfers = sum(part.alerts for part in parts), sum(part.transfers for part in parts)
        return alerts * _TEN_THOUSAND < self._settings.alerts_for_ten_thousand * transfers

    def _thresholds(self) -> dict[Family, int]:
        """The lowest grades with which each family stays within its share, and all together within what the bank can look at."""
        sizes, history = self._settings.sizes, self._of_history
        if not self._is_learned():
            return {family: size.first for family, size in sizes.items()}
        tightness = 1.0
        while True:
            grades = {family: self._lowest(family, size.rare * tightness) for family, size in sizes.items()}
            expected = sum(
                history.reached[family, grade] for family, grade in grades.items() if grade < sizes[family].always
            )
            if expected * _TEN_THOUSAND <= self._settings.alerts_for_ten_thousand * history.transfers:
                return grades
            tightness *= _TIGHTER

    def _lowest(self, family: Family, share: float) -> int:
        """The lowest grade that shapes reach at most `share` times in 10,000 transfers, and one more."""
        sizes, history = self._settings.sizes[family], self._of_history
        for grade in range(sizes.least, sizes.always):
            if (history.reached[family, grade] + 1) * _TEN_THOUSAND <= share * history.transfers:
                return grade
        return sizes.always
