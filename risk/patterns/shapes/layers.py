"""Flows between two groups of accounts (bipartite), and such flows one after the other (stack)."""

from __future__ import annotations

from collections.abc import Iterator

from risk.patterns.records import Family
from risk.patterns.settings import Settings
from risk.patterns.shapes.finding import Finding
from risk.patterns.window import Window


class Layers:
    def __init__(self, window: Window, settings: Settings) -> None:
        self._window = window
        self._crowded = settings.crowded
        self._sizes = settings.sizes

    def find(self, new: range) -> Iterator[Finding]:
        """Groups of payers of whom each two share two payees or more, around each new transfer."""
        window = self._window
        done: set[int] = set()
        for number in new:
            payer, payee = window.payer[number - window.base], window.payee[number - window.base]
            if not self._is_within(payer, payee):
                continue
            for top in (*self._payers(payer), payer):
                if top not in done and self._pays_few(top):
                    layer = self._layer(top)
                    done.update({top}, (window.payer[one - window.base] for one in layer))
                    yield from self._graded(top, layer)

    def _is_within(self, payer: int, payee: int) -> bool:
        counts = self._window.parties
        return 2 <= counts.count_out[payer] <= self._crowded and 2 <= counts.count_in[payee] <= self._crowded

    def _layer(self, payer: int) -> list[int]:
        """The transfers to this payer's payees from payers who share at least two of them; its own, where somebody does."""
        window = self._window
        shared = self._payees(payer)
        by_payer: dict[int, list[int]] = {}
        for payee in sorted(shared):
            if window.parties.count_in[payee] > self._crowded:
                continue
            for number in window.received_by(payee):
                by_payer.setdefault(window.payer[number - window.base], []).append(number)
        groups = [numbers for numbers in by_payer.values() if self._payee_count(numbers) >= 2]
        return [number for numbers in groups for number in numbers] if len(groups) >= 2 else []

    def _graded(self, payer: int, layer: list[int]) -> Iterator[Finding]:
        """A second layer below, of payees who pass on to shared payees themselves, makes it a stack."""
        window = self._window
        payees = {window.payee[number - window.base] for number in layer}
        second = {one for payee in sorted(payees) if self._pays_few(payee) for one in self._layer(payee)}
        lower = [one for one in second if window.payer[one - window.base] in payees]
        for family, transfers in ((Family.STACK, sorted({*layer, *lower})), (Family.BIPARTITE, layer)):
            if (family is Family.BIPARTITE or lower) and len(transfers) >= self._sizes[family].least:
                yield Finding(family, len(transfers), window.parties.accounts[payer], tuple(transfers))
                return

    def _pays_few(self, party: int) -> bool:
        return 2 <= self._window.parties.count_out[party] <= self._crowded

    def _payers(self, payee: int) -> list[int]:
        """Who paid this account: it may be the middle of a stack. Nobody, where they are too many."""
        window = self._window
        if window.parties.count_in[payee] > self._crowded:
            return []
        return sorted({window.payer[number - window.base] for number in window.received_by(payee)})

    def _payees(self, payer: int) -> set[int]:
        window = self._window
        return {window.payee[number - window.base] for number in window.paid_by(payer)}

    def _payee_count(self, numbers: list[int]) -> int:
        window = self._window
        return len({window.payee[number - window.base] for number in numbers})
