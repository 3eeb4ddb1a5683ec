"""The `webhooks` section of the API's description: what is sent to endpoints, read off `notifications.event_types`."""

from __future__ import annotations

from typing import Any, Final

from bankops.core.api.examples import JSON
from notifications import event_types
from notifications.api import examples
from notifications.event_body import SCHEMA_VERSION
from notifications.event_types import EventType

_TAG: Final = "webhooks"
_SENT: Final = (
    "This is sent to the partner's endpoints that want events of this type, at least once, signed as "
    "[Standard Webhooks](https://www.standardwebhooks.com) have it. Verify the signature over "
    "`{webhook-id}.{webhook-timestamp}.{body}` before you read the body, refuse what is older than five minutes, and keep the "
    "`webhook-id` of what you did: the same event may come again. `sequence` tells the order of events of one `subject`, which "
    "they need not come in."
)
_HEADERS: Final[dict[str, tuple[JSON, str]]] = {
    "webhook-id": (
        {"type": "string", "pattern": "^evt_[0-9a-z]{26}$"},
        "The event's id: the same at every attempt and in every replay.",
    ),
    "webhook-timestamp": (
        {"type": "string", "pattern": "^[0-9]{1,12}$"},
        "When this attempt was signed, in seconds since 1970.",
    ),
    "webhook-signature": (
        {"type": "string", "pattern": "^v1,[A-Za-z0-9+/]+=*( v1,[A-Za-z0-9+/]+=*)*$"},
        "`v1,` and HMAC-SHA256 in Base64, once for each secret that lives, with spaces between: one of them has to fit.",
    ),
}
_ANSWERS: Final = {
    "2XX": "It has arrived. Answer at once and do the work later: what takes longer than the endpoint's time-out has failed.",
    "410": "There is nobody any more: the endpoint is disabled, and what waits for it is given up.",
    "429": "Too much at once: tried again after `Retry-After`, and everything else for this endpoint waits so long too, an hour "
    "at most.",
    "503": "As 429.",
    "default": "It has failed, redirects too: tried again after the endpoint's waits, and given up after the last. When too many "
    "fail, nothing is sent for a while.",
}


def described(result: JSON, **_generator: Any) -> JSON:
    """Add the section. A post-processing hook of drf-spectacular's."""
    result["webhooks"] = {topic: {"post": _operation(each)} for topic, each in event_types.declared().items()}
    return result


def _operation(event_type: EventType) -> JSON:
    return {
        "operationId": f"webhook_{event_type.topic.replace('.', '_')}",
        "tags": [_TAG],
        "summary": str(event_type.label),
        "description": _SENT,
        "security": [],
        "parameters": [_header(name) for name in _HEADERS],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": body_schema(event_type),
                    "examples": {event_type.topic: {"value": body_example(event_type)}},
                }
            },
        },
        "responses": {status: {"description": text} for status, text in _ANSWERS.items()},
    }


def _header(name: str) -> JSON:
    schema, text = _HEADERS[name]
    return {"name": name, "in": "header", "required": True, "schema": schema, "description": text}


def body_schema(event_type: EventType) -> JSON:
    """Return the JSON Schema of an event of a type, as it is sent and as the feed shows it."""
    exactly = {
        "type": {"const": event_type.topic},
        "schema_version": {"const": SCHEMA_VERSION},
        "data": event_type.schema(),
    }
    return {"allOf": [{"$ref": "#/components/schemas/EventShape"}, {"type": "object", "properties": exactly}]}


def body_example(event_type: EventType) -> JSON:
    """Return an event of a type, as it is sent."""
    return {
        **examples.EVENT,
        "type": event_type.topic,
        "subject": event_type.subject,
        "data": event_type.example(),
    }
