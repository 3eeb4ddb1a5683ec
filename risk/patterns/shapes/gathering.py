"""Scatter-gather: one account's money goes through several others, and comes together again at one."""

from __future__ import annotations

from collections.abc import Iterator

from risk.patterns.records import Family
from risk.patterns.settings import Settings
from risk.patterns.shapes.finding import Finding
from risk.patterns.window import Window

_TENTHS = 10


class Gathering:
    def __init__(self, window: Window, settings: Settings) -> None:
        self._window = window
        self._crowded = settings.crowded
        self._least = settings.sizes[Family.SCATTER_GATHER].least

    def find(self, new: range) -> Iterator[Finding]:
        window = self._window
        ends: set[tuple[int, int]] = set()
        for number in new:
            row = number - window.base
            if window.onward[row] >= window.base:
                ends.add((window.payer[row], window.payee[window.onward[row] - window.base]))
            if window.origin[row] >= window.base:
                ends.add((window.payer[window.origin[row] - window.base], window.payee[row]))
        for source, target in sorted(ends):
            if source != target:
                yield from self._between(source, target)

    def _between(self, source: int, target: int) -> Iterator[Finding]:
        window = self._window
        if not 2 <= window.parties.count_out[source] <= self._crowded or window.parties.count_in[target] < 2:
            return
        transfers: list[int] = []
        surprise, middles = 0.0, set()
        for first in window.paid_by(source):
            second = window.onward[first - window.base]
            if second < window.base or window.payee[second - window.base] != target or second in transfers:
                continue
            transfers += (first, second)
            surprise += window.onward_surprise[first - window.base]
            middles.add(window.payee[first - window.base])
        if len(middles) >= 2 and (grade := int(_TENTHS * surprise)) >= self._least:
            yield Finding(Family.SCATTER_GATHER, grade, window.parties.accounts[source], tuple(transfers))
