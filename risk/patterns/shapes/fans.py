"""One account with many new partners: fan-out, fan-in, and the hub that gathers and scatters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile

from risk.patterns.records import Family
from risk.patterns.settings import MINUTES_A_DAY, Settings
from risk.patterns.shapes.finding import Finding
from risk.patterns.window import Window

# So many times its usual number of new partners is still an account's own business.
_USUAL_TIMES = 3


class Fans:
    def __init__(self, window: Window, settings: Settings) -> None:
        self._window = window
        self._settings = settings

    def find(self, new: range) -> Iterator[Finding]:
        window = self._window
        rows = range(new.start - window.base, new.stop - window.base)
        payers, payees = {window.payer[row] for row in rows}, {window.payee[row] for row in rows}
        for hub in sorted(payers | payees):
            yield from self._hub(hub)
        for payer in sorted(payers):
            yield from self._fan(Family.FAN_OUT, payer)
        for payee in sorted(payees):
            yield from self._fan(Family.FAN_IN, payee)

    def _fan(self, family: Family, subject: int) -> Iterator[Finding]:
        """The new partners of one side within `fan_days`."""
        window, days = self._window, self._settings.fan_days
        out = family is Family.FAN_OUT
        least = self._settings.sizes[family].least
        if (window.parties.count_out if out else window.parties.count_in)[subject] < least:
            return
        numbers = self._within(window.paid_by(subject) if out else window.received_by(subject), days)
        usual = self._usual(subject, days, out=out)
        grade = self._partners(numbers, out=out) - int(_USUAL_TIMES * usual)
        if grade >= least:
            yield Finding(family, grade, window.parties.accounts[subject], tuple(numbers), usual)

    def _hub(self, hub: int) -> Iterator[Finding]:
        """New partners on both sides within the window: what was gathered is scattered, whatever the amounts."""
        window, days = self._window, self._settings.window_days
        if min(window.parties.count_out[hub], window.parties.count_in[hub]) < 2:
            return
        gathered, scattered = list(window.received_by(hub)), list(window.paid_by(hub))
        usual_in, usual_out = self._usual(hub, days, out=False), self._usual(hub, days, out=True)
        more_in = self._partners(gathered, out=False) - int(_USUAL_TIMES * usual_in)
        more_out = self._partners(scattered, out=True) - int(_USUAL_TIMES * usual_out)
        if min(more_in, more_out) >= 2:
            account, transfers = window.parties.accounts[hub], (*gathered, *scattered)
            yield Finding(Family.GATHER_SCATTER, more_in + more_out, account, transfers, usual_in + usual_out)

    def _partners(self, numbers: Iterable[int], *, out: bool) -> int:
        window = self._window
        side = window.payee if out else window.payer
        return len({side[number - window.base] for number in numbers})

    def _within(self, latest_first: Iterator[int], days: int) -> list[int]:
        window = self._window
        since = window.minute[-1] - days * MINUTES_A_DAY
        return list(takewhile(lambda number: window.minute[number - window.base] >= since, latest_first))

    def _usual(self, party: int, days: int, *, out: bool) -> float:
        parties, minute = self._window.parties, self._window.minute[-1]
        return parties.usual_out(party, minute, days) if out else parties.usual_in(party, minute, days)
