"""Which transfer passes on the money of which: the same account, about the same amount, soon."""

from __future__ import annotations

from math import log

from risk.patterns.settings import MINUTES_A_DAY, Settings
from risk.patterns.window import Window

# Amounts of payments spread so widely that two of them lie within a factor of e^d of each other with a chance of about
# 0.7 d: the density of the difference of two logarithms with a standard deviation of 0.8 (0.35 at its middle), both sides.
_CHANCE_PER_FACTOR = 0.7
_EQUAL = 0.01  # closer amounts than by one in a hundred say no more: fees differ, round amounts coincide
_AT_ONCE = 60  # minutes
_ANOTHER_AMOUNT = 0.7  # less than half or more than double is not passing on
_LEAST = 2.0


class Links:
    """Finds, for each new transfer, what it passes on and what passes it on."""

    def __init__(self, window: Window, settings: Settings) -> None:
        self._window = window
        self._crowded = settings.crowded
        self._hop = settings.hop_days * MINUTES_A_DAY

    def surprise(self, first: int, second: int) -> float:
        """How unlikely it is that these two meet at their account by chance, as the negative logarithm of how many pairs so
        close in amount and time one would expect there. 0 where they cannot belong together.
        """
        window = self._window
        row, next_row = first - window.base, second - window.base
        after = window.minute[next_row] - window.minute[row]
        if not -self._hop // 2 <= after <= self._hop:
            return 0.0
        factor = abs(log(window.amount[next_row] / window.amount[row]))
        if factor > _ANOTHER_AMOUNT:
            return 0.0
        through = window.payee[row]
        pairs = window.parties.count_in[through] * window.parties.count_out[through]
        in_amount = min(1.0, _CHANCE_PER_FACTOR * max(factor, _EQUAL))
        in_time = min(1.0, max(abs(after), _AT_ONCE) / self._hop)
        return -log(in_amount * in_time * pairs)

    def connect(self, number: int) -> None:
        window = self._window
        row = number - window.base
        counts = window.parties
        payer, payee = window.payer[row], window.payee[row]
        if 0 < counts.count_in[payer] <= self._crowded and counts.count_out[payer] <= self._crowded:
            for earlier in window.received_by(payer):
                self._link(earlier, number)
        if 0 < counts.count_out[payee] <= self._crowded and counts.count_in[payee] <= self._crowded:
            for later in window.paid_by(payee):
                self._link(number, later)

    def _link(self, first: int, second: int) -> None:
        surprise = self.surprise(first, second)
        if surprise >= _LEAST:
            self._window.link(first, second, surprise)
