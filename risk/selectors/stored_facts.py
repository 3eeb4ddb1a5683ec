"""What is known of past movements, as it was kept when they were assessed: what rules are tried over.

Who keeps it installs a store. While nobody does, there is nothing to try a rule over, and the pages say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from risk.facts import Facts
from risk.outcomes import Outcome

CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Stored:
    """A past movement.

    Attributes:
        position: where a reader goes on after it; of one length, and sorted as the store reads.
        movement: its public id; `reference` is what people call it.
        facts: `Facts.as_json`.
        outcome: what became of it.

    """

    position: str
    movement: str
    reference: str
    moment: datetime
    facts: str
    outcome: Outcome


class Store(Protocol):
    """Who keeps the facts of what was assessed."""

    def count(self, *, since: datetime, until: datetime) -> int:
        """Return how many movements there are from `since` until before `until`."""

    def read(self, *, since: datetime, until: datetime, after: str, limit: int) -> list[Stored]:
        """Return the next ones after a position, in order; an empty position is before all of them."""

    def one(self, movement: str) -> Stored | None:
        """Return a movement by its public id or reference."""


_store: Store | None = None


def install(store: Store | None) -> Store | None:
    """Say who keeps them from now on; return who did before, so that a test can put it back."""
    global _store
    before, _store = _store, store
    return before


def count(*, since: datetime, until: datetime) -> int:
    """Return how many movements of that time were kept; none while nobody keeps any."""
    return _store.count(since=since, until=until) if _store else 0


def chunk(*, since: datetime, until: datetime, after: str, limit: int = CHUNK) -> list[Stored]:
    """Return the next movements after a position, in order."""
    return _store.read(since=since, until=until, after=after, limit=limit) if _store else []


def one(movement: str) -> Stored | None:
    """Return a movement by its public id or reference; None when nothing is kept of it."""
    return _store.one(movement) if _store else None


def stored_facts(*, since: datetime, until: datetime) -> Iterator[tuple[str, Facts, Outcome]]:
    """Yield every movement of that time in order: its public id, what was known, and what became of it."""
    position = ""
    while found := chunk(since=since, until=until, after=position):
        for stored in found:
            yield stored.movement, Facts.from_json(stored.facts), stored.outcome
        position = found[-1].position
