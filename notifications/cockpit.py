"""What people look at when something does not arrive: figures of endpoints, read for many of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max, Sum

from bankops.core.db import prepared
from bankops.core.models import OutboxMessage
from bankops.core.outbox import Event
from notifications.backlogs import Backlog
from notifications.event_body import body_of
from notifications.models import BreakerState, Delivery, EndpointHealth, EndpointMinute, EndpointState

BAR = timedelta(minutes=10)
BARS = 144

_HOUR = timedelta(hours=1)

_BARS = """
SELECT date_bin(make_interval(mins => %(minutes)s), minute, %(since)s), sum(delivered)::int, sum(failed)::int
  FROM notifications_endpointminute
 WHERE endpoint_id = %(endpoint)s AND minute >= %(since)s
 GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of an endpoint's attempts in a stretch of time, and how long all of them took."""

    delivered: int = 0
    failed: int = 0
    mean_ms: int | None = None
    slowest_ms: int | None = None

    @property
    def success_percent(self) -> int | None:
        """Return how many of a hundred attempts succeeded, rounded down: 100 only when all did. None where there were none."""
        attempts = self.delivered + self.failed
        return 100 * self.delivered // attempts if attempts else None


@dataclass(frozen=True, slots=True)
class Bar:
    """What came of the attempts that began in ten minutes."""

    begins_at: datetime
    delivered: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        """Return how many attempts there were."""
        return self.delivered + self.failed


def last_hour(endpoints: Iterable[UUID], *, now: datetime) -> Mapping[UUID, Figures]:
    """Return what came of the last sixty minutes, this one included, for those endpoints that had attempts."""
    minutes = EndpointMinute.objects.filter(endpoint_id__in=list(endpoints), minute__gt=now - _HOUR)
    sums = minutes.values("endpoint_id").annotate(
        good=Sum("delivered"), bad=Sum("failed"), taken=Sum("total_ms"), slowest=Max("slowest_ms")
    )
    return {row["endpoint_id"]: _figures(row["good"], row["bad"], row["taken"], row["slowest"]) for row in sums}


def _figures(good: int, bad: int, taken: int, slowest: int) -> Figures:
    attempts = good + bad
    return Figures(good, bad, int(taken) // attempts if attempts else None, slowest if attempts else None)


def last_day(endpoint_id: UUID, *, now: datetime) -> list[Bar]:
    """Return the last twenty-four hours in bars of ten minutes, the oldest first; the last one is not over yet."""
    since = now.replace(minute=now.minute // 10 * 10, second=0, microsecond=0) - (BARS - 1) * BAR
    asked = {"endpoint": endpoint_id, "since": since, "minutes": BAR // timedelta(minutes=1)}
    known = {begins_at: (good, bad) for begins_at, good, bad in prepared(_BARS, asked)}
    begins = [since + place * BAR for place in range(BARS)]
    return [Bar(begins_at, *known.get(begins_at, (0, 0))) for begins_at in begins]


def next_attempt(health: EndpointHealth, backlog: Backlog) -> datetime | None:
    """Return when something is sent next to an endpoint (loaded with its health), or None while nothing will be."""
    return _let_through(health, backlog.due_at)


def next_attempt_at(delivery: Delivery) -> datetime | None:
    """Return when a delivery (loaded with its endpoint's health) is sent next at the soonest, or None while it will not be.

    That is later than it is due where the endpoint is given a rest, or asked for quiet.
    """
    return _let_through(delivery.endpoint.health, delivery.next_attempt_at)


def _let_through(health: EndpointHealth, due_at: datetime | None) -> datetime | None:
    if health.endpoint.state != EndpointState.ENABLED or due_at is None:
        return None
    hindrances = [health.not_before, health.probe_at if health.breaker == BreakerState.OPEN else None]
    return max([due_at, *(until for until in hindrances if until)])


def body_sent(delivery: Delivery) -> str:
    """Return the body of a delivery's requests, made anew from its event: the same bytes each time."""
    message: OutboxMessage = delivery.message
    place = (message.xid, message.pk)
    told = (message.event_id, message.topic, message.subject_id, message.payload, message.announced_at)
    return body_of(Event(place, *told, delivery.sequence)).decode()
