"""Applications: the list with what is stuck, and one application's page with funnel, checks, documents and rounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RelatedDropdownFilter

from accounts import access
from accounts.admin import application_doors as doors
from accounts.admin.application_page import page_of
from accounts.admin.document_doors import UploadDocument
from accounts.kyc.funnel import OPEN, Stage
from accounts.models import Application
from bankops.core import clock, ids
from bankops.core.admin.display import Tone, badge
from bankops.core.admin.pages import ReadingPage
from bankops.core.admin.readonly import BigTableAdmin
from bankops.core.admin.search import Searchable
from bankops.core.errors import InvalidId

_TONES = {Stage.APPROVED: Tone.GOOD, Stage.REJECTED: Tone.BAD, Stage.WITHDRAWN: Tone.QUIET, Stage.EXPIRED: Tone.QUIET}
_STUCK_AFTER = (3, 7, 14, 30)
_SHOWN = 200


class StuckFilter(DropdownFilter):
    """Open applications that have been in their stage for more than so many days."""

    title = _("stuck for more than")
    parameter_name = "stuck"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(days), _days(days)) for days in _STUCK_AFTER]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Application]) -> QuerySet[Application]:
        chosen = self.value() or ""
        return stuck(queryset, int(chosen)) if chosen in map(str, _STUCK_AFTER) else queryset


@dataclass(frozen=True, slots=True)
class Group:
    """The applications stuck in one stage, longest first."""

    label: str | Promise
    rows: list[tuple[Application, str]]


class StuckApplications(ReadingPage):
    """What has not moved for days, stage by stage."""

    name = "stuck"
    label = _("Stuck applications")
    permission = "accounts.view_application"
    template = "accounts/kyc_stuck.html"
    on_list = True
    icon = "hourglass_bottom"

    def context(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        asked = request.GET.get("days", "")
        days = int(asked) if asked in map(str, _STUCK_AFTER) else _STUCK_AFTER[1]
        rows = stuck(self.admin.get_queryset(request), days).order_by("stage_entered_at", "id")[: _SHOWN + 1]
        return {
            "days": days,
            "choices": [(choice, _days(choice)) for choice in _STUCK_AFTER],
            "groups": list(_grouped(list(rows[:_SHOWN]))),
            "more": len(rows) > _SHOWN,
        }


@admin.register(Application)
class ApplicationAdmin(Searchable, BigTableAdmin):
    doors = (
        doors.ApproveApplication,
        UploadDocument,
        doors.ConfirmIdentity,
        doors.RunChecks,
        doors.ResubmitApplication,
        doors.OverrideCheck,
        doors.RejectApplication,
        doors.WithdrawApplication,
        StuckApplications,
    )
    timeline_subject = "application"
    search_order = 15
    search_icon = "assignment_ind"

    list_display = ("reference", "applicant", "standing", "age", "branch", "round", "started_by_name")
    list_filter = (StuckFilter, ("stage", ChoicesDropdownFilter), ("branch", RelatedDropdownFilter))
    list_select_related = ("customer", "branch")
    search_fields = ("reference", "customer__number")
    search_help_text = _("Reference, for instance KY-100001, or customer number")
    ordering = ("-id",)
    change_form_template = "accounts/kyc_application.html"
    fields = ("reference",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        """Show the applications of the customers this person may see."""
        applications: QuerySet[Application] = super().get_queryset(request)
        visible = access.visible_customers(request.user).filter(pk=OuterRef("customer"))
        return applications.filter(Exists(visible)).select_related("customer", "branch")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Application], search_term: str
    ) -> tuple[QuerySet[Application], bool]:
        wanted = search_term.strip().upper()
        return (queryset.filter(Q(reference=wanted) | Q(customer__number=wanted)) if wanted else queryset), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, Application):
            context |= {**page_of(obj), "standing": stage_badge(obj), "age": age(obj)}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("applicant"))
    def applicant(self, application: Application) -> str:
        return str(application.customer)

    @admin.display(description=_("stage"))
    def standing(self, application: Application) -> SafeString:
        return stage_badge(application)

    @admin.display(description=_("in this stage for"))
    def age(self, application: Application) -> str:
        return age(application)

    def named(self, request: HttpRequest, text: str) -> Application | None:
        """Find an application by reference or by the id in the audit trail."""
        visible = self.get_queryset(request)
        try:
            return visible.filter(pk=ids.decode(Application.ID_PREFIX, text)).first()
        except InvalidId:
            return visible.filter(reference=text.strip().upper()).first()

    def caption(self, record: Application) -> str:
        return f"{record.customer} · {Stage(record.stage).label}"


def stage_badge(application: Application) -> SafeString:
    """Return where an application stands, in a word and a colour."""
    stage = Stage(application.stage)
    return badge(stage.label, _TONES.get(stage, Tone.WARNING))


def age(application: Application) -> str:
    """Return how long an application has been in its stage, in whole days."""
    return _days((clock.now() - application.stage_entered_at).days)


def stuck(applications: QuerySet[Application], days: int) -> QuerySet[Application]:
    """Keep the open applications that have been in their stage for more than so many days."""
    return applications.filter(stage__in=OPEN, stage_entered_at__lt=clock.now() - timedelta(days=days))


def _grouped(applications: list[Application]) -> Iterator[Group]:
    for stage in OPEN:
        rows = [(one, age(one)) for one in applications if one.stage == stage]
        if rows:
            yield Group(stage.label, rows)


def _days(days: int) -> str:
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
