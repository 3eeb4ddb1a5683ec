"""Money that is passed on from account to account: chains, and the cycles that bring it back."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from risk.patterns.records import Family
from risk.patterns.settings import Settings
from risk.patterns.shapes.finding import Finding
from risk.patterns.window import Window

_MOST_HOPS = 40
_TENTHS = 10


class Chains:
    def __init__(self, window: Window, settings: Settings) -> None:
        self._window = window
        self._sizes = settings.sizes

    def find(self, new: range) -> Iterator[Finding]:
        """Each chain and each cycle that one of the new transfers is part of."""
        seen: set[int] = set()
        for number in new:
            if number in seen:
                continue
            path = self._path(number)
            if len(path) < 2:
                continue
            seen.update(path)
            yield from self._in_path(path)

    def _in_path(self, path: list[int]) -> Iterator[Finding]:
        cycle = self._cycle(path)
        for family, part in ((Family.CYCLE, cycle), (Family.CHAIN, path)):
            if len(part) < 2:
                continue
            grade = int(_TENTHS * self._surprise(part))
            if grade >= self._sizes[family].least:
                transfers = self._among(part) if family is Family.CYCLE else part
                subject = self._window.parties.accounts[self._pair(part[0])[0]]
                yield Finding(family, grade, subject, tuple(transfers))

    def _path(self, number: int) -> list[int]:
        """Back to where the money of this transfer came from, and on to where it went, by the likeliest steps."""
        path = [number]
        passed = {number}
        for column, at_end in ((self._window.origin, False), (self._window.onward, True)):
            step = number
            while len(path) < _MOST_HOPS:
                step = column[step - self._window.base]
                if step < self._window.base or step in passed:
                    break
                passed.add(step)
                path.insert(len(path) if at_end else 0, step)
        return path

    def _cycle(self, path: list[int]) -> list[int]:
        """The longest stretch that ends at the account it began with."""
        first_of: dict[int, int] = {}
        longest: list[int] = []
        for place, number in enumerate(path):
            payer, payee = self._pair(number)
            first_of.setdefault(payer, place)
            begin = first_of.get(payee, place)
            if place + 1 - begin > max(len(longest), 1):
                longest = path[begin : place + 1]
        return longest

    def _among(self, cycle: list[int]) -> list[int]:
        """The cycle, and whatever else went between neighbours of it, either way: money often goes round more than once."""
        window = self._window
        pairs = {self._pair(number) for number in cycle}
        pairs |= {(payee, payer) for payer, payee in pairs}
        others = (number for payer in sorted({pair[0] for pair in pairs}) for number in window.paid_by(payer))
        return [*cycle, *(one for one in others if one not in cycle and self._pair(one) in pairs)]

    def _pair(self, number: int) -> tuple[int, int]:
        row = number - self._window.base
        return self._window.payer[row], self._window.payee[row]

    def _surprise(self, path: list[int]) -> float:
        window = self._window
        total = 0.0
        for first, second in pairwise(path):
            row, next_row = first - window.base, second - window.base
            total += window.onward_surprise[row] if window.onward[row] == second else window.origin_surprise[next_row]
        return total
