"""What came of sending: attempts, what happens next to their deliveries, the endpoint's minute, its breaker. One transaction.

One for many results, as long as the database takes them. Where it does not, each endpoint's are written by themselves, and then
each result: one that cannot be written costs no other one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from bankops.core import ids, sql_arrays
from bankops.core.db import busy_is_an_answer, is_gone, prepared
from bankops.core.errors import Busy
from notifications import locks, waits
from notifications.carrying import standings
from notifications.carrying.lanes import Result
from notifications.carrying.parcels import Answer
from notifications.carrying.standings import Locked
from notifications.errors import EndpointDisabled
from notifications.models import Delivery, Outcome
from notifications.services import incidents
from notifications.services.endpoints import disable_gone_endpoint

TRIES_EXHAUSTED = "tries_exhausted"
UNWRITABLE = "What was answered could not be written down."
_GONE = 410
_QUIET = (429, 503)
_STATUSES = range(100, 600)
log = structlog.get_logger(__name__)

# What a 410 or an incident locks, besides the health rows.
_PATIENCE = "SELECT set_config('lock_timeout', '500ms', true)"

# A sender that lost its lease is believed when it says that something arrived; what happens next is its successor's to say.
_MOVE = """
    WITH told AS (
        SELECT * FROM unnest(%(deliveries)s::uuid[], %(held)s::boolean[], %(outcomes)s::text[], %(statuses)s::smallint[],
                             %(errors)s::text[], %(started)s::timestamptz[], %(millis)s::integer[],
                             %(next)s::timestamptz[], %(sent)s::text[], %(received)s::text[], %(answers)s::text[])
            AS t(delivery_id, held, outcome, status, error, started_at, duration_ms, next_attempt_at, request_headers,
                 answer_headers, answer)
    ), known AS (
        SELECT t.*, t.outcome = 'DELIVERED' AS arrived, t.held AND d.state = 'PENDING' AS moves
          FROM told t JOIN notifications_delivery d ON d.id = t.delivery_id
    ), moved AS (
        UPDATE notifications_delivery d
           SET attempts = d.attempts + 1,
               tries = d.tries + CASE WHEN k.moves AND d.tries < 30000 THEN 1 ELSE 0 END,
               state = CASE WHEN k.arrived THEN 'DELIVERED'
                            WHEN k.moves AND k.next_attempt_at IS NULL THEN 'DEAD' ELSE d.state END,
               why = CASE WHEN k.arrived THEN ''
                          WHEN k.moves AND k.next_attempt_at IS NULL THEN %(exhausted)s ELSE d.why END,
               next_attempt_at = CASE WHEN k.arrived THEN NULL WHEN k.moves THEN k.next_attempt_at
                                      ELSE d.next_attempt_at END,
               finished_at = CASE WHEN d.state = 'DELIVERED' THEN d.finished_at
                                  WHEN k.arrived OR (k.moves AND k.next_attempt_at IS NULL) THEN %(now)s
                                  ELSE d.finished_at END,
               sending_since = CASE WHEN k.held THEN NULL ELSE d.sending_since END
          FROM known k WHERE d.id = k.delivery_id
        RETURNING d.id, d.endpoint_id, d.attempts
    )
    INSERT INTO notifications_attempt (delivery_id, endpoint_id, number, started_at, duration_ms, outcome, status, error,
                                       next_attempt_at, request_headers, answer_headers, answer)
    SELECT m.id, m.endpoint_id, m.attempts, k.started_at, k.duration_ms, k.outcome, k.status, k.error,
           CASE WHEN k.moves AND NOT k.arrived THEN k.next_attempt_at END,
           k.request_headers::jsonb, k.answer_headers::jsonb, k.answer
      FROM known k JOIN moved m ON m.id = k.delivery_id
     ORDER BY k.started_at
"""
_MINUTES = """
    INSERT INTO notifications_endpointminute AS m (endpoint_id, minute, delivered, failed, total_ms, slowest_ms)
    SELECT t.endpoint_id, %(minute)s, t.delivered, t.failed, t.total_ms, t.slowest_ms
      FROM unnest(%(endpoints)s::uuid[], %(good)s::integer[], %(bad)s::integer[], %(total)s::bigint[],
                  %(slowest)s::integer[]) AS t(endpoint_id, delivered, failed, total_ms, slowest_ms)
        ON CONFLICT (endpoint_id, minute) DO UPDATE
           SET delivered = m.delivered + EXCLUDED.delivered, failed = m.failed + EXCLUDED.failed,
               total_ms = m.total_ms + EXCLUDED.total_ms, slowest_ms = greatest(m.slowest_ms, EXCLUDED.slowest_ms)
"""
_HEALTH = """
    UPDATE notifications_endpointhealth h
       SET last_success_at = coalesce(t.succeeded, h.last_success_at),
           last_failure_at = coalesce(t.failed, h.last_failure_at),
           last_failure = coalesce(t.failure, h.last_failure),
           not_before = greatest(h.not_before, t.quiet)
      FROM unnest(%(endpoints)s::uuid[], %(succeeded)s::timestamptz[], %(failed)s::timestamptz[], %(failures)s::text[],
                  %(quiet)s::timestamptz[]) AS t(endpoint_id, succeeded, failed, failure, quiet)
     WHERE h.endpoint_id = t.endpoint_id
"""


@dataclass(frozen=True, slots=True)
class _Tally:
    """What came of one endpoint's results, oldest first."""

    good: int
    bad: int
    total_ms: int
    slowest_ms: int
    succeeded: datetime | None
    failed: datetime | None
    failure: str | None
    quiet: datetime | None


def write(token: UUID, results: Sequence[Result], *, now: datetime, chance: Callable[[], float]) -> list[Result]:
    """Write results, those of one delivery one after the other. An endpoint that answered 410 is disabled.

    Return those that are not written, because somebody else has locked what belongs to their endpoint: they are to be
    written a little later, and keep no others waiting.

    :param token: of the lease under which they were sent.
    :param chance: draws evenly from 0 to 1, for the jitter of waits.
    """
    left, waiting = list(results), list[Result]()
    while left:
        first = {result[0].parcel.delivery_id: result for result in reversed(left)}
        waiting += _written(token, list(first.values()), now, chance)
        left = [result for result in left if first[result[0].parcel.delivery_id] is not result]
    return waiting


def _written(token: UUID, results: Sequence[Result], now: datetime, chance: Callable[[], float]) -> list[Result]:
    """Write results together, or apart where the database does not take them so; return those that have to wait."""
    parts = _by_endpoint(results)
    try:
        return _write(token, results, now, chance)
    except Busy:
        if len(parts) == 1:
            return list(results)
    except Exception as error:
        if is_gone(error):
            raise
        if len(results) == 1:
            log.exception("webhook_result_refused", delivery=_named(results[0]))
            return _write_bare(token, results[0], now, chance)
        parts = parts if len(parts) > 1 else [[result] for result in results]
    return [left for part in parts for left in _written(token, part, now, chance)]


def _by_endpoint(results: Sequence[Result]) -> list[list[Result]]:
    parts: dict[UUID, list[Result]] = {}
    for result in results:
        parts.setdefault(result[0].parcel.endpoint_id, []).append(result)
    return list(parts.values())


def _write_bare(token: UUID, result: Result, now: datetime, chance: Callable[[], float]) -> list[Result]:
    """Write of a result only what is our own; where even that is refused, leave out what it means for its endpoint.

    It counts as the try that it was, so that it ends like any other.
    """
    load, answer = result
    for write_it in (_write, _write_move):
        try:
            waiting = write_it(token, [(load, _bare(answer))], now, chance)
        except Busy:
            return [result]
        except Exception as error:
            if is_gone(error):
                raise
            log.exception("webhook_result_refused", delivery=_named(result))
        else:
            return [result] if waiting else []
    return []  # it stays marked as being sent, and whoever has the lease next records it as interrupted


def _named(result: Result) -> str:
    return ids.encode(Delivery.ID_PREFIX, result[0].parcel.delivery_id)


def _bare(answer: Answer) -> Answer:
    """Return an answer without anything that a stranger wrote: whether it arrived, and when."""
    return replace(
        answer,
        status=answer.status if answer.status in _STATUSES else None,
        retry_after=None,
        error=UNWRITABLE,
        request_headers={},
        answer_headers={},
        answer="",
    )


def _write(token: UUID, results: Sequence[Result], now: datetime, chance: Callable[[], float]) -> list[Result]:
    """Write the results of the endpoints that nobody has locked; return the others.

    :raises Busy: when somebody has for too long what a breaker's move or a 410 needs besides; nothing is written.
    """
    with busy_is_an_answer(), transaction.atomic():
        prepared(_PATIENCE, {})
        locked, mine, waiting = _lock(results)
        if mine:
            _write_locked(token, locked, mine, now, chance)
    return waiting


def _write_move(token: UUID, results: Sequence[Result], now: datetime, chance: Callable[[], float]) -> list[Result]:
    """Write attempts and what happens next to their deliveries, and nothing else."""
    with busy_is_an_answer(), transaction.atomic():
        prepared(_PATIENCE, {})
        locked, mine, waiting = _lock(results)
        if mine:
            _move(token, locked, mine, now, chance)
    return waiting


def _lock(results: Sequence[Result]) -> tuple[dict[UUID, Locked], list[Result], list[Result]]:
    """Lock the endpoints' health; return it, the results of those that could be locked, and the others."""
    locked = standings.lock_free({load.parcel.endpoint_id for load, _answer in results})
    mine = [result for result in results if result[0].parcel.endpoint_id in locked]
    return locked, mine, [result for result in results if result[0].parcel.endpoint_id not in locked]


def _write_locked(
    token: UUID, locked: Mapping[UUID, Locked], results: Sequence[Result], now: datetime, chance: Callable[[], float]
) -> None:
    tallies = _tallies(results, now)
    _move(token, locked, results, now, chance)
    _count(tallies, now)
    standings.count_in(locked, {key: (tally.good, tally.bad) for key, tally in tallies.items()}, now=now)
    for endpoint_id, url in sorted(_gone(results)):
        _disable_gone(endpoint_id, url, now)


def _move(
    token: UUID, locked: Mapping[UUID, Locked], results: Sequence[Result], now: datetime, chance: Callable[[], float]
) -> None:
    answers = [answer for _load, answer in results]
    told = {
        "now": now,
        "exhausted": TRIES_EXHAUSTED,
        "deliveries": sql_arrays.of_uuids(load.parcel.delivery_id for load, _answer in results),
        "held": sql_arrays.of_flags(locked[load.parcel.endpoint_id].lease_token == token for load, _answer in results),
        "outcomes": sql_arrays.of_words(answer.outcome.value for answer in answers),
        "statuses": sql_arrays.of_words(answer.status for answer in answers),
        "errors": sql_arrays.of_texts(answer.error[:200] for answer in answers),
        "started": _moments(answer.started_at for answer in answers),
        "millis": sql_arrays.of_words(answer.duration_ms for answer in answers),
        "next": _moments(_next_try(result, now, chance) for result in results),
        "sent": sql_arrays.of_texts(json.dumps(answer.request_headers) for answer in answers),
        "received": sql_arrays.of_texts(json.dumps(answer.answer_headers) for answer in answers),
        "answers": sql_arrays.of_texts(answer.answer for answer in answers),
    }
    prepared(_MOVE, told)


def _next_try(result: Result, now: datetime, chance: Callable[[], float]) -> datetime | None:
    load, answer = result
    if answer.outcome == Outcome.DELIVERED:
        return None
    asked = answer.retry_after if answer.status in _QUIET else None
    return waits.next_try(load.waits, tries=load.tries + 1, now=now, chance=chance(), retry_after=asked)


def _tallies(results: Sequence[Result], now: datetime) -> dict[UUID, _Tally]:
    answers: dict[UUID, list[Answer]] = {}
    for load, answer in results:
        answers.setdefault(load.parcel.endpoint_id, []).append(answer)
    return {endpoint_id: _tally(of_one, now) for endpoint_id, of_one in answers.items()}


def _tally(answers: Sequence[Answer], now: datetime) -> _Tally:
    ended = {id(answer): answer.started_at + timedelta(milliseconds=answer.duration_ms) for answer in answers}
    good = [answer for answer in answers if answer.outcome == Outcome.DELIVERED]
    bad = sorted((answer for answer in answers if answer.outcome != Outcome.DELIVERED), key=lambda one: ended[id(one)])
    asked = [one.retry_after for one in bad if one.status in _QUIET and one.retry_after is not None]
    return _Tally(
        good=len(good),
        bad=len(bad),
        total_ms=sum(answer.duration_ms for answer in answers),
        slowest_ms=max(answer.duration_ms for answer in answers),
        succeeded=max((ended[id(answer)] for answer in good), default=None),
        failed=ended[id(bad[-1])] if bad else None,
        failure=_said(bad[-1]) if bad else None,
        quiet=waits.quiet_until(max(asked), now=now) if asked else None,
    )


def _said(answer: Answer) -> str:
    """Return what a failure was, in a few words for the cockpit."""
    if answer.status is not None:
        return f"HTTP {answer.status}"
    return f"{answer.outcome.value}: {answer.error}"[:200]


def _count(tallies: Mapping[UUID, _Tally], now: datetime) -> None:
    """Add results to the minute and to the health rows, which are locked."""
    of_all = list(tallies.values())
    endpoints = sql_arrays.of_uuids(tallies)
    minutes = {
        "minute": now.replace(second=0, microsecond=0),
        "endpoints": endpoints,
        "good": sql_arrays.of_words(tally.good for tally in of_all),
        "bad": sql_arrays.of_words(tally.bad for tally in of_all),
        "total": sql_arrays.of_words(tally.total_ms for tally in of_all),
        "slowest": sql_arrays.of_words(tally.slowest_ms for tally in of_all),
    }
    prepared(_MINUTES, minutes)
    health = {
        "endpoints": endpoints,
        "succeeded": _moments(tally.succeeded for tally in of_all),
        "failed": _moments(tally.failed for tally in of_all),
        "failures": sql_arrays.of_texts(tally.failure for tally in of_all),
        "quiet": _moments(tally.quiet for tally in of_all),
    }
    prepared(_HEALTH, health)


def _gone(results: Sequence[Result]) -> set[tuple[UUID, str]]:
    """Return which endpoints said 410, and at what address."""
    return {(load.parcel.endpoint_id, load.parcel.url) for load, answer in results if answer.status == _GONE}


def _disable_gone(endpoint_id: UUID, url: str, now: datetime) -> None:
    if locks.lock_sending(endpoint_id).url != url:
        return  # it moved while it was being sent to: only its old address is gone
    with suppress(EndpointDisabled):  # by hand, while it was being sent to
        endpoint = disable_gone_endpoint(endpoint_id=endpoint_id, now=now)
        incidents.endpoint_gone(endpoint=endpoint, now=now)


def _moments(moments: Iterable[datetime | None]) -> str:
    return sql_arrays.of_texts(moment.isoformat() if moment else None for moment in moments)
