"""How breakers move with what came of sending; under the locks of the health rows, in the transaction of the results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bankops.core import sql_arrays
from bankops.core.db import prepared, transaction_required
from notifications import breaker
from notifications.backlogs import backlog_of
from notifications.breaker import Standing, Window
from notifications.models import BreakerState, Endpoint
from notifications.services import incidents

# In the order of their keys, as everybody locks them.
_LOCK = """
    SELECT endpoint_id, lease_token, breaker, breaker_since, opened_in_a_row, probe_at, probes_sent, probes_good
      FROM notifications_endpointhealth WHERE endpoint_id = ANY(%(endpoints)s::uuid[])
     ORDER BY endpoint_id FOR NO KEY UPDATE
"""
_LOCK_FREE = f"{_LOCK} SKIP LOCKED"
_WINDOWS = """
    SELECT t.endpoint_id, coalesce(sum(m.delivered), 0)::integer, coalesce(sum(m.failed), 0)::integer
      FROM unnest(%(endpoints)s::uuid[], %(since)s::timestamptz[]) AS t(endpoint_id, since)
      LEFT JOIN notifications_endpointminute m ON m.endpoint_id = t.endpoint_id AND m.minute >= t.since
     GROUP BY t.endpoint_id
"""
_WRITE = """
    UPDATE notifications_endpointhealth
       SET breaker = %(state)s, breaker_since = %(since)s, opened_in_a_row = %(opened_in_a_row)s, probe_at = %(probe_at)s,
           probes_sent = %(probes_sent)s, probes_good = %(probes_good)s
     WHERE endpoint_id = %(endpoint)s
"""


@dataclass(frozen=True, slots=True)
class Locked:
    """A health row under its lock: who has the lease, and how its breaker stands."""

    lease_token: UUID | None
    standing: Standing


@transaction_required
def lock(endpoints: Iterable[UUID]) -> dict[UUID, Locked]:
    """Lock the health of endpoints and return it."""
    return _locked(_LOCK, endpoints)


@transaction_required
def lock_free(endpoints: Iterable[UUID]) -> dict[UUID, Locked]:
    """Lock the health of those endpoints that nobody else has locked, and return it: a sender waits for nobody."""
    return _locked(_LOCK_FREE, endpoints)


def _locked(statement: str, endpoints: Iterable[UUID]) -> dict[UUID, Locked]:
    rows = prepared(statement, {"endpoints": sql_arrays.of_uuids(endpoints)})
    return {key: Locked(token, Standing(BreakerState(state), *rest)) for key, token, state, *rest in rows}


@transaction_required
def let_probe(endpoints: Sequence[UUID], *, now: datetime) -> None:
    """Make breakers half open whose rest is over."""
    for endpoint_id, health in lock(endpoints).items():
        if health.standing.state == BreakerState.OPEN:
            _move(
                endpoint_id, health.standing, breaker.after(health.standing, Window(0, 0), good=0, bad=0, now=now), now
            )


@transaction_required
def count_in(locked: Mapping[UUID, Locked], counts: Mapping[UUID, tuple[int, int]], *, now: datetime) -> None:
    """Let breakers know of results that are in the minutes' rows already.

    :param counts: of each endpoint, how many arrived and how many failed.
    """
    windows = _windows(locked, now)
    for endpoint_id, (good, bad) in counts.items():
        standing = locked[endpoint_id].standing
        _move(endpoint_id, standing, breaker.after(standing, windows[endpoint_id], good=good, bad=bad, now=now), now)


def _windows(locked: Mapping[UUID, Locked], now: datetime) -> dict[UUID, Window]:
    since = [breaker.window_from(health.standing, now).isoformat() for health in locked.values()]
    asked = {"endpoints": sql_arrays.of_uuids(locked), "since": sql_arrays.of_texts(since)}
    return {key: Window(delivered, failed) for key, delivered, failed in prepared(_WINDOWS, asked)}


def _move(endpoint_id: UUID, before: Standing, after: Standing, now: datetime) -> None:
    """Write a standing that changed; tell of it where its state did."""
    if before == after:
        return
    told = {
        "endpoint": endpoint_id,
        "state": after.state.value,
        "since": after.since,
        "opened_in_a_row": after.opened_in_a_row,
        "probe_at": after.probe_at,
        "probes_sent": after.probes_sent,
        "probes_good": after.probes_good,
    }
    prepared(_WRITE, told)
    if before.state != after.state:
        endpoint = Endpoint.objects.select_related("partner").get(pk=endpoint_id)
        waiting = backlog_of(endpoint_id).count
        incidents.breaker_moved(endpoint=endpoint, before=before, after=after, waiting=waiting, now=now)
