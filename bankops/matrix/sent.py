"""What was sent to the stage's webhook endpoint: an event that was given up, the attempt at it, and a replay that is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bankops.matrix.people import ACTOR, REASON
from notifications import services
from notifications.models import (
    Attempt,
    BreakerState,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointHealth,
    Incident,
    IncidentKind,
    Outcome,
    ReplayJob,
    ReplayKind,
)

if TYPE_CHECKING:
    from bankops.matrix.stage import Stage


@dataclass(frozen=True, slots=True)
class Sent:
    """What the tries find of it."""

    health: EndpointHealth
    delivery: Delivery
    attempt: Attempt
    replay: ReplayJob
    incident: Incident


def sent(stage: Stage, endpoint: Endpoint) -> Sent:
    """Write down what came of a test event, and open the endpoint's breaker."""
    replay = services.ask_for_replay(
        endpoint_id=endpoint.pk,
        kind=ReplayKind.DEAD,
        since=stage.now - timedelta(hours=1),
        actor=ACTOR,
        reason=REASON,
        now=stage.now,
    )
    services.work_off_replay(job_id=replay.pk, now=stage.now)
    delivery = _given_up(stage, endpoint)
    attempt = Attempt.objects.create(
        delivery=delivery,
        endpoint=endpoint,
        number=1,
        started_at=stage.now,
        duration_ms=12,
        outcome=Outcome.REFUSED,
        status=500,
    )
    incident = Incident.objects.create(endpoint=endpoint, kind=IncidentKind.ENDPOINT_DOWN, opened_at=stage.now)
    return Sent(_opened(stage, endpoint), delivery, attempt, ReplayJob.objects.get(pk=replay.pk), incident)


def _given_up(stage: Stage, endpoint: Endpoint) -> Delivery:
    delivery = services.send_test_event(endpoint_id=endpoint.pk, actor=ACTOR, now=stage.now)
    delivery.state, delivery.why, delivery.attempts = DeliveryState.DEAD, "tries_exhausted", 1
    delivery.next_attempt_at, delivery.finished_at = None, stage.now
    delivery.save(update_fields=["state", "why", "attempts", "next_attempt_at", "finished_at"])
    return delivery


def _opened(stage: Stage, endpoint: Endpoint) -> EndpointHealth:
    health = EndpointHealth.objects.get(pk=endpoint.pk)
    health.breaker, health.breaker_since = BreakerState.OPEN, stage.now
    health.opened_in_a_row, health.probe_at = 1, stage.now + timedelta(hours=1)
    health.save(update_fields=["breaker", "breaker_since", "opened_in_a_row", "probe_at"])
    return health
