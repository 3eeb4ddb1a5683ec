"""Cases: the list, the first due first, and one case's page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from bankops.core import clock, ids
from bankops.core.admin.display import moment
from bankops.core.admin.readonly import BigTableAdmin
from bankops.core.admin.search import Searchable
from bankops.core.errors import InvalidId
from risk.access import visible_cases
from risk.admin import alert_badges, case_badges, case_content_doors, case_doors, case_order_doors
from risk.admin.case_page import page_of, timeline_of
from risk.models import Case, CaseState

_OPEN = (CaseState.OPEN, CaseState.WAITING)


class DeskFilter(admin.SimpleListFilter):
    """Whose cases: all that are open unless something else is chosen."""

    title = _("desk")
    parameter_name = "desk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("mine", _("mine")),
            ("waiting", _("waiting")),
            ("overdue", _("overdue")),
            ("closed", _("closed")),
            ("all", _("everything")),
        ]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Call the list without a choice by what it shows."""
        first, *others = super().choices(changelist)
        yield {**first, "display": _("open")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        asked = self.value() or "open"
        if asked == "mine":
            return queryset.filter(state__in=_OPEN, assignee=request.user.pk)
        if asked == "overdue":
            return queryset.filter(state__in=_OPEN, due_at__lte=clock.now())
        known = {"open": _OPEN, "waiting": (CaseState.WAITING,), "closed": (CaseState.CLOSED,)}
        return queryset.filter(state__in=known.get(asked, tuple(CaseState)))


@admin.register(Case)
class CaseAdmin(Searchable, BigTableAdmin):
    doors = (
        case_content_doors.WriteNote,
        case_doors.CloseCase,
        case_content_doors.WriteReport,
        case_content_doors.AddFile,
        case_content_doors.OpenFile,
        case_content_doors.LinkRecord,
        case_content_doors.ExportReport,
        case_order_doors.FreezeFromCase,
        case_order_doors.ReleaseHeld,
        case_order_doors.DeclineHeld,
        case_order_doors.RaiseRating,
        case_doors.ParkCase,
        case_doors.ResumeCase,
        case_doors.ReassignCase,
        case_doors.ReopenCase,
    )
    timeline_subject = "risk_case"
    search_order = 41
    search_icon = "folder_open"

    list_display = ("reference", "weighed", "alert_count", "until", "worked_by", "standing", "came_to")
    list_filter = (
        DeskFilter,
        ("priority", ChoicesDropdownFilter),
        ("outcome", ChoicesDropdownFilter),
        ("branch", RelatedDropdownFilter),
    )
    list_select_related = ("assignee", "branch")
    search_fields = ("reference",)
    search_help_text = _("Reference of a case, for instance RC-2026-000123")
    ordering = ("due_at", "id")
    change_form_template = "risk/case.html"
    fields = ("reference",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        cases = visible_cases(request.user, super().get_queryset(request))
        return cases.select_related("assignee", "branch").annotate(alert_count=Count("alerts"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Case], search_term: str
    ) -> tuple[QuerySet[Case], bool]:
        wanted = search_term.strip().upper()
        return (queryset.filter(reference=wanted) if wanted else queryset), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, Case):
            context |= page_of(request, obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def timeline(self, record: Any) -> list[Any]:
        return timeline_of(record)

    @admin.display(description=_("priority"))
    def weighed(self, case: Case) -> SafeString:
        return alert_badges.priority_badge(case.priority)

    @admin.display(description=_("alerts"))
    def alert_count(self, case: Case) -> int:
        return getattr(case, "alert_count", 0)

    @admin.display(description=_("due"))
    def until(self, case: Case) -> SafeString | str:
        return alert_badges.due(case.due_at, is_open=case.is_open, now=clock.now())

    @admin.display(description=_("worked by"))
    def worked_by(self, case: Case) -> str:
        return case.assignee.full_name

    @admin.display(description=_("state"))
    def standing(self, case: Case) -> SafeString:
        return case_badges.case_badge(case)

    @admin.display(description=_("outcome"))
    def came_to(self, case: Case) -> SafeString | str:
        return alert_badges.outcome_badge(case.outcome)

    def named(self, request: HttpRequest, text: str) -> Case | None:
        """Find a case by reference or by the id in the audit trail."""
        visible = self.get_queryset(request)
        try:
            return visible.filter(pk=ids.decode(Case.ID_PREFIX, text)).first()
        except InvalidId:
            return visible.filter(reference=text.strip().upper()).first()

    def caption(self, record: Case) -> str:
        return f"{record.assignee.full_name} · {moment(record.opened_at)}"
