"""What the counters tell of one key, and what else moves before anybody reads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings

from bankops.core.money import MINOR_MAX, Money
from risk.models import VelocityTail

DIFFERENT_MAX: Final = 1_000
"""Different ones are told apart up to so many; the folder keeps no more."""


@dataclass(slots=True)
class Seen:
    """Entries by slot, and different payees and payers with the slot of the last time; None for none, or not asked for."""

    slots: list[int] | None
    counts: list[int] | None
    sums: list[int] | None
    payees: list[int | None] | None
    payees_at: list[int] | None
    payers: list[int | None] | None
    payers_at: list[int] | None
    first_seen: datetime | None
    last_seen: datetime | None
    country: str | None
    country_at: datetime | None

    def count(self, start: int) -> int:
        """Return how many moved since a slot."""
        return sum(n for slot, n in zip(self.slots or (), self.counts or (), strict=True) if slot >= start)

    def sum(self, start: int) -> Money:
        """Return how much moved since a slot, in the base currency; at most what the books can hold."""
        total = sum(amount for slot, amount in zip(self.slots or (), self.sums or (), strict=True) if slot >= start)
        return Money(min(total, MINOR_MAX), settings.BANKOPS_BASE_CURRENCY)

    def different_payees(self, start: int) -> int:
        """Return how many were paid since a slot."""
        return _different(self.payees or (), self.payees_at or (), start)

    def different_payers(self, start: int) -> int:
        """Return how many paid since a slot."""
        return _different(self.payers or (), self.payers_at or (), start)

    def note(self, row: VelocityTail) -> None:
        """Count one more movement, as if its row were there already."""
        self._enter(row.slot, row.amount)
        self.payees, self.payees_at = _met(self.payees, self.payees_at, row.payee, row.slot)
        self.payers, self.payers_at = _met(self.payers, self.payers_at, row.payer, row.slot)
        self.first_seen = min(self.first_seen or row.moment, row.moment)
        self.last_seen = max(self.last_seen or row.moment, row.moment)
        if row.country and (self.country_at is None or self.country_at <= row.moment):
            self.country, self.country_at = row.country, row.moment

    def _enter(self, slot: int, amount: int) -> None:
        if self.slots is None or self.counts is None or self.sums is None:
            self.slots, self.counts, self.sums = [], [], []
        if self.slots and self.slots[-1] == slot:  # those of one batch share theirs
            self.counts[-1] += 1
            self.sums[-1] += amount
        else:
            self.slots.append(slot)
            self.counts.append(1)
            self.sums.append(amount)


def _met(
    sides: list[int | None] | None, seen_at: list[int] | None, side: int | None, slot: int
) -> tuple[list[int | None] | None, list[int] | None]:
    if side is None:
        return sides, seen_at
    sides, seen_at = sides if sides is not None else [], seen_at if seen_at is not None else []
    sides.append(side)
    seen_at.append(slot)
    return sides, seen_at


def _different(sides: Iterable[int | None], seen_at: Iterable[int], start: int) -> int:
    sides_met = {side for side, slot in zip(sides, seen_at, strict=True) if slot >= start}
    return min(len(sides_met - {None}), DIFFERENT_MAX)
