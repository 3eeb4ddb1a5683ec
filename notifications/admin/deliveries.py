"""Deliveries and attempts: lists over everything that was ever sent, narrowed in the address, and each with what was said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RelatedDropdownFilter

from bankops.core import clock, ids
from bankops.core.admin.display import moment
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import ReasonForm
from bankops.core.admin.readonly import BigTableAdmin
from bankops.core.errors import InvalidId
from bankops.core.models import OutboxMessage
from notifications import event_types, readers, services
from notifications.admin import badges
from notifications.admin.filters import BankClockFilter
from notifications.cockpit import body_sent, next_attempt_at
from notifications.models import Attempt, BreakerState, Delivery, DeliveryState, Endpoint, EndpointState
from staff.actors import actor_of, person_at

ATTEMPTS_SHOWN = 50


class ReplayDelivery(Door):
    name = "replay"
    label = _("Send again")
    permission = "notifications.replay_deliveries"
    form_class = ReasonForm
    icon = "replay"

    def offered(self, record: Delivery) -> bool:
        return record.state != DeliveryState.PENDING and record.endpoint.state != EndpointState.DISABLED

    def summary(self, record: Any) -> str | Promise:
        return _("It is sent at once and, where that fails, tried again as if it were new. The event keeps its id.")

    def perform(self, request: HttpRequest, form: ReasonForm, record: Delivery) -> Done:
        services.replay_one(
            delivery_id=record.pk, actor=actor_of(request), reason=form.cleaned_data["reason"], now=clock.now()
        )
        return Done(gettext("The event is sent again."))


class TypeFilter(DropdownFilter):
    """One declared type of event, by its exact name: an index has them in that order."""

    title = _("event type")
    parameter_name = "topic"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(topic, topic) for topic in event_types.declared()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        return queryset.filter(topic=self.value()) if self.value() else queryset


@admin.register(Delivery)
class DeliveryAdmin(BigTableAdmin):
    doors = (ReplayDelivery,)
    timeline_subject = "webhook_delivery"
    change_form_template = "notifications/delivery.html"

    list_display = ("event", "what", "state_badge", "attempts", "announced", "next")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        TypeFilter,
        ("endpoint", RelatedDropdownFilter),
        ("announced_at", BankClockFilter),
    )
    list_select_related = ("endpoint__health",)
    search_fields = ("event_id",)  # it shows the box; `get_search_results` decides
    search_help_text = _("An event's whole id (evt_…)")
    ordering = ("-id",)
    fields = ("event", "topic", "endpoint", "subject_id", "sequence", "announced_at", "state_badge", "attempts")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        deliveries: QuerySet[Delivery] = super().get_queryset(request)
        return deliveries.select_related("endpoint__health")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Delivery], search_term: str
    ) -> tuple[QuerySet[Delivery], bool]:
        if not search_term.strip():
            return queryset, False
        try:
            return queryset.filter(event_id=ids.decode(OutboxMessage.ID_PREFIX, search_term.strip())), False
        except InvalidId:
            return queryset.none(), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, Delivery):
            context |= _page_of(request, obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("event"))
    def event(self, delivery: Delivery) -> str:
        return delivery.public_event_id

    @admin.display(description=_("event type and endpoint"))
    def what(self, delivery: Delivery) -> SafeString:
        return _of_endpoint(delivery.topic, delivery.endpoint.url)

    @admin.display(description=_("state"))
    def state_badge(self, delivery: Delivery) -> SafeString:
        return format_html('{}<span class="bk-second">{}</span>', badges.delivery_badge(delivery), reason_of(delivery))

    @admin.display(description=_("announced at"))
    def announced(self, delivery: Delivery) -> SafeString | str:
        return moment(delivery.announced_at)

    @admin.display(description=_("next attempt"))
    def next(self, delivery: Delivery) -> SafeString | str:
        return _next_of(delivery)


@admin.register(Attempt)
class AttemptAdmin(BigTableAdmin):
    change_form_template = "notifications/attempt.html"

    list_display = ("begun", "what", "number", "outcome_badge", "duration", "next")
    list_filter = (("outcome", ChoicesDropdownFilter), ("endpoint", RelatedDropdownFilter))
    list_select_related = ("endpoint", "delivery")
    ordering = ("-id",)
    fields = ("begun", "what", "number", "outcome_badge", "duration", "next")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attempt]:
        attempts: QuerySet[Attempt] = super().get_queryset(request)
        return attempts.defer("request_headers", "answer_headers", "answer")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, Attempt):
            context |= {
                "rows": list(_rows([obj], readable=_may_read(request, obj.delivery))),
                **_about(request, obj.delivery),
            }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("started at"))
    def begun(self, attempt: Attempt) -> SafeString | str:
        return moment(attempt.started_at)

    @admin.display(description=_("event type and endpoint"))
    def what(self, attempt: Attempt) -> SafeString:
        return _of_endpoint(attempt.delivery.topic, attempt.endpoint.url)

    @admin.display(description=_("outcome"))
    def outcome_badge(self, attempt: Attempt) -> SafeString:
        return format_html('{}<span class="bk-second">{}</span>', badges.outcome_badge(attempt), attempt.error[:80])

    @admin.display(description=_("took"))
    def duration(self, attempt: Attempt) -> str:
        return f"{attempt.duration_ms} ms"

    @admin.display(description=_("next attempt then planned"))
    def next(self, attempt: Attempt) -> SafeString | str:
        return moment(attempt.next_attempt_at)


def _of_endpoint(topic: str, url: str) -> SafeString:
    return format_html('{}<span class="bk-second">{}</span>', topic, url)


def _next_of(delivery: Delivery) -> SafeString | str:
    """Return when a delivery is sent next, and what keeps it that long where it is due already."""
    at = next_attempt_at(delivery)
    if at == delivery.next_attempt_at:
        return moment(at)
    return format_html('{}<span class="bk-second">{}</span>', moment(at), _kept_by(delivery.endpoint))


def _kept_by(endpoint: Endpoint) -> str:
    if endpoint.state != EndpointState.ENABLED:
        return gettext("the endpoint is %(state)s") % {"state": EndpointState(endpoint.state).label}
    if endpoint.health.breaker == BreakerState.OPEN:
        return gettext("its breaker is open")
    return gettext("it asked for quiet")


def reason_of(delivery: Delivery) -> str:
    """Return in words why a delivery was given up; nothing where it was not."""
    words = {
        "tries_exhausted": gettext("every try failed"),
        "endpoint_gone": gettext("the endpoint said that it is gone"),
        "endpoint_disabled": gettext("the endpoint was disabled"),
        "too_old": gettext("it waited too long"),
    }
    return words.get(delivery.why, str(delivery.why))


def _page_of(request: HttpRequest, delivery: Delivery) -> dict[str, Any]:
    newest = delivery.history.order_by("-id")[:ATTEMPTS_SHOWN]
    return {"rows": list(_rows(newest, readable=_may_read(request, delivery))), **_about(request, delivery)}


def _about(request: HttpRequest, delivery: Delivery) -> dict[str, Any]:
    return {
        "delivery": delivery,
        "body": body_sent(delivery) if _may_read(request, delivery) else "",
        "state": badges.delivery_badge(delivery),
        "why": capfirst(reason_of(delivery)),
        "next": _next_of(delivery),
        "where": badges.link(delivery.endpoint, delivery.endpoint.url),
        "event_link": badges.link(delivery, delivery.public_event_id),
    }


def _may_read(request: HttpRequest, delivery: Delivery) -> bool:
    return readers.may_read(person_at(request), delivery.subject_id)


def _rows(attempts: Iterable[Attempt], *, readable: bool) -> Iterator[dict[str, Any]]:
    for attempt in attempts:
        yield {
            "attempt": attempt,
            "outcome": badges.outcome_badge(attempt),
            "request_headers": sorted(attempt.request_headers.items()),
            "answer_headers": sorted(attempt.answer_headers.items()) if readable else [],
            "answer": attempt.answer if readable else "",
            "hidden": not readable and bool(attempt.answer_headers or attempt.answer),
        }
