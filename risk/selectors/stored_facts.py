"""What is known of past movements, as it was kept when they were ordered: what rules are tried over.

A store reads the table of assessments in order of their keys, which begin with the time. Where the movements of a time begin and
end in it is found once, and travels in the positions: no read looks at more than it returns, however long the table is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from bankops.core.db import prepared
from risk.facts import Facts
from risk.models import Assessment
from risk.outcomes import Outcome

CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Stored:
    """A past movement.

    Attributes:
        position: where a reader goes on after it.
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


_BOUNDS = """
    SELECT min(id::text), max(id::text) FROM risk_assessment WHERE assessed_at >= %(since)s AND assessed_at < %(until)s
"""  # as text: the planner would otherwise walk through the keys, where the index by time tells at once
_PIECE = """
    SELECT id, movement, reference, assessed_at, facts, outcome FROM risk_assessment
     WHERE id > %(after)s AND id <= %(last)s AND assessed_at >= %(since)s AND assessed_at < %(until)s AND number = 1
     ORDER BY id LIMIT %(limit)s
"""
_LATEST = """
    SELECT id, movement, reference, assessed_at, facts, outcome
      FROM (SELECT * FROM risk_assessment ORDER BY id DESC LIMIT %(looked_at)s) latest
     WHERE reference = %(reference)s AND number = 1
"""
LOOKED_AT = 100_000
"""A movement is found by its reference among so many of the latest; by its id, always."""


class Assessments:
    """The store of the product: what was assessed."""

    def count(self, *, since: datetime, until: datetime) -> int:
        return Assessment.objects.filter(assessed_at__gte=since, assessed_at__lt=until, number=1).count()

    def read(self, *, since: datetime, until: datetime, after: str, limit: int) -> list[Stored]:
        first, _colon, last = after.partition(":")
        if not last:
            ((first, last),) = prepared(_BOUNDS, {"since": since, "until": until})
            if not last:
                return []
            first = str(UUID(int=UUID(first).int - 1))  # the first one itself is to be read
        told = {"after": UUID(first), "last": UUID(last), "since": since, "until": until}
        return [_stored(row, last) for row in prepared(_PIECE, told | {"limit": limit})]

    def one(self, movement: str) -> Stored | None:
        found = Assessment.objects.filter(movement=movement, number=1)
        rows = list(found.values_list("id", "movement", "reference", "assessed_at", "facts", "outcome"))
        rows = rows or prepared(_LATEST, {"reference": movement, "looked_at": LOOKED_AT})
        return _stored(rows[0], "") if rows else None


def _stored(row: tuple[Any, ...], last: str) -> Stored:
    key, movement, reference, moment, facts, outcome = row
    return Stored(f"{key}:{last}", movement, reference, moment, facts, Outcome(outcome))


_store: Store = Assessments()


def install(store: Store) -> Store:
    """Say who keeps them from now on; return who did before, so that a test can put it back."""
    global _store
    before, _store = _store, store
    return before


def count(*, since: datetime, until: datetime) -> int:
    """Return how many movements of that time were kept."""
    return _store.count(since=since, until=until)


def chunk(*, since: datetime, until: datetime, after: str, limit: int = CHUNK) -> list[Stored]:
    """Return the next movements after a position, in order."""
    return _store.read(since=since, until=until, after=after, limit=limit)


def one(movement: str) -> Stored | None:
    """Return a movement by its public id or reference; None when nothing is kept of it."""
    return _store.one(movement)


def stored_facts(*, since: datetime, until: datetime) -> Iterator[tuple[str, Facts, Outcome]]:
    """Yield every movement of that time in order: its public id, what was known, and what became of it."""
    position = ""
    while found := chunk(since=since, until=until, after=position):
        for stored in found:
            yield stored.movement, Facts.from_json(stored.facts), stored.outcome
        position = found[-1].position
