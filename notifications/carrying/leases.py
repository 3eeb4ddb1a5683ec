"""Who sends to which endpoint: one process at a time, so that its cap is exact and its order nearly kept.

A lease is the health row's token. It ends in three ways: its holder gives it back; nobody renewed it in time; or the session
of the database that its holder works in is gone. That session holds an advisory lock named after the token, which PostgreSQL
lets go of in the instant it ends: nobody waits half a minute for a process that was killed. Whoever takes over does not know
how far the one before it came.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from bankops.core import sql_arrays
from bankops.core.db import prepared
from bankops.core.encryption import CannotDecrypt
from notifications.breaker import Standing
from notifications.carrying import standings
from notifications.models import BreakerState, EndpointSecret

LEASE = timedelta(seconds=30)
"""How long a lease stands without being renewed."""
_UNREADABLE, _LOOK_AGAIN = "SECRET_UNREADABLE", timedelta(minutes=1)
_logger = logging.getLogger(__name__)

_HOLD = "SELECT pg_advisory_lock(hashtextextended(%(token)s::text, 0))"
_LET_GO = "SELECT pg_advisory_unlock(hashtextextended(%(token)s::text, 0))"

# Those that waited longest first. What somebody else is just looking at is passed over.
_TAKE = """
    WITH wanting AS (
        SELECT h.endpoint_id
          FROM notifications_endpointhealth h
          JOIN notifications_endpoint e ON e.id = h.endpoint_id AND e.state = 'ENABLED'
          JOIN partners_partner p ON p.id = e.partner_id AND p.state = 'ACTIVE'
         WHERE (h.not_before IS NULL OR h.not_before <= %(now)s)
           AND (h.breaker <> 'OPEN' OR h.probe_at IS NULL OR h.probe_at <= %(now)s)
           AND (h.breaker = 'CLOSED' AND h.last_success_at IS NOT NULL
                AND (h.last_failure_at IS NULL OR h.last_failure_at < h.last_success_at)) = %(proven)s
           AND EXISTS (SELECT FROM notifications_delivery d WHERE d.endpoint_id = h.endpoint_id AND d.state = 'PENDING'
                          AND d.next_attempt_at <= %(now)s)
           AND EXISTS (SELECT FROM notifications_endpointsecret s WHERE s.endpoint_id = h.endpoint_id
                          AND s.valid_from <= %(now)s AND (s.valid_until IS NULL OR s.valid_until > %(now)s))
           AND (h.lease_token IS NULL OR (h.lease_token <> %(token)s::uuid AND (h.lease_until <= %(now)s
                OR pg_try_advisory_xact_lock(hashtextextended(h.lease_token::text, 0)))))
         ORDER BY h.last_leased_at NULLS FIRST
         LIMIT %(limit)s
           FOR NO KEY UPDATE OF h SKIP LOCKED
    )
    UPDATE notifications_endpointhealth h
       SET lease_token = %(token)s::uuid, lease_until = %(until)s, leased_by = %(by)s, last_leased_at = %(now)s
      FROM wanting w WHERE h.endpoint_id = w.endpoint_id
    RETURNING h.endpoint_id
"""
# It may have arrived, so it is sent again at once; the receiver knows it by its id. No fault of the receiver's: no try.
_INTERRUPTED = """
    WITH cut_off AS (
        SELECT id, sending_since FROM notifications_delivery
         WHERE endpoint_id = ANY(%(endpoints)s::uuid[]) AND sending_since IS NOT NULL
           FOR NO KEY UPDATE
    ), taken_back AS (
        UPDATE notifications_delivery d
           SET sending_since = NULL, attempts = d.attempts + 1,
               next_attempt_at = CASE WHEN d.state = 'PENDING' THEN %(now)s::timestamptz END
          FROM cut_off c WHERE d.id = c.id
        RETURNING d.id, d.endpoint_id, d.attempts, d.next_attempt_at, c.sending_since
    )
    INSERT INTO notifications_attempt (delivery_id, endpoint_id, number, started_at, duration_ms, outcome, error,
                                       next_attempt_at, request_headers, answer_headers, answer)
    SELECT id, endpoint_id, attempts, sending_since, 0, 'INTERRUPTED', '', next_attempt_at, '{}', '{}', ''
      FROM taken_back
"""
_HELD = """
    SELECT h.endpoint_id, e.url, e.timeout_seconds, e.max_in_flight, e.waits::text,
           e.state = 'ENABLED' AND p.state = 'ACTIVE' AND (h.not_before IS NULL OR h.not_before <= %(now)s),
           h.last_success_at IS NOT NULL AND (h.last_failure_at IS NULL OR h.last_failure_at < h.last_success_at),
           h.breaker, h.breaker_since, h.opened_in_a_row, h.probe_at, h.probes_sent, h.probes_good
      FROM notifications_endpointhealth h
      JOIN notifications_endpoint e ON e.id = h.endpoint_id
      JOIN partners_partner p ON p.id = e.partner_id
     WHERE h.endpoint_id = ANY(%(endpoints)s::uuid[]) AND h.lease_token = %(token)s::uuid
"""
# In what follows a row that somebody else has locked is passed over: nobody's work on one endpoint delays the others.
_RENEW = """
    UPDATE notifications_endpointhealth SET lease_until = %(until)s
     WHERE endpoint_id IN (SELECT endpoint_id FROM notifications_endpointhealth WHERE lease_token = %(token)s::uuid
                              FOR NO KEY UPDATE SKIP LOCKED)
"""
_RELEASE = """
    WITH mine AS (
        SELECT endpoint_id FROM notifications_endpointhealth
         WHERE endpoint_id = ANY(%(endpoints)s::uuid[]) AND lease_token = %(token)s::uuid
    ), free AS (
        SELECT endpoint_id FROM notifications_endpointhealth
         WHERE endpoint_id IN (SELECT endpoint_id FROM mine) AND lease_token = %(token)s::uuid
           FOR NO KEY UPDATE SKIP LOCKED
    ), released AS (
        UPDATE notifications_endpointhealth h SET lease_token = NULL, lease_until = NULL, leased_by = ''
          FROM free f WHERE h.endpoint_id = f.endpoint_id
        RETURNING h.endpoint_id
    )
    SELECT endpoint_id FROM mine EXCEPT SELECT endpoint_id FROM released
"""
# Nothing is sent to it, and nobody else kept waiting: whoever has the keys sees it in the log and at the endpoint.
_PUT_OFF = """
    UPDATE notifications_endpointhealth
       SET not_before = greatest(not_before, %(until)s), last_failure_at = %(now)s, last_failure = %(why)s
     WHERE endpoint_id IN (SELECT endpoint_id FROM notifications_endpointhealth
                            WHERE endpoint_id = ANY(%(endpoints)s::uuid[]) AND lease_token = %(token)s::uuid
                              FOR NO KEY UPDATE SKIP LOCKED)
"""
_NOBODYS = """
    SELECT DISTINCT d.endpoint_id FROM notifications_delivery d JOIN notifications_endpointhealth h USING (endpoint_id)
     WHERE d.sending_since < %(before)s AND (h.lease_until IS NULL OR h.lease_until < %(before)s)
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """What somebody who sends to an endpoint has to know of it.

    Attributes:
        sendable: it may be sent to now: not paused, its partner active, no quiet asked for.
        proven: its last result was a success.
        secrets: those that live now, the newest first.

    """

    endpoint_id: UUID
    url: str
    timeout: float
    max_in_flight: int
    waits: tuple[int, ...]
    sendable: bool
    proven: bool
    standing: Standing
    secrets: tuple[str, ...] = field(repr=False)

    @property
    def healthy(self) -> bool:
        """Tell whether it may have all the lanes that its owner allows."""
        return self.proven and self.standing.state == BreakerState.CLOSED


def hold(token: UUID) -> None:
    """Tie a token to this session of the database: leases under it end with the session, if not before."""
    prepared(_HOLD, {"token": token})


def let_go(token: UUID) -> None:
    """End what `hold` began."""
    prepared(_LET_GO, {"token": token})


@transaction.atomic
def take(token: UUID, *, by: str, proven: bool, limit: int, now: datetime) -> list[UUID]:
    """Lease endpoints that something is due for, and take back what their last holder was sending; return them.

    :param proven: of those whose last result was a success, or else of the others.
    :raises TransactionRequired: never; it opens its own.
    """
    asked = {"token": token, "by": by, "until": now + LEASE, "now": now, "proven": proven, "limit": limit}
    endpoints: list[UUID] = [key for (key,) in prepared(_TAKE, asked)]
    if endpoints:
        take_back(endpoints, now=now)
        standings.let_probe(endpoints, now=now)
    return endpoints


def take_back(endpoints: Sequence[UUID], *, now: datetime) -> None:
    """Record what was being sent to endpoints as interrupted, and have it sent again; under their health rows' locks."""
    prepared(_INTERRUPTED, {"endpoints": sql_arrays.of_uuids(endpoints), "now": now})


def held(token: UUID, endpoints: Sequence[UUID], *, now: datetime) -> list[Lease]:
    """Return the leases that stand, of these, as their endpoints are now; those that were lost are not among them.

    An endpoint whose secrets no key opens is put off for a minute.
    """
    if not endpoints:
        return []
    secrets = _secrets(endpoints, now)
    if unsigned := [key for key, live in secrets.items() if not live]:
        asked = {"endpoints": sql_arrays.of_uuids(unsigned), "token": token, "now": now}
        prepared(_PUT_OFF, {**asked, "until": now + _LOOK_AGAIN, "why": _UNREADABLE})
    rows = prepared(_HELD, {"token": token, "endpoints": sql_arrays.of_uuids(endpoints), "now": now})
    return [
        Lease(
            endpoint_id=key,
            url=url,
            timeout=float(timeout),
            max_in_flight=at_once,
            waits=tuple(json.loads(waits)),
            sendable=sendable and bool(secrets[key]),
            proven=proven,
            standing=Standing(BreakerState(standing[0]), *standing[1:]),
            secrets=tuple(secrets[key]),
        )
        for key, url, timeout, at_once, waits, sendable, proven, *standing in rows
    ]


def renew(token: UUID, *, now: datetime) -> None:
    """Let every lease of a token stand for longer, but for those whose rows somebody has locked: their turn comes again."""
    prepared(_RENEW, {"token": token, "until": now + LEASE})


def release(token: UUID, endpoints: Sequence[UUID]) -> set[UUID]:
    """Give leases back: nothing is being sent to these endpoints. Return those that could not be, as somebody locked them."""
    return {key for (key,) in prepared(_RELEASE, {"token": token, "endpoints": sql_arrays.of_uuids(endpoints)})}


@transaction.atomic
def cut_off(token: UUID, endpoints: Sequence[UUID], *, now: datetime) -> None:
    """Record what is in the air under leases of one's own as interrupted, before they are given back unfinished.

    Of an endpoint that somebody has locked, whoever takes the lease next does.
    """
    mine = [key for key, health in standings.lock_free(endpoints).items() if health.lease_token == token]
    take_back(mine, now=now)


def take_back_orphans(*, now: datetime) -> None:
    """Record as interrupted what nobody is sending any more: its endpoint was paused or disabled when its sender died.

    Of the others whoever takes the lease over does. What somebody has locked is left to the next run.
    """
    before = now - 2 * LEASE
    for (endpoint_id,) in prepared(_NOBODYS, {"before": before}):
        with transaction.atomic():
            if standings.lock_free([endpoint_id]) and (endpoint_id,) in prepared(_NOBODYS, {"before": before}):
                take_back([endpoint_id], now=now)


def _secrets(endpoints: Sequence[UUID], now: datetime) -> dict[UUID, list[str]]:
    """Return the secrets that live and can be read, by endpoint; of one that has only others, an empty list."""
    found: dict[UUID, list[str]] = defaultdict(list)
    rows = EndpointSecret.objects.filter(endpoint_id__in=endpoints, valid_from__lte=now).order_by("-valid_from", "-id")
    for row in rows.exclude(valid_until__lte=now):
        readable = found[row.endpoint_id]
        try:
            readable.append(row.secret.reveal())
        except CannotDecrypt:
            _logger.exception("webhook_secret_unreadable")
    return found
