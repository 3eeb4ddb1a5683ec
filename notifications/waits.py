"""When a delivery that failed is tried again: pure, told what was planned, asked for and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

JITTER = 0.1
"""How far a wait is moved at most, as a share of it: what failed together does not come back together."""
ASKED_LONGEST = timedelta(hours=12)
"""The longest wait for one delivery that a receiver can ask for, unless a longer one was planned."""
QUIET_LONGEST = timedelta(hours=1)
"""The longest that a receiver can keep everything else away from itself."""
TOO_OLD = timedelta(days=3)
"""What could not be sent for so long, because its endpoint was paused or its breaker open, is given up."""


def next_try(
    waits: Sequence[int], *, tries: int, now: datetime, chance: float, retry_after: float | None = None
) -> datetime | None:
    """Return when to try again after a try that failed, or None when it was the last.

    :param waits: seconds before the second try, the third, and so on.
    :param tries: how many there were, this one among them; from 1.
    :param chance: drawn evenly from 0 to 1.
    :param retry_after: seconds that the receiver asked for: kept where it is longer than what was planned, and within bounds.
    """
    if tries > len(waits):
        return None
    planned = timedelta(seconds=waits[tries - 1] * (1 + JITTER * (2 * chance - 1)))
    if retry_after is None:
        return now + planned
    return now + max(planned, min(_seconds(retry_after), ASKED_LONGEST))


def quiet_until(retry_after: float, *, now: datetime) -> datetime:
    """Return until when nothing at all is sent to an endpoint that asked for quiet (429 or 503 with `Retry-After`)."""
    return now + min(_seconds(retry_after), QUIET_LONGEST)


def _seconds(asked: float) -> timedelta:
    return timedelta(seconds=min(max(asked, 0.0), ASKED_LONGEST.total_seconds()))
