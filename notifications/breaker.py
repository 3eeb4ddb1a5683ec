"""When an endpoint is given a rest, and when it is trusted again: pure, told the time and what came of the sendings.

Closed, it opens when at least `ATTEMPTS_MIN` attempts of the window had an outcome and half of them failed: one error never
opens it, one success never hides ten failures. Open, it lets nothing through for `RESTS[openings in a row - 1]`. Then it is
half open: `PROBES` deliveries are sent, and `PROBES_GOOD_MIN` of them have to arrive; when that cannot be reached any more it
opens again, for longer. Interrupted attempts are no outcome: count them neither as good nor as bad.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from notifications.models.health import BreakerState, EndpointHealth

WINDOW_MINUTES = 5
ATTEMPTS_MIN = 10
PROBES = 5
PROBES_GOOD_MIN = 4
RESTS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 30))
REMEMBERED = timedelta(hours=1)
"""An opening so soon after somebody closed the breaker by hand counts on in the same row."""

_MINUTE = timedelta(minutes=1)
_COUNT_MAX = 10_000  # What its column holds is not much more.


@dataclass(frozen=True, slots=True)
class Standing:
    """How a breaker stands; the fields are those of `EndpointHealth`. `probes_sent` counts probes that had an outcome."""

    state: BreakerState = BreakerState.CLOSED
    since: datetime | None = None
    opened_in_a_row: int = 0
    probe_at: datetime | None = None
    probes_sent: int = 0
    probes_good: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """What came of the attempts from `window_from` to now, those at hand included."""

    delivered: int
    failed: int

    @property
    def failing(self) -> bool:
        """Tell whether half of enough attempts failed."""
        attempts = self.delivered + self.failed
        return attempts >= ATTEMPTS_MIN and 2 * self.failed >= attempts


def standing_of(health: EndpointHealth) -> Standing:
    """Return how an endpoint's breaker stands."""
    return Standing(
        BreakerState(health.breaker),
        health.breaker_since,
        health.opened_in_a_row,
        health.probe_at,
        health.probes_sent,
        health.probes_good,
    )


def window_from(standing: Standing, now: datetime) -> datetime:
    """Return the first minute (`EndpointMinute.minute`) that counts: the last five, and none that began before it closed.

    What failed before the breaker closed has been answered for; counted again, it would open it at the next result.
    """
    minute = now.replace(second=0, microsecond=0)
    first = minute - (WINDOW_MINUTES - 1) * _MINUTE
    if standing.since is None:
        return first
    return max(first, standing.since.replace(second=0, microsecond=0) + _MINUTE)


def after(standing: Standing, window: Window, *, good: int, bad: int, now: datetime) -> Standing:
    """Return how the breaker stands after results; the same one when they change nothing.

    With `good` and `bad` 0 it is what the time alone does: an open breaker whose rest is over becomes half open.

    :param good: results at hand that arrived.
    :param bad: results at hand that failed, whatever the failure.
    """
    if standing.state == BreakerState.CLOSED:
        return _opened(standing, now) if bad and window.failing else standing
    if standing.state == BreakerState.OPEN:
        if not _rested(standing, now):
            return standing  # What was in the air when it opened says nothing new.
        standing = Standing(BreakerState.HALF_OPEN, now, standing.opened_in_a_row)
    return _probed(standing, good=good, bad=bad, now=now)


def allowance(standing: Standing, now: datetime) -> int | None:
    """Return how many deliveries may be in the air now: None for no bound, 0 for none, a few as probes."""
    if standing.state == BreakerState.CLOSED:
        return None
    if standing.state == BreakerState.OPEN:
        return PROBES if _rested(standing, now) else 0
    return max(PROBES - standing.probes_sent, 0)


def closed_by_hand(standing: Standing, now: datetime) -> Standing:
    """Return it closed, its openings not forgotten: it proved nothing yet."""
    return Standing(BreakerState.CLOSED, now, standing.opened_in_a_row)


def _probed(standing: Standing, *, good: int, bad: int, now: datetime) -> Standing:
    sent, arrived = standing.probes_sent + good + bad, standing.probes_good + good
    if sent - arrived > PROBES - PROBES_GOOD_MIN:
        return _opened(standing, now)
    if arrived >= PROBES_GOOD_MIN:
        return Standing(BreakerState.CLOSED, now)
    return replace(standing, probes_sent=sent, probes_good=arrived)


def _opened(standing: Standing, now: datetime) -> Standing:
    before = 0 if _forgotten(standing, now) else standing.opened_in_a_row
    in_a_row = min(before + 1, _COUNT_MAX)
    rest = RESTS[min(in_a_row, len(RESTS)) - 1]
    return Standing(BreakerState.OPEN, now, in_a_row, now + rest)


def _forgotten(standing: Standing, now: datetime) -> bool:
    closed = standing.state == BreakerState.CLOSED
    return closed and (standing.since is None or now - standing.since > REMEMBERED)


def _rested(standing: Standing, now: datetime) -> bool:
    return standing.probe_at is None or now >= standing.probe_at
