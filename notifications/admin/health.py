"""How endpoints fare: the list of all, and what an endpoint's own page shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from bankops.core import clock
from bankops.core.admin import extensions
from bankops.core.admin.display import NOTHING, moment
from bankops.core.admin.extensions import Panel
from bankops.core.admin.readonly import ReadOnlyAdmin
from notifications import backlogs, cockpit
from notifications.admin import badges
from notifications.admin.chart import chart_of
from notifications.admin.replays import progress_of
from notifications.backlogs import Backlog
from notifications.cockpit import Figures
from notifications.models import Attempt, BreakerState, Delivery, Endpoint, EndpointHealth, EndpointState, ReplayJob

ATTEMPTS_SHOWN = 10
_NEWS = timedelta(days=1)


class Reading:
    """The figures of the endpoints on one page of the list, read for all of them when the first is asked for."""

    def __init__(self, rows: QuerySet[EndpointHealth]) -> None:
        self.now = clock.now()
        self._endpoints = [health.pk for health in rows]

    @cached_property
    def hours(self) -> Mapping[UUID, Figures]:
        """What came of each endpoint's last hour."""
        return cockpit.last_hour(self._endpoints, now=self.now)

    @cached_property
    def backlogs(self) -> Mapping[UUID, Backlog]:
        """What waits for each."""
        return backlogs.backlogs(self._endpoints)


@admin.register(EndpointHealth)
class EndpointHealthAdmin(ReadOnlyAdmin):
    list_display = ("where", "breaker_badge", "success", "latency", "waiting", "next", "failed")
    list_display_links = None
    list_filter = (("breaker", ChoicesDropdownFilter), ("endpoint__state", ChoicesDropdownFilter))
    list_select_related = ("endpoint__partner",)
    list_per_page = 50
    search_fields = ("endpoint__url", "endpoint__partner__name")
    search_help_text = _("Part of an address, or of a partner's name")
    ordering = ("endpoint__partner__name", "pk")
    sortable_by = ()
    fields = (
        "where",
        "breaker_badge",
        "breaker_since",
        "opened_in_a_row",
        "probe_at",
        "probes_sent",
        "probes_good",
        "not_before",
        "last_success_at",
        "last_failure_at",
        "last_failure",
        "leased_by",
        "lease_until",
        "last_leased_at",
    )
    readonly_fields = fields

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Read the page's figures: the rows know where they are."""
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            rows = response.context_data["cl"].result_list
            reading = Reading(rows)
            for health in rows:
                health.reading = reading
        return response

    @admin.display(description=_("endpoint"))
    def where(self, health: EndpointHealth) -> SafeString:
        endpoint = health.endpoint
        return format_html(
            '{}<span class="bk-second">{}</span>', badges.link(endpoint, endpoint.url), endpoint.partner.name
        )

    @admin.display(description=_("breaker"))
    def breaker_badge(self, health: EndpointHealth) -> SafeString:
        state = EndpointState(health.endpoint.state).label
        return format_html('{}<span class="bk-second">{}</span>', badges.breaker_badge(health.breaker), state)

    @admin.display(description=_("arrived, last hour"))
    def success(self, health: EndpointHealth) -> SafeString | str:
        return badges.success_badge(_reading(health).hours.get(health.pk))

    @admin.display(description=_("took"))
    def latency(self, health: EndpointHealth) -> SafeString | str:
        return latency_of(_reading(health).hours.get(health.pk))

    @admin.display(description=_("waiting"))
    def waiting(self, health: EndpointHealth) -> SafeString:
        reading = _reading(health)
        backlog = reading.backlogs[health.pk]
        words = backlogs.in_words(backlog.count), badges.age(backlog.waiting_since, reading.now)
        return format_html('<span class="bk-nowrap">{}<span class="bk-second">{}</span></span>', *words)

    @admin.display(description=_("next attempt"))
    def next(self, health: EndpointHealth) -> SafeString | str:
        return moment(cockpit.next_attempt(health, _reading(health).backlogs[health.pk]))

    @admin.display(description=_("last failure"))
    def failed(self, health: EndpointHealth) -> SafeString | str:
        if health.last_failure_at is None:
            return NOTHING
        return format_html(
            '{}<span class="bk-second">{}</span>', moment(health.last_failure_at), health.last_failure[:40]
        )


def _reading(health: EndpointHealth) -> Reading:
    reading: Reading = health.reading  # type: ignore[attr-defined]  # of the list
    return reading


def latency_of(figures: Figures | None) -> SafeString | str:
    """Return how long requests took in the mean, and the slowest."""
    if figures is None or figures.mean_ms is None:
        return NOTHING
    slowest = gettext("slowest %(ms)s ms") % {"ms": figures.slowest_ms}
    return format_html(
        '<span class="bk-nowrap">{} ms<span class="bk-second">{}</span></span>', figures.mean_ms, slowest
    )


def health_of_endpoint(request: HttpRequest, endpoint: Endpoint) -> Panel | None:
    """Return how an endpoint fares: figures, the last day, a replay under way, the newest attempts."""
    if not request.user.has_perm("notifications.view_endpointhealth"):
        return None
    now = clock.now()
    health = EndpointHealth.objects.select_related("endpoint").get(pk=endpoint.pk)
    backlog = backlogs.backlog_of(endpoint.pk)
    hour = cockpit.last_hour([endpoint.pk], now=now).get(endpoint.pk)
    latest = ReplayJob.objects.filter(endpoint=endpoint).order_by("-id").first()
    content = {
        "health": health,
        "breaker": badges.breaker_badge(health.breaker),
        "breaker_means": BreakerState(health.breaker).label,
        "success": badges.success_badge(hour),
        "latency": latency_of(hour),
        "waiting": backlogs.in_words(backlog.count),
        "oldest": badges.age(backlog.waiting_since, now),
        "next": cockpit.next_attempt(health, backlog),
        "chart": chart_of(cockpit.last_day(endpoint.pk, now=now)),
        "replay": progress_of(latest) if latest and _is_news(latest, now) else None,
        "attempts": _newest(endpoint),
        "lists": _lists(endpoint),
    }
    return Panel("notifications/endpoint_health.html", content)


def _is_news(job: ReplayJob, now: datetime) -> bool:
    return job.finished_at is None or now - job.finished_at < _NEWS


def _newest(endpoint: Endpoint) -> list[dict[str, Any]]:
    found = Attempt.objects.filter(endpoint=endpoint).select_related("delivery").order_by("-id")[:ATTEMPTS_SHOWN]
    return [{"attempt": attempt, "outcome": badges.outcome_badge(attempt)} for attempt in found]


def _lists(endpoint: Endpoint) -> list[tuple[str, Any]]:
    at = {"endpoint__id__exact": endpoint.pk}
    return [
        (badges.list_address(Delivery, **at), _("All deliveries")),
        (badges.list_address(Delivery, **at, state__exact="PENDING"), _("What waits")),
        (badges.list_address(Delivery, **at, state__exact="DEAD"), _("Dead letters")),
        (badges.list_address(Attempt, **at), _("All attempts")),
        (badges.list_address(ReplayJob, **at), _("Replays")),
    ]


def install() -> None:
    """Show it on every endpoint's page."""
    extensions.add_panel(Endpoint, health_of_endpoint)
