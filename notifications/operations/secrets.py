"""The operation on an endpoint's secret. What reviewers agree to is that there shall be one; none of them ever sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core.operations import Description, Order, refuse_around_gate
from notifications import endpoint_rules, services
from notifications.models import Endpoint
from notifications.operations.endpoints import OnEndpoint, endpoint_of, in_order, picker_of, request_of
from partners.errors import OverlapOutOfRange
from partners.rules import refuse_unless_active
from partners.services.credentials import LONGEST_OVERLAP_HOURS

Payload = Mapping[str, Any]


class RotateEndpointSecret(OnEndpoint):
    """Payload: `{"endpoint": "wep_…", "overlap_hours": 24}`."""

    key = "notifications.rotate_endpoint_secret"
    label = _("Replace webhook secret")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises OverlapOutOfRange: unless it is 0 to 168 whole hours."""
        hours = payload.get("overlap_hours", 24)
        if not isinstance(hours, int) or isinstance(hours, bool) or not 0 <= hours <= LONGEST_OVERLAP_HOURS:
            raise OverlapOutOfRange(limit=LONGEST_OVERLAP_HOURS)
        return {**super().clean(payload), "overlap_hours": hours}

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        secrets = endpoint_of(payload).secrets.filter(valid_until=None).values_list("pk", flat=True)
        return {**super().preconditions(payload), "secrets": sorted(map(str, secrets))}

    def describe(self, payload: Payload) -> Description:
        endpoint = endpoint_of(payload)
        summary = gettext("Events to %(url)s of %(partner)s are signed with a new secret, shown once, to whoever asks.")
        old = gettext("for %(hours)s hours after the new one is picked up") % {"hours": payload["overlap_hours"]}
        return Description(
            summary=summary % {"url": endpoint.url, "partner": endpoint.partner},
            changes={gettext("Old secret signs, too"): (gettext("until replaced"), old)},
        )

    def refuse_as_it_is(self, endpoint: Endpoint, payload: Payload, order: Order) -> None:
        refuse_unless_active(endpoint.partner)
        endpoint_rules.refuse_picker(picker_of({}, order))

    def execute(self, payload: Payload, order: Order) -> Endpoint:
        refuse_around_gate(self.key)  # before the order is asked who agreed
        return services.rotate_endpoint_secret(
            endpoint_id=endpoint_of(payload).pk,
            overlap=timedelta(hours=payload["overlap_hours"]),
            pickup_by=picker_of({}, order),
            approval_request_id=request_of(order),
            **in_order(order),
        )
