"""What `notifications` writes into the audit trail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.audit import Subject, event_type
from notifications.models import Delivery, Endpoint, Incident

ADDED = event_type("notifications.endpoint.added", _("Webhook endpoint added"))
CHANGED = event_type("notifications.endpoint.changed", _("Webhook endpoint changed"))
PAUSED = event_type("notifications.endpoint.paused", _("Webhook endpoint paused"))
RESUMED = event_type("notifications.endpoint.resumed", _("Webhook endpoint sent to again"))
DISABLED = event_type("notifications.endpoint.disabled", _("Webhook endpoint disabled"))
SECRET_ROTATED = event_type("notifications.endpoint.secret_rotated", _("Webhook endpoint's secret to be replaced"))
SECRET_PICKED_UP = event_type("notifications.endpoint.secret_picked_up", _("Webhook endpoint's secret picked up"))
TEST_SENT = event_type("notifications.endpoint.test_sent", _("Test event sent to a webhook endpoint"))

DELIVERY_REPLAYED = event_type("notifications.delivery.replayed", _("Event sent again"))
REPLAY_ASKED = event_type("notifications.endpoint.replay_asked", _("Events to be sent again"))
REPLAY_FINISHED = event_type("notifications.endpoint.replay_finished", _("Replay finished"))

BREAKER_OPENED = event_type("notifications.endpoint.breaker_opened", _("Breaker opened: nothing is sent"))
BREAKER_HALF_OPENED = event_type("notifications.endpoint.breaker_half_opened", _("Breaker half open: probes are sent"))
BREAKER_CLOSED = event_type("notifications.endpoint.breaker_closed", _("Breaker closed: everything is sent"))
INCIDENT_OPENED = event_type("notifications.incident.opened", _("Incident opened"))
INCIDENT_TAKEN_OVER = event_type("notifications.incident.taken_over", _("Incident taken over"))
INCIDENT_CLOSED = event_type("notifications.incident.closed", _("Incident closed"))
PREFERENCES_SET = event_type("notifications.preferences.set", _("Preferences for notices set"))


def about(endpoint: Endpoint) -> Subject:
    """Return an endpoint as subject of an event."""
    return Subject("webhook_endpoint", endpoint.public_id, endpoint.url[:200])


def about_delivery(delivery: Delivery) -> Subject:
    """Return a delivery as subject of an event."""
    return Subject("webhook_delivery", delivery.public_id, str(delivery))


def about_incident(incident: Incident) -> Subject:
    """Return an incident as subject of an event."""
    return Subject("incident", incident.public_id, incident.public_id)
