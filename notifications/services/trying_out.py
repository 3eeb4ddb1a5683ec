"""Send an endpoint an event that says nothing, to see whether it takes them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from bankops.core import audit, ids, outbox
from bankops.core.actor import Actor
from bankops.core.models import OutboxMessage
from notifications import bounds, endpoint_rules, event_types, events, locks
from notifications.models import Delivery, Endpoint


@transaction.atomic
def send_test_event(*, endpoint_id: UUID, actor: Actor, now: datetime) -> Delivery:
    """Announce a test event to an endpoint's partner and have it sent to this endpoint alone, whatever types it chose.

    Return the delivery. Writes `notifications.endpoint.test_sent`.

    :raises EndpointNotEnabled: when it awaits its secret, is paused or disabled.
    :raises TooManyTestEvents: when it had enough of them within the hour.
    """
    endpoint = locks.lock_endpoint(endpoint_id)
    endpoint_rules.refuse_unless_enabled(endpoint)
    bounds.refuse_test_event(endpoint, now=now)
    delivery = _delivery(endpoint, _announced(endpoint, now), now)
    detail = {"delivery": delivery.public_id, "event": delivery.public_event_id}
    audit.record(events.TEST_SENT, subject=events.about(endpoint), actor=actor, now=now, detail=detail)
    return delivery


def _announced(endpoint: Endpoint, now: datetime) -> OutboxMessage:
    """Write the message as one that is carried out already: no other endpoint is to have it."""
    message = outbox.announce(
        event_types.TEST,
        subject_id=endpoint.public_id,
        payload={"endpoint": endpoint.public_id},
        audience=endpoint.partner.public_id,
        now=now,
    )
    message.dispatched_at = now
    message.save(update_fields=["dispatched_at"])
    message.refresh_from_db(fields=["event_id"])
    return message


def _delivery(endpoint: Endpoint, message: OutboxMessage, now: datetime) -> Delivery:
    told_before = OutboxMessage.objects.filter(audience=message.audience, subject_id=message.subject_id)
    return Delivery.objects.create(
        id=ids.uuid7(),
        endpoint=endpoint,
        message=message,
        event_id=message.event_id,
        topic=message.topic,
        subject_id=message.subject_id,
        sequence=told_before.filter(pk__lte=message.pk).count(),
        announced_at=message.announced_at,
        created_at=now,
        next_attempt_at=now,
    )
