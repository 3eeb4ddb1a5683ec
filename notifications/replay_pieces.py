"""A piece of a replay: the statements by which up to a thousand events become deliveries again.

Dead letters are found by their state, which the piece itself changes, so no place has to be remembered. All events are read from
the outbox in the order of the feed (`bankops.core.outbox`), and only as far as every transaction has ended: an event that
commits late is missed by nobody who goes on from a place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bankops.core import ids, sql_arrays
from bankops.core.db import prepared, transaction_required
from notifications import event_types
from notifications.models import ReplayJob, ReplayKind

SIZE = 1_000

_DEAD = """
      FROM notifications_delivery
     WHERE endpoint_id = %(endpoint)s AND state = 'DEAD' AND announced_at >= %(since)s AND finished_at <= %(until)s
"""
_COUNT_DEAD = f"SELECT count(*) {_DEAD}"
_REVIVE = f"""
WITH chosen AS MATERIALIZED (SELECT id {_DEAD} ORDER BY announced_at LIMIT %(size)s FOR NO KEY UPDATE)
UPDATE notifications_delivery d
   SET state = 'PENDING', why = '', tries = 0, replayed_at = %(now)s, next_attempt_at = %(now)s, finished_at = NULL
  FROM chosen WHERE d.id = chosen.id
RETURNING d.id
"""  # noqa: S608 - our own columns

_FEED = """
      FROM core_outboxmessage m
     WHERE m.audience = %(audience)s AND m.audience <> '' AND (m.xid, m.id) > (%(place_xid)s::bigint, %(place)s::bigint)
"""
_COUNT_ALL = f"SELECT count(*) {_FEED} AND m.announced_at >= %(since)s"
# What is not dispatched yet, and announced since the endpoint was added, is about to be fanned out to it anyway.
_ALL = f"""
WITH looked AS MATERIALIZED (
    SELECT m.* {_FEED} AND m.xid < LEAST(%(xid)s::bigint, pg_snapshot_xmin(pg_current_snapshot())::text::bigint)
     ORDER BY m.xid, m.id LIMIT %(size)s
), wanted AS (
    SELECT l.*, row_number() OVER (ORDER BY l.xid, l.id) AS nth FROM looked l
     WHERE l.announced_at >= %(since)s AND l.topic <> %(test)s
       AND (%(topics)s::text[] = '{{}}' OR l.topic = ANY (%(topics)s::text[]))
       AND (l.dispatched_at IS NOT NULL OR l.announced_at < %(added_at)s)
), sent AS (
    INSERT INTO notifications_delivery AS d
           (id, endpoint_id, message_id, event_id, topic, subject_id, sequence, announced_at,
            state, why, tries, attempts, created_at, next_attempt_at)
    SELECT (%(ids)s::uuid[])[w.nth], %(endpoint)s, w.id, w.event_id, w.topic, w.subject_id,
           (SELECT count(*) FROM core_outboxmessage o
             WHERE o.audience = w.audience AND o.audience <> '' AND o.subject_id = w.subject_id AND o.id <= w.id),
           w.announced_at, 'PENDING', '', 0, 0, %(now)s, %(now)s
      FROM wanted w ORDER BY w.nth
    ON CONFLICT (message_id, endpoint_id) DO UPDATE
       SET state = 'PENDING', why = '', tries = 0, replayed_at = %(now)s, next_attempt_at = %(now)s, finished_at = NULL
     WHERE d.state <> 'PENDING'
    RETURNING 1
), last AS (SELECT xid, id FROM looked ORDER BY xid DESC, id DESC LIMIT 1)
SELECT (SELECT count(*) FROM looked), (SELECT count(*) FROM looked WHERE announced_at >= %(since)s),
       (SELECT count(*) FROM sent), (SELECT xid FROM last), (SELECT id FROM last),
       pg_snapshot_xmin(pg_current_snapshot())::text::bigint > %(xid)s::bigint
"""  # noqa: S608 - our own columns


@dataclass(frozen=True, slots=True)
class Piece:
    """What a piece came to.

    Attributes:
        place: transaction and key of the last event that was looked at.
        is_full: there may be more to look at right now.
        is_last: there is nothing more to look at, now or later.

    """

    looked_at: int
    sent_again: int
    place: tuple[int, int]
    is_full: bool
    is_last: bool


def count(job: ReplayJob) -> int:
    """Return how many events an order has to look at, as far as they have committed."""
    return int(prepared(_COUNT_DEAD if job.kind == ReplayKind.DEAD else _COUNT_ALL, _asked(job))[0][0])


@transaction_required
def send_piece(job: ReplayJob, *, now: datetime) -> Piece:
    """Make the next deliveries of an order pending. The caller has the order's lock and the endpoint's."""
    return _revive(job, now) if job.kind == ReplayKind.DEAD else _send_all(job, now)


def _revive(job: ReplayJob, now: datetime) -> Piece:
    revived = len(prepared(_REVIVE, {**_asked(job), "now": now, "size": SIZE}))
    full = revived == SIZE
    return Piece(revived, revived, (0, 0), is_full=full, is_last=not full)


def _send_all(job: ReplayJob, now: datetime) -> Piece:
    endpoint = job.endpoint
    chosen = {
        "now": now,
        "size": SIZE,
        "xid": job.xid,
        "test": event_types.TEST,
        "topics": list(endpoint.event_types),
        "added_at": endpoint.added_at,
        "ids": sql_arrays.of_uuids(ids.uuid7s(SIZE)),
    }
    ((read, looked_at, sent_again, xid, key, settled),) = prepared(_ALL, {**_asked(job), **chosen})
    place = (xid, key) if read else (job.place_xid, job.place)
    return Piece(looked_at, sent_again, place, is_full=read == SIZE, is_last=read < SIZE and settled)


def _asked(job: ReplayJob) -> Mapping[str, Any]:
    asked = {"endpoint": job.endpoint_id, "since": job.since, "until": job.until}
    if job.kind == ReplayKind.DEAD:
        return asked
    return {**asked, "audience": job.endpoint.partner.public_id, "place_xid": job.place_xid, "place": job.place}
