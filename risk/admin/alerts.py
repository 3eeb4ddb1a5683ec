"""The queue: what somebody must look at, the most urgent first; and one alert's page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from bankops.core import clock, ids
from bankops.core.admin.display import NOTHING, amount, moment
from bankops.core.admin.readonly import BigTableAdmin
from bankops.core.admin.search import Searchable
from bankops.core.errors import InvalidId
from risk.access import visible_alerts
from risk.admin import alert_badges, alert_doors, case_doors
from risk.admin.alert_filters import QueueFilter, ReasonFilter
from risk.admin.alert_page import name_of, page_of
from risk.confidential import with_veil
from risk.models import Alert, AlertCustomer, AlertReason
from risk.selectors.alert_words import with_words, words_of

_SHOWN_PER_ROW = 3


@admin.register(Alert)
class AlertAdmin(Searchable, BigTableAdmin):
    doors = (
        alert_doors.TakeNext,
        alert_doors.TakeAlert,
        alert_doors.CloseAlert,
        case_doors.OpenCase,
        case_doors.AddToCase,
        alert_doors.HandBack,
        alert_doors.Reassign,
        alert_doors.DeclareConflict,
    )
    timeline_subject = "risk_alert"
    search_order = 40
    search_icon = "notification_important"

    list_display = ("reference", "weighed", "why", "whom", "at_stake", "until", "worked_by", "standing")
    list_filter = (
        QueueFilter,
        ("priority", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ReasonFilter,
        ("branch", RelatedDropdownFilter),
    )
    list_select_related = ("assignee", "branch", "case")
    search_fields = ("reference", "movement_reference")
    search_help_text = _("Reference of an alert or of a movement")
    ordering = ("urgent_since", "id")
    change_form_template = "risk/alert.html"
    fields = ("reference",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        reasons = Prefetch("reasons", with_words(AlertReason.objects.order_by("-weight", "code")))
        about = with_veil(AlertCustomer.objects.select_related("customer"), request.user)
        customers = Prefetch("about_customers", about.order_by("id"))
        alerts = visible_alerts(request.user, super().get_queryset(request))
        return alerts.select_related("assignee", "branch", "case").prefetch_related(reasons, customers)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Alert], search_term: str
    ) -> tuple[QuerySet[Alert], bool]:
        wanted = search_term.strip().upper()
        if not wanted:
            return queryset, False
        column = "reference" if wanted.startswith("AL-") else "movement_reference"
        return queryset.filter(**{column: wanted}), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, Alert):
            context |= page_of(request, obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("priority"))
    def weighed(self, alert: Alert) -> SafeString:
        return format_html("{} {}", alert_badges.priority_badge(alert.priority), alert.score)

    @admin.display(description=_("why"))
    def why(self, alert: Alert) -> SafeString:
        reasons = list(alert.reasons.all())
        said = [(words_of(one),) for one in reasons[:_SHOWN_PER_ROW]]
        more = len(reasons) - _SHOWN_PER_ROW
        lines = format_html_join("", '<span class="bk-second">{}</span>', said)
        return format_html("{}{}{}", alert_badges.sentence(alert), lines, f" +{more}" if more > 0 else "")

    @admin.display(description=_("about"))
    def whom(self, alert: Alert) -> SafeString | str:
        about = list(alert.about_customers.all())
        more = len(about) - _SHOWN_PER_ROW
        names = [(name_of(one),) for one in about[:_SHOWN_PER_ROW]]
        lines = format_html_join("", '<span class="bk-second">{}</span>', names)
        if not about and not alert.movement_reference:
            return NOTHING
        return format_html("{}{}{}", alert.movement_reference, lines, f" +{more}" if more > 0 else "")

    @admin.display(description=_("amount"))
    def at_stake(self, alert: Alert) -> SafeString | str:
        return amount(alert.money)

    @admin.display(description=_("due"))
    def until(self, alert: Alert) -> SafeString | str:
        return alert_badges.due(alert.due_at, is_open=alert.is_open, now=clock.now())

    @admin.display(description=_("worked by"))
    def worked_by(self, alert: Alert) -> str:
        return alert.assignee.full_name if alert.assignee else NOTHING

    @admin.display(description=_("state"))
    def standing(self, alert: Alert) -> SafeString | str:
        return alert_badges.state_badge(alert)

    def named(self, request: HttpRequest, text: str) -> Alert | None:
        """Find an alert by reference or by the id in the audit trail."""
        visible = self.get_queryset(request)
        try:
            return visible.filter(pk=ids.decode(Alert.ID_PREFIX, text)).first()
        except InvalidId:
            return visible.filter(reference=text.strip().upper()).first()

    def caption(self, record: Alert) -> str:
        return f"{record.get_priority_display()} · {moment(record.raised_at)}"
