"""Which deliveries are sent next: those of leased endpoints that are due, marked as being sent before they are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bankops.core import sql_arrays
from bankops.core.db import prepared
from bankops.core.outbox import Event
from notifications.carrying.leases import Lease
from notifications.carrying.parcels import Parcel
from notifications.event_body import body_of

# A lease is asked for again here, and the endpoint's state: what was paused a moment ago is not sent.
_CLAIM = """
    WITH due AS (
        SELECT d.id
          FROM unnest(%(endpoints)s::uuid[], %(rooms)s::integer[]) AS r(endpoint_id, room)
          JOIN notifications_endpointhealth h ON h.endpoint_id = r.endpoint_id AND h.lease_token = %(token)s::uuid
          JOIN notifications_endpoint e ON e.id = r.endpoint_id AND e.state = 'ENABLED'
          CROSS JOIN LATERAL (
              SELECT id FROM notifications_delivery
               WHERE endpoint_id = r.endpoint_id AND state = 'PENDING' AND next_attempt_at <= %(now)s
                 AND sending_since IS NULL
               ORDER BY next_attempt_at, id LIMIT r.room
                 FOR UPDATE SKIP LOCKED) d
    )
    UPDATE notifications_delivery d SET sending_since = %(now)s
      FROM due JOIN notifications_delivery p ON p.id = due.id JOIN core_outboxmessage m ON m.id = p.message_id
     WHERE d.id = due.id
    RETURNING d.next_attempt_at, d.id, d.endpoint_id, d.tries, d.event_id, d.topic, d.subject_id, m.payload::text,
              d.announced_at, d.sequence
"""
_PUT_BACK = """
    WITH mine AS (
        SELECT d.id FROM notifications_delivery d JOIN notifications_endpointhealth h ON h.endpoint_id = d.endpoint_id
         WHERE d.id = ANY(%(deliveries)s::uuid[]) AND h.lease_token = %(token)s::uuid
           FOR NO KEY UPDATE OF d SKIP LOCKED
    )
    UPDATE notifications_delivery d SET sending_since = NULL FROM mine WHERE d.id = mine.id
"""


@dataclass(frozen=True, slots=True)
class Load:
    """A parcel, and what is to be known when its answer is here.

    Attributes:
        tries: how many tries it had before this one.
        waits: seconds between tries, as its endpoint had them when it was claimed.

    """

    parcel: Parcel
    tries: int
    waits: tuple[int, ...]


def claim(token: UUID, rooms: Mapping[Lease, int], *, now: datetime) -> list[Load]:
    """Mark as being sent, and return, what is due for leased endpoints: up to so many for each, those due longest first."""
    leases = {lease.endpoint_id: lease for lease in rooms}
    asked = {
        "token": token,
        "now": now,
        "endpoints": sql_arrays.of_uuids(leases),
        "rooms": sql_arrays.of_words(rooms.values()),
    }
    rows = sorted(prepared(_CLAIM, asked), key=lambda row: row[:2])
    return [_load(leases[row[2]], row) for row in rows]


def put_back(token: UUID, loads: Iterable[Load]) -> None:
    """Take the mark from what was claimed and not sent, unless somebody else has the endpoint by now.

    What somebody has locked keeps it: whoever has the lease next records it as interrupted.
    """
    deliveries = sql_arrays.of_uuids(load.parcel.delivery_id for load in loads)
    prepared(_PUT_BACK, {"token": token, "deliveries": deliveries})


def _load(lease: Lease, row: tuple[Any, ...]) -> Load:
    _due, delivery_id, endpoint_id, tries, event_id, topic, subject_id, payload, announced_at, sequence = row
    event = Event((0, 0), event_id, topic, subject_id, json.loads(payload), announced_at, sequence)
    parcel = Parcel(
        delivery_id=delivery_id,
        endpoint_id=endpoint_id,
        url=lease.url,
        body=body_of(event),
        event_id=event.public_id,
        secrets=lease.secrets,
        timeout=lease.timeout,
    )
    return Load(parcel, tries, lease.waits)
