"""Events announced to a partner, deliveries of them and attempts, as if it had all happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from bankops.core import ids, outbox
from bankops.core.models import OutboxMessage
from notifications.models import Attempt, Delivery, DeliveryState, Endpoint, Outcome
from partners.models import Partner
from tests.announced import OF_TESTS
from tests.partners.factories import guards_asleep

TOPIC = OF_TESTS + "thing.happened"


def tell(
    partner: Partner, *, now: datetime, topic: str = TOPIC, subject: str = "", dispatched: bool = True
) -> OutboxMessage:
    """Announce something to a partner, in a transaction of its own, and return it; `dispatched` as if it was fanned out."""
    with transaction.atomic():
        message = outbox.announce(
            topic,
            subject_id=subject or str(ids.uuid7()),
            payload={"state": "posted"},
            audience=partner.public_id,
            now=now,
        )
    if dispatched:
        OutboxMessage.objects.filter(pk=message.pk).update(dispatched_at=now)
    return OutboxMessage.objects.get(pk=message.pk)


def make_delivery(
    endpoint: Endpoint, *, now: datetime, message: OutboxMessage | None = None, **fields: Any
) -> Delivery:
    """Return a delivery: pending unless `fields` say otherwise."""
    told = message or tell(endpoint.partner, now=now)
    state = fields.setdefault("state", DeliveryState.PENDING)
    if state == DeliveryState.PENDING:
        fields.setdefault("next_attempt_at", now)
    else:
        fields.setdefault("finished_at", now)
    if state == DeliveryState.DEAD:
        fields = {"why": "tries_exhausted", "tries": 9, "attempts": 9, **fields}
    with guards_asleep():
        return Delivery.objects.create(
            **{
                "endpoint": endpoint,
                "message": told,
                "event_id": told.event_id,
                "topic": told.topic,
                "subject_id": told.subject_id,
                "sequence": 1,
                "announced_at": told.announced_at,
                "created_at": now,
                **fields,
            }
        )


def make_attempt(delivery: Delivery, *, now: datetime, outcome: Outcome = Outcome.REFUSED, **fields: Any) -> Attempt:
    """Return an attempt at a delivery: by default one that was answered with 500."""
    told = {
        "number": 1,
        "duration_ms": 12,
        "status": 500,
        "answer": "out of order",
        "request_headers": {"webhook-id": delivery.public_event_id, "webhook-signature": "v1,…"},
        "answer_headers": {"content-type": "text/plain"},
    }
    with guards_asleep():
        return Attempt.objects.create(
            delivery=delivery, endpoint_id=delivery.endpoint_id, started_at=now, outcome=outcome, **{**told, **fields}
        )


def gone_by(minutes: int) -> None:
    """Let what was announced be older by so many minutes, as the books of months are."""
    with guards_asleep(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_outboxmessage SET announced_at = announced_at - make_interval(mins => %s)", [minutes]
        )
