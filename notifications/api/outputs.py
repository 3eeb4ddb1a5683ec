"""What the API says of endpoints, deliveries, attempts and replays: ids with a prefix, times in UTC, never a secret."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bankops.core import sandbox
from bankops.core.instants import instant
from notifications.backlogs import Backlog
from notifications.models import (
    Attempt,
    BreakerState,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointSecret,
    ReplayJob,
    ReplayKind,
)

JSON = dict[str, Any]

KINDS: Final[Mapping[str, ReplayKind]] = {"failed": ReplayKind.DEAD, "all": ReplayKind.ALL}
"""What is sent again, in the API's words."""
_WORDS: Final = {kind: word for word, kind in KINDS.items()}


def endpoint(row: Endpoint, backlog: Backlog, *, now: datetime) -> JSON:
    """Return an endpoint; needs `health` and `secrets` loaded. Why it is paused or disabled is the bank's own business."""
    health = row.health
    address = location_of_endpoint(row)
    return {
        "id": row.public_id,
        "object": "webhook_endpoint",
        "status": row.state.lower(),
        "url": row.url,
        "description": row.description,
        "event_types": list(row.event_types),
        "waits": list(row.waits),
        "max_in_flight": row.max_in_flight,
        "timeout_seconds": row.timeout_seconds,
        "secrets": [_secret(each) for each in _live(row, now)],
        "breaker": {
            "status": health.breaker.lower(),
            "text": str(BreakerState(health.breaker).label),
            "since": _moment(health.breaker_since),
            "probe_at": _moment(health.probe_at),
        },
        "backlog": {"pending": backlog.count, "oldest": _moment(backlog.oldest)},
        "quiet_until": _moment(health.not_before if health.not_before and health.not_before > now else None),
        "last_success_at": _moment(health.last_success_at),
        "last_failure_at": _moment(health.last_failure_at),
        "last_failure": health.last_failure,
        "created_at": instant(row.added_at),
        "livemode": sandbox.livemode(),
        "links": {"self": address, "deliveries": f"{address}/deliveries"},
    }


def delivery(row: Delivery) -> JSON:
    """Return what is sent to an endpoint; needs `endpoint` loaded."""
    address = location_of_delivery(row)
    again = {} if row.state == DeliveryState.PENDING else {"replay": f"{address}/replay"}
    return {
        "id": row.public_id,
        "object": "webhook_delivery",
        "status": row.state.lower(),
        "why": row.why or None,
        "endpoint": row.endpoint.public_id,
        "event": row.public_event_id,
        "type": row.topic,
        "subject": row.subject_id,
        "sequence": row.sequence,
        "attempts": row.attempts,
        "announced_at": instant(row.announced_at),
        "created_at": instant(row.created_at),
        "replayed_at": _moment(row.replayed_at),
        "next_attempt_at": _moment(row.next_attempt_at),
        "finished_at": _moment(row.finished_at),
        "links": {
            "self": address,
            "attempts": f"{address}/attempts",
            "event": f"/api/v1/events/{row.public_event_id}",
            **again,
        },
    }


def attempt(row: Attempt) -> JSON:
    """Return one request and its answer, as far as they are kept: signatures are masked, of a long answer the first bytes."""
    return {
        "object": "webhook_attempt",
        "number": row.number,
        "started_at": instant(row.started_at),
        "duration_ms": row.duration_ms,
        "outcome": row.outcome.lower(),
        "status": row.status,
        "error": row.error,
        "next_attempt_at": _moment(row.next_attempt_at),
        "request_headers": dict(row.request_headers),
        "answer_headers": dict(row.answer_headers),
        "answer": row.answer,
        "dropped_at": _moment(row.dropped_at),
    }


def replay(row: ReplayJob) -> JSON:
    """Return a replay and how far it has come; needs `endpoint` loaded."""
    return {
        "id": row.public_id,
        "object": "replay",
        "status": row.state.lower(),
        "endpoint": row.endpoint.public_id,
        "kind": _WORDS[ReplayKind(row.kind)],
        "since": instant(row.since),
        "until": instant(row.until),
        "total": row.total,
        "looked_at": row.looked_at,
        "sent_again": row.sent_again,
        "created_at": instant(row.created_at),
        "finished_at": _moment(row.finished_at),
        "links": {"self": location_of_replay(row), "endpoint": location_of_endpoint(row.endpoint)},
    }


def location_of_endpoint(row: Endpoint) -> str:
    """Return where an endpoint is read."""
    return f"/api/v1/webhook-endpoints/{row.public_id}"


def location_of_delivery(row: Delivery) -> str:
    """Return where a delivery is read."""
    return f"/api/v1/deliveries/{row.public_id}"


def location_of_replay(row: ReplayJob) -> str:
    """Return where a replay is read."""
    return f"/api/v1/replays/{row.public_id}"


def _live(row: Endpoint, now: datetime) -> list[EndpointSecret]:
    """Return the secrets that are signed with, the newest first."""
    living = [each for each in row.secrets.all() if each.valid_until is None or each.valid_until > now]
    return sorted(living, key=lambda secret: secret.valid_from, reverse=True)


def _secret(row: EndpointSecret) -> JSON:
    return {"hint": row.hint, "valid_from": instant(row.valid_from), "valid_until": _moment(row.valid_until)}


def _moment(at: datetime | None) -> str | None:
    return instant(at) if at else None
