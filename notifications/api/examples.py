"""Examples in the API's description of events and webhooks. A test holds each of them against its shape."""

from __future__ import annotations

from typing import Any, Final

JSON = dict[str, Any]

_ENDPOINT: Final = "wep_01kav5d5h2f6w8s0x4k9p7m1ba"
_DELIVERY: Final = "dlv_01kav5f7c4e6r8t0y2n5m7q9wx"
_REPLAY: Final = "rpl_01kav5h9d4e6r8t0y2n5m7q9wx"
_EVENT: Final = "evt_01kav3d6h2f6w8s0x4k9p7m1ba"
_TRANSFER: Final = "tr_01kav3d5h2f6w8s0x4k9p7m1ba"
_AT: Final = "2026-11-20T01:30:00.000000Z"
_LATER: Final = "2026-11-20T01:30:00.412000Z"

EVENT: Final[JSON] = {
    "id": _EVENT,
    "object": "event",
    "schema_version": 1,
    "type": "transactions.transfer.posted",
    "timestamp": _AT,
    "created_at": _AT,
    "subject": _TRANSFER,
    "sequence": 1,
    "data": {
        "transaction": _TRANSFER,
        "kind": "TRANSFER",
        "state": "posted",
        "amount": "1250.00",
        "currency": "CNY",
        "booking_date": "2026-11-20",
        "reference": "INV-2026-118",
        "bank_reference": "TR-2026-000123",
    },
}
EVENTS: Final[JSON] = {"data": [EVENT], "has_more": False, "next_after": _EVENT}
ENDPOINT: Final[JSON] = {
    "id": _ENDPOINT,
    "object": "webhook_endpoint",
    "status": "enabled",
    "url": "https://hooks.example.com/bank",
    "description": "Bookkeeping",
    "event_types": ["transactions.transfer.posted"],
    "waits": [60, 300, 600, 1800, 3600, 10800, 21600, 43200],
    "max_in_flight": 4,
    "timeout_seconds": 15,
    "secrets": [{"hint": "q0I=", "valid_from": _AT, "valid_until": None}],
    "breaker": {"status": "closed", "text": "closed: everything is sent", "since": None, "probe_at": None},
    "backlog": {"pending": 0, "oldest": None},
    "quiet_until": None,
    "last_success_at": _LATER,
    "last_failure_at": None,
    "last_failure": "",
    "created_at": _AT,
    "livemode": True,
    "links": {
        "self": f"/api/v1/webhook-endpoints/{_ENDPOINT}",
        "deliveries": f"/api/v1/webhook-endpoints/{_ENDPOINT}/deliveries",
    },
}
_DELIVERY_LINKS: Final[JSON] = {
    "self": f"/api/v1/deliveries/{_DELIVERY}",
    "attempts": f"/api/v1/deliveries/{_DELIVERY}/attempts",
    "event": f"/api/v1/events/{_EVENT}",
}
DELIVERY: Final[JSON] = {
    "id": _DELIVERY,
    "object": "webhook_delivery",
    "status": "delivered",
    "why": None,
    "endpoint": _ENDPOINT,
    "event": _EVENT,
    "type": "transactions.transfer.posted",
    "subject": _TRANSFER,
    "sequence": 1,
    "attempts": 1,
    "announced_at": _AT,
    "created_at": _AT,
    "replayed_at": None,
    "next_attempt_at": None,
    "finished_at": _LATER,
    "links": {**_DELIVERY_LINKS, "replay": f"/api/v1/deliveries/{_DELIVERY}/replay"},
}
DELIVERY_PENDING: Final[JSON] = {
    **DELIVERY,
    "status": "pending",
    "replayed_at": _LATER,
    "next_attempt_at": _LATER,
    "finished_at": None,
    "links": _DELIVERY_LINKS,
}
ATTEMPT: Final[JSON] = {
    "object": "webhook_attempt",
    "number": 1,
    "started_at": _AT,
    "duration_ms": 212,
    "outcome": "refused",
    "status": 500,
    "error": "",
    "next_attempt_at": "2026-11-20T01:31:02.000000Z",
    "request_headers": {"webhook-id": _EVENT, "webhook-timestamp": "1763602200", "webhook-signature": "v1,…"},
    "answer_headers": {"Content-Type": "text/plain"},
    "answer": "Internal Server Error",
    "dropped_at": None,
}
REPLAY: Final[JSON] = {
    "id": _REPLAY,
    "object": "replay",
    "status": "queued",
    "endpoint": _ENDPOINT,
    "kind": "failed",
    "since": "2026-11-19T16:00:00.000000Z",
    "until": _AT,
    "total": 412,
    "looked_at": 0,
    "sent_again": 0,
    "created_at": _AT,
    "finished_at": None,
    "links": {"self": f"/api/v1/replays/{_REPLAY}", "endpoint": f"/api/v1/webhook-endpoints/{_ENDPOINT}"},
}

ASKED: Final[dict[str, JSON]] = {
    "DeliveryReplayInput": {"reason": "The disk of our receiver was full"},
    "ReplayInput": {"kind": "failed", "since": "2026-11-20T00:00:00+08:00", "reason": "Our receiver was away"},
    "TestEventInput": {},
}
