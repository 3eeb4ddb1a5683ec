"""What waits for endpoints, read for many of them at once, and never counted to its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from bankops.core import sql_arrays
from bankops.core.db import prepared

COUNTED = 10_000
"""What waits is counted so far, and no further: counting a million takes longer than anybody looks, or may hold a lock."""

# Each asks one index of pending deliveries for its beginning: how many, which has waited longest, when the next is due.
_BACKLOGS = f"""
SELECT e.id,
       (SELECT count(*) FROM (
            SELECT 1 FROM notifications_delivery d WHERE d.endpoint_id = e.id AND d.state = 'PENDING' LIMIT {COUNTED + 1}) c),
       longest.since, longest.announced_at,
       (SELECT d.next_attempt_at FROM notifications_delivery d
         WHERE d.endpoint_id = e.id AND d.state = 'PENDING' ORDER BY d.next_attempt_at LIMIT 1)
  FROM unnest(%(endpoints)s::uuid[]) AS e(id)
  LEFT JOIN LATERAL (
       SELECT COALESCE(d.replayed_at, d.created_at) AS since, d.announced_at FROM notifications_delivery d
        WHERE d.endpoint_id = e.id AND d.state = 'PENDING' ORDER BY COALESCE(d.replayed_at, d.created_at) LIMIT 1
       ) AS longest ON true
"""  # noqa: S608 - a number of ours


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for an endpoint.

    Attributes:
        count: goes to `COUNTED + 1`, which stands for more.
        waiting_since: since when the delivery waits that has waited longest.
        oldest: when its event happened.
        due_at: when the next one is due.

    """

    count: int = 0
    waiting_since: datetime | None = None
    oldest: datetime | None = None
    due_at: datetime | None = None


def backlogs(endpoints: Iterable[UUID]) -> Mapping[UUID, Backlog]:
    """Return what waits for each of these endpoints."""
    asked = {"endpoints": sql_arrays.of_uuids(endpoints)}
    return {key: Backlog(*told) for key, *told in prepared(_BACKLOGS, asked)}


def backlog_of(endpoint_id: UUID) -> Backlog:
    """Return what waits for an endpoint."""
    return backlogs([endpoint_id])[endpoint_id]


def in_words(count: int) -> str:
    """Return how many wait, for people."""
    return _("more than %(count)s") % {"count": COUNTED} if count > COUNTED else str(count)
