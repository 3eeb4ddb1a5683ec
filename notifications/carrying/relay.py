"""From the outbox to deliveries and notices: each message once, whoever takes it, in the transaction that marks it as taken."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from bankops.core import ids, sql_arrays
from bankops.core.db import prepared
from bankops.core.errors import InvalidId
from notifications import staff_routes
from notifications.staff_routes import Told
from partners.models import Partner

BATCH = 1_000
"""Messages that one transaction takes at most."""
_NEWS = timedelta(days=1)  # staff is told of what happened since; a bank that upgrades has years of messages waiting

# Nobody waits for anybody: what another relay has taken is passed over.
_CLAIM = """
    SELECT id, event_id, topic, subject_id, audience, announced_at,
           CASE WHEN topic = ANY(%(topics)s::text[]) THEN payload::text END
      FROM core_outboxmessage WHERE dispatched_at IS NULL ORDER BY id LIMIT %(limit)s
       FOR UPDATE SKIP LOCKED
"""
# Asked after the messages are claimed: an endpoint is seen if it was committed before one of them was; else see `first_moment`.
_ENDPOINTS = """
    SELECT id, partner_id, added_at, event_types::text FROM notifications_endpoint
     WHERE partner_id = ANY(%(partners)s::uuid[]) AND state <> 'DISABLED'
     ORDER BY id
"""
# The sequence: see `bankops.core.outbox`.
_DELIVER = """
    INSERT INTO notifications_delivery (id, endpoint_id, message_id, event_id, topic, subject_id, sequence, announced_at,
                                        state, why, tries, attempts, created_at, next_attempt_at)
    SELECT t.id, t.endpoint_id, m.id, m.event_id, m.topic, m.subject_id,
           (SELECT count(*) FROM core_outboxmessage o
             WHERE o.audience = m.audience AND o.audience <> '' AND o.subject_id = m.subject_id AND o.id <= m.id),
           m.announced_at, 'PENDING', '', 0, 0, %(now)s, %(now)s
      FROM unnest(%(ids)s::uuid[], %(endpoints)s::uuid[], %(messages)s::bigint[]) AS t(id, endpoint_id, message_id)
      JOIN core_outboxmessage m ON m.id = t.message_id
        ON CONFLICT (message_id, endpoint_id) DO NOTHING
"""
_MARK = """
    UPDATE core_outboxmessage SET dispatched_at = %(now)s WHERE id = ANY(%(messages)s::bigint[])
"""


@dataclass(frozen=True, slots=True)
class _Message:
    id: int
    event_id: UUID
    topic: str
    subject_id: str
    audience: str
    announced_at: datetime
    payload: str | None


@dataclass(frozen=True, slots=True)
class _Endpoint:
    id: UUID
    partner_id: UUID
    added_at: datetime
    event_types: frozenset[str]

    def wants(self, message: _Message) -> bool:
        return message.announced_at >= self.added_at and (not self.event_types or message.topic in self.event_types)


@transaction.atomic
def relay(*, now: datetime, limit: int = BATCH) -> int:
    """Hand the oldest messages that nobody has taken yet to whom they concern; return how many there were.

    Every endpoint of the audience that is not disabled, wants the type and was there when it was announced gets a delivery,
    due at once; staff's routes write their notices.
    """
    asked = {"limit": limit, "topics": sql_arrays.of_texts(sorted(staff_routes.topics()))}
    messages = [_Message(*row) for row in prepared(_CLAIM, asked)]
    if messages:
        _deliver(messages, now)
        staff_routes.notices_for(_told(messages, now), now=now)
        prepared(_MARK, {"now": now, "messages": sql_arrays.of_words(message.id for message in messages)})
    return len(messages)


def _deliver(messages: Sequence[_Message], now: datetime) -> None:
    wanted = list(_wanted(messages))
    if not wanted:
        return
    told = {
        "now": now,
        "ids": sql_arrays.of_uuids(ids.uuid7s(len(wanted))),
        "endpoints": sql_arrays.of_uuids(endpoint.id for endpoint, _message in wanted),
        "messages": sql_arrays.of_words(message.id for _endpoint, message in wanted),
    }
    prepared(_DELIVER, told)


def _wanted(messages: Sequence[_Message]) -> Iterable[tuple[_Endpoint, _Message]]:
    """Yield who gets what, by message."""
    partner_of = {audience: _partner(audience) for audience in {message.audience for message in messages}}
    endpoints = _endpoints({partner for partner in partner_of.values() if partner})
    for message in messages:
        for endpoint in endpoints.get(partner_of[message.audience], ()):
            if endpoint.wants(message):
                yield endpoint, message


def _partner(audience: str) -> UUID | None:
    """Return the partner that a message is for, or None where it is for nobody, or for a kind of reader we know nothing of."""
    try:
        return ids.decode(Partner.ID_PREFIX, audience)
    except InvalidId:
        return None


def _endpoints(partners: set[UUID]) -> dict[UUID | None, list[_Endpoint]]:
    found: dict[UUID | None, list[_Endpoint]] = {}
    rows: list[tuple[Any, ...]] = prepared(_ENDPOINTS, {"partners": sql_arrays.of_uuids(partners)}) if partners else []
    for key, partner_id, added_at, event_types in rows:
        endpoint = _Endpoint(key, partner_id, added_at, frozenset(json.loads(event_types)))
        found.setdefault(partner_id, []).append(endpoint)
    return found


def _told(messages: Sequence[_Message], now: datetime) -> list[Told]:
    return [
        Told(message.event_id, message.topic, message.subject_id, json.loads(message.payload))
        for message in messages
        if message.payload is not None and message.announced_at > now - _NEWS
    ]
