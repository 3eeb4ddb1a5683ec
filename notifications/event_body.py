"""How an event reads to the partner that it was announced to: the same from a webhook and from the pull feed."""

from __future__ import annotations

import json
from typing import Any

from bankops.core.instants import instant
from bankops.core.outbox import Event

SCHEMA_VERSION = 1
"""Rises when a reader of the shape before could be misled. A new field does not: readers overlook what they do not know."""


def shown(event: Event) -> dict[str, Any]:
    """Return an event as JSON primitives. `timestamp` is when it happened (Standard Webhooks); attempts have their own."""
    happened = instant(event.announced_at)
    return {
        "id": event.public_id,
        "object": "event",
        "schema_version": SCHEMA_VERSION,
        "type": event.topic,
        "timestamp": happened,
        "created_at": happened,
        "subject": event.subject_id,
        "sequence": event.sequence,
        "data": dict(event.payload),
    }


def body_of(event: Event) -> bytes:
    """Return what is sent and signed: the same bytes at every attempt."""
    return json.dumps(shown(event), ensure_ascii=False, separators=(",", ":")).encode()
