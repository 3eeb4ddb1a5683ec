"""The cockpit: what was sent to partners' webhook endpoints, and the doors by which it is sent again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from bankops.matrix.listing import Listed, door, may, page, reading_room, reason
from bankops.matrix.people import Persona
from bankops.matrix.stage import Stage

_REPLAY = "notifications.replay_deliveries"


def deliveries() -> Iterator[Listed]:
    """Yield every door."""
    health, delivery, attempt, replay = (
        may(f"notifications.view_{noun}") for noun in ("endpointhealth", "delivery", "attempt", "replayjob")
    )
    yield from reading_room("notifications_endpointhealth", health, lambda stage: stage.sent.health)
    yield from reading_room("notifications_delivery", delivery, lambda stage: stage.sent.delivery)
    yield from reading_room("notifications_attempt", attempt, lambda stage: stage.sent.attempt)
    yield from reading_room("notifications_replayjob", replay, lambda stage: stage.sent.replay)
    yield page("notifications_replayjob_progress", replay, lambda stage: [stage.sent.replay.pk])
    yield from door("notifications_delivery_replay", may(_REPLAY), reason, lambda stage: [stage.sent.delivery.pk])
    for name in ("replay_failed", "send_everything"):
        yield from door(f"notifications_endpoint_{name}", may(_REPLAY), _since, _endpoint)
    yield from door("notifications_endpoint_close_breaker", may("notifications.reopen_endpoint"), reason, _endpoint)


def _endpoint(stage: Stage) -> Sequence[Any]:
    return [stage.sent.health.pk]


def _since(stage: Stage, persona: Persona) -> dict[str, Any]:
    earlier = timezone.localtime(stage.now - timedelta(hours=1))
    return {**reason(stage, persona), "since": earlier.strftime("%Y-%m-%dT%H:%M")}
