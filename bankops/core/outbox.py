"""Tell the outside, by writing it down first: the message commits with the change, or neither does.

Whoever is told, its audience, can read all of it in one order (`events_for`), and misses nothing: keys are drawn before the
commit, so of two messages the later key may be seen first, and a reader that went on from there would never see the other.
The order is therefore that of the transactions, and it is told only as far as every transaction has ended. One that writes
for long delays the feed; it loses nothing.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, Error, connections, transaction

from bankops.core import context, ids, together
from bankops.core.db import prepared, transaction_required
from bankops.core.errors import InvalidId
from bankops.core.models import OutboxMessage

CHANNEL = "bankops_outbox"
"""Where PostgreSQL says that there is something new (LISTEN). A hint: whoever carries looks by itself every few seconds, too."""
_QUIET_SECONDS = 0.1  # whoever was woken looks for at least a second
_logger = logging.getLogger(__name__)

# The how-manieth event of its record: events of one record are written under its lock, so their keys rise in their order.
_COLUMNS = """
    m.xid, m.id, m.event_id, m.topic, m.subject_id, m.payload, m.announced_at,
    (SELECT count(*) FROM core_outboxmessage o
      WHERE o.audience = m.audience AND o.audience <> '' AND o.subject_id = m.subject_id AND o.id <= m.id)
"""
_FEED = f"""
    SELECT {_COLUMNS} FROM core_outboxmessage m
     WHERE m.audience = %(audience)s AND m.audience <> '' AND (m.xid, m.id) > (%(xid)s::bigint, %(id)s::bigint)
       AND m.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
       AND (%(topic)s::text = '' OR m.topic = %(topic)s::text)
     ORDER BY m.xid, m.id
     LIMIT %(limit)s
"""  # noqa: S608 - our own columns
_ONE = f"""
    SELECT {_COLUMNS} FROM core_outboxmessage m
     WHERE m.event_id = %(event_id)s AND m.audience = %(audience)s AND m.audience <> ''
"""  # noqa: S608 - our own columns


@dataclass(frozen=True, slots=True)
class Event:
    """A message as its audience reads it.

    Attributes:
        sequence: the how-manieth of its record it is, from 1: what came later has a higher one, however late it is read.

    """

    place: tuple[int, int]
    event_id: UUID
    topic: str
    subject_id: str
    payload: Mapping[str, Any]
    announced_at: datetime
    sequence: int

    @property
    def public_id(self) -> str:
        """Its id: `evt_…`."""
        return ids.encode(OutboxMessage.ID_PREFIX, self.event_id)


@transaction_required
def announce(
    topic: str, *, subject_id: str, payload: Mapping[str, Any], now: datetime, audience: str = ""
) -> OutboxMessage:
    """Write an outbox row in the caller's transaction and return it; workers carry it out after the commit.

    :param topic: the audit event's name, for instance `transactions.transfer.posted`.
    :param subject_id: public id of the record.
    :param payload: JSON primitives; ids and decimal strings, no floats, no personal data; for an audience, nothing that it
        may not know.
    :param audience: who outside may read it (`ptn_…`); empty for nobody.
    :raises TransactionRequired: outside a transaction.
    """
    message = OutboxMessage(
        topic=topic,
        subject_id=subject_id,
        payload=dict(payload),
        request_id=context.request_id(),
        announced_at=now,
        audience=audience,
    )
    _wake_after_commit()
    return together.write([message])[0]


def events_for(audience: str, *, after: Event | None = None, topic: str = "", limit: int = 100) -> list[Event]:
    """Return what was told to an audience after an event of its own, or from the beginning, in an order that stays.

    What is not here yet comes behind what is: whoever goes on from the last one misses nothing.

    :param topic: only what has this one; empty for all.
    """
    xid, key = after.place if after else (0, 0)
    asked = {"audience": audience, "xid": xid, "id": key, "topic": topic, "limit": limit}
    return [_event(row) for row in prepared(_FEED, asked)]


def event_for(audience: str, public_id: str) -> Event | None:
    """Return one event of an audience by its id (`evt_…`), or None where it has none of this id."""
    try:
        event_id = ids.decode(OutboxMessage.ID_PREFIX, public_id)
    except InvalidId:
        return None
    found = prepared(_ONE, {"event_id": event_id, "audience": audience})
    return _event(found[0]) if found else None


class _Alarm:
    """When this process last said that there is something new."""

    rung_at = 0.0


def _wake_after_commit() -> None:
    """Have it said once for each transaction: the hint is not sent within it.

    At the commit of a transaction that has notified, PostgreSQL takes a lock that all such commits of the whole server share,
    and holds it while the transaction is written to the disk. Alone, a notification writes nothing that is waited for.
    """
    if not any(entry[1] is _wake for entry in connections[DEFAULT_DB_ALIAS].run_on_commit):
        transaction.on_commit(_wake)


def _wake() -> None:
    tick = time.monotonic()
    if tick - _Alarm.rung_at < _QUIET_SECONDS:
        return
    _Alarm.rung_at = tick
    try:
        prepared(f"NOTIFY {CHANNEL}", {})
    except Error:  # whatever became of the connection: the change is committed, and will be found
        _logger.warning("outbox_hint_lost", exc_info=True)


def _event(row: tuple[Any, ...]) -> Event:
    xid, key, event_id, topic, subject_id, payload, announced_at, sequence = row
    told = json.loads(payload) if isinstance(payload, str) else payload
    return Event((xid, key), event_id, topic, subject_id, told, announced_at, sequence)
