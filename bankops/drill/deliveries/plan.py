"""What is announced, and how the endpoints behave to which it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from notifications.models import DEFAULT_WAITS

ENDPOINTS_OF_PARTNER = 2
_EVENTS_OF_SUBJECT = 4
WAITS = [1, 1, 2, 2, 3, 3, 4, 5]
"""Seconds between tries, in place of `DEFAULT_WAITS`."""
assert len(WAITS) == len(DEFAULT_WAITS)
CLOSED_PORT, GONE = "closed port", "410"
FAILING: tuple[tuple[str, str], ...] = (
    ("500", "?answer=500"),
    ("hang", "?hang"),
    ("slow-loris", "?drip"),
    ("302", "?answer=302"),
    (GONE, "?answer=410&every_nth=3"),
    ("429", "?answer=429&retry_after=2"),
    (CLOSED_PORT, ""),
    ("cut connection", "?cut"),
    ("flapping", "?answer=503&every_nth=2"),
)
"""Each way to fail, by name, and what the endpoint's address says to the receiver."""


@dataclass(frozen=True, slots=True)
class Planned:
    """An endpoint; `failing` is empty for one that behaves."""

    number: int
    partner: int
    failing: str = ""
    query: str = ""

    @property
    def path(self) -> str:
        """Return where it listens, which tells it from the others."""
        return f"/endpoint/{self.number}"


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the drill; `count` events at an even pace."""

    name: str
    count: int
    kills: int = 0
    flushes: int = 0


def partners(endpoints: int) -> int:
    """Return how many partners have so many endpoints."""
    return -(-endpoints // ENDPOINTS_OF_PARTNER)


def endpoints(count: int) -> list[Planned]:
    """Return the endpoints, every third of which fails in the next way."""
    planned = []
    for number in range(count):
        failing, query = FAILING[number // 3 % len(FAILING)] if number % 3 == 2 else ("", "")
        planned.append(Planned(number, number // ENDPOINTS_OF_PARTNER, failing, query))
    return planned


def phases(events: int, *, kills: int, flushes: int) -> Sequence[Phase]:
    """Return the drill's stretches: without the failing endpoints, with them, and with senders that are killed."""
    each = max(events // 10, 1)
    return (
        Phase("alone", each),
        Phase("beside", each),
        Phase("killed", events - 2 * each, kills, flushes),
    )


def subject(number: int, *, partners: int) -> tuple[int, str]:
    """Return whose the so-manieth event is, and which record it is about."""
    partner, turn = number % partners, number // partners
    return partner, f"tr_drill_{partner}_{turn // _EVENTS_OF_SUBJECT}"
