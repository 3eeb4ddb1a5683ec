"""What a partner's page shows of webhooks: where it is told of its business."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from bankops.core.admin import extensions
from bankops.core.admin.extensions import Panel
from notifications import terms
from notifications.admin import badges
from notifications.admin.endpoints import endpoint_badge
from notifications.endpoint_rules import MOST_ENDPOINTS
from notifications.models import Endpoint
from partners.models import Partner

SHOWN = 2 * MOST_ENDPOINTS


def endpoints_of_partner(request: HttpRequest, partner: Partner) -> Panel | None:
    """Return its endpoints, the newest first; those that are disabled too, of which there may be more than are shown."""
    if not request.user.has_perm("notifications.view_endpoint"):
        return None
    found = list(Endpoint.objects.filter(partner=partner).order_by("-id")[: SHOWN + 1])
    content: dict[str, Any] = {
        "rows": [_row(endpoint) for endpoint in found[:SHOWN]],
        "all": badges.list_address(Endpoint, partner__id__exact=partner.pk),
        "more": len(found) > SHOWN,
    }
    return Panel("notifications/partner_endpoints.html", content)


def _row(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "address": badges.link(endpoint, endpoint.url),
        "description": endpoint.description,
        "state": endpoint_badge(endpoint),
        "types": terms.in_words("event_types", endpoint.event_types),
    }


def install() -> None:
    """Show it on every partner's page."""
    extensions.add_panel(Partner, endpoints_of_partner)
