"""Webhook endpoints, to read; what changes them are the doors. No page shows a secret, but the one on which it is picked up."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from bankops.core.admin import extensions
from bankops.core.admin.display import Tone, badge, moment
from bankops.core.admin.readonly import TrackedAdmin
from notifications import terms
from notifications.admin import badges
from notifications.admin.endpoint_doors import (
    AddEndpoint,
    ChangeEndpoint,
    DisableEndpoint,
    PauseEndpoint,
    PickUpEndpointSecret,
    ResumeEndpoint,
    RotateEndpointSecret,
    SendTestEvent,
)
from notifications.models import Endpoint, EndpointSecret, EndpointState
from partners.models import Partner

_TONES = {
    EndpointState.ENABLED: Tone.GOOD,
    EndpointState.AWAITING_PICKUP: Tone.WARNING,
    EndpointState.PAUSED: Tone.WARNING,
    EndpointState.DISABLED: Tone.QUIET,
}


@admin.register(Endpoint)
class EndpointAdmin(TrackedAdmin):
    doors = (
        PickUpEndpointSecret,
        SendTestEvent,
        ChangeEndpoint,
        RotateEndpointSecret,
        ResumeEndpoint,
        PauseEndpoint,
        DisableEndpoint,
    )
    timeline_subject = "webhook_endpoint"
    change_form_template = "notifications/endpoint.html"

    list_display = ("url", "whose", "state_badge", "types", "added")
    list_filter = (("state", ChoicesDropdownFilter), ("partner", RelatedDropdownFilter))
    list_select_related = ("partner",)
    search_fields = ("url", "description", "partner__name")
    ordering = ("-id",)
    fields = (
        "url",
        "description",
        "identity",
        "whose",
        "state_badge",
        "state_reason",
        "types",
        "tried_after",
        "max_in_flight",
        "timeout_seconds",
        "added",
        "waiting",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Endpoint]:
        endpoints: QuerySet[Endpoint] = super().get_queryset(request)
        return endpoints.select_related("partner", "pickup_by")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, Endpoint):
            context |= {**_page_of(obj), "secrets": _secrets_of(obj) if _may_see_secrets(request) else None}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("id"))
    def identity(self, endpoint: Endpoint) -> str:
        return endpoint.public_id

    @admin.display(description=_("partner"), ordering="partner__name")
    def whose(self, endpoint: Endpoint) -> SafeString:
        return badges.link(endpoint.partner, endpoint.partner.name)

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, endpoint: Endpoint) -> SafeString:
        return endpoint_badge(endpoint)

    @admin.display(description=_("event types"))
    def types(self, endpoint: Endpoint) -> str:
        return terms.in_words("event_types", endpoint.event_types)

    @admin.display(description=_("tried again after"))
    def tried_after(self, endpoint: Endpoint) -> str:
        return terms.in_words("waits", endpoint.waits)

    @admin.display(description=_("added at"), ordering="id")
    def added(self, endpoint: Endpoint) -> SafeString | str:
        return moment(endpoint.added_at)

    @admin.display(description=_("secret to be picked up"))
    def waiting(self, endpoint: Endpoint) -> str:
        return _pick_up(endpoint) or gettext("none")


def _page_of(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "endpoint": endpoint,
        "state": endpoint_badge(endpoint),
        "partner": badges.link(endpoint.partner, endpoint.partner.name),
        "pick_up": _pick_up(endpoint),
        "types": terms.in_words("event_types", endpoint.event_types),
        "tried_after": terms.in_words("waits", endpoint.waits),
    }


def _may_see_secrets(request: HttpRequest) -> bool:
    """Tell whether somebody may know that there are secrets; what they are nobody sees."""
    return request.user.has_perm("notifications.view_endpointsecret")


def _secrets_of(endpoint: Endpoint) -> list[EndpointSecret]:
    return list(endpoint.secrets.defer("secret").select_related("picked_up_by").order_by("-valid_from"))


def _pick_up(endpoint: Endpoint) -> str:
    """Return by whom and until when a secret is to be picked up; nothing where none is."""
    if endpoint.pickup_by is None or endpoint.pickup_until is None:
        return ""
    words = gettext("by {name}, until {until}")
    return format_html(words, name=endpoint.pickup_by.full_name, until=moment(endpoint.pickup_until))


def endpoint_badge(endpoint: Endpoint) -> SafeString:
    """Return whether events are sent to an endpoint."""
    state = EndpointState(endpoint.state)
    return badge(state.label, _TONES[state])


def install() -> None:
    """Offer on a partner's page to add one."""
    extensions.add_pages(Partner, AddEndpoint)
