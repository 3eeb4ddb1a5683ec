"""Approval requests: the inbox, and one request's page. Whatever changes one is a door."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from approvals import errors
from approvals.admin import inbox
from approvals.admin.bulk import DecideTogether
from approvals.admin.deciding import Approve, Reject, Return
from approvals.admin.maker_doors import Amend, CommentOn, Withdraw
from approvals.admin.reassigning import Reassign
from approvals.admin.request_page import page_of
from approvals.admin.wording import standing, time_left
from approvals.models import ApprovalRequest
from approvals.services import AT_ONCE_MAX
from approvals.services.decisions import DECIDE
from bankops.core import clock, ids
from bankops.core.admin.display import NOTHING, amount
from bankops.core.admin.readonly import BigTableAdmin
from bankops.core.admin.search import Searchable
from bankops.core.errors import InvalidId


@admin.register(ApprovalRequest)
class ApprovalRequestAdmin(Searchable, BigTableAdmin):
    doors = (Approve, Return, Amend, Reassign, CommentOn, DecideTogether, Reject, Withdraw)
    search_order = 35
    search_icon = "approval"

    list_display = ("reference", "what", "money", "maker_name", "standing", "time_left", "asked")
    list_filter = (
        inbox.ScopeFilter,
        inbox.OperationFilter,
        inbox.StateFilter,
        inbox.DueFilter,
        inbox.AgeFilter,
        inbox.AmountFilter,
        inbox.BranchFilter,
        inbox.MakerFilter,
    )
    list_per_page = 25
    list_before_template = "approvals/tabs.html"
    actions = ("decide_together",)
    list_disable_select_all = True  # “all that match” is nothing anybody has read
    search_fields = ("reference",)
    search_help_text = _("Reference, for instance AP-2026-000123")
    ordering = ("-created_at", "-id")
    fields = ("reference",)
    change_form_template = "approvals/request.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[inbox.Inbox]:
        return inbox.Inbox

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ApprovalRequest], search_term: str
    ) -> tuple[QuerySet[ApprovalRequest], bool]:
        """Find by whole reference: its words and figures are not for everybody."""
        return (queryset.filter(reference=search_term.strip().upper()) if search_term.strip() else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            response.context_data["tabs"] = list(inbox.tabs(request, response.context_data["cl"]))
        return response

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, ApprovalRequest):
            context |= page_of(self.admin_site, request, obj) | self._addresses(obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Asked by `permissions` of the action."""
        return bool(request.user.has_perm(DECIDE))

    @admin.action(description=_("Decide together"), permissions=["decide"])
    def decide_together(self, request: HttpRequest, queryset: QuerySet[ApprovalRequest]) -> HttpResponse | None:
        """Lead on with the rows that were ticked, and only those, whatever else the form claims."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if len(chosen) > AT_ONCE_MAX:
            messages.error(request, str(errors.TooManyAtOnce(limit=AT_ONCE_MAX, count=len(chosen))))
            return None
        query = urlencode([("id", one) for one in chosen])
        return HttpResponseRedirect(f"{reverse('admin:approvals_approvalrequest_decide_together')}?{query}")

    @admin.display(description=_("what"))
    def what(self, row: ApprovalRequest) -> SafeString:
        summary = inbox.summary_of(row) or _("assigned reviewers only")
        return format_html('{}<small class="bk-second">{}</small>', inbox.what(row), summary)

    @admin.display(description=_("amount"))
    def money(self, row: ApprovalRequest) -> str:
        return amount(row.money) if inbox.summary_of(row) is not None else NOTHING

    @admin.display(description=_("where it stands"))
    def standing(self, row: ApprovalRequest) -> SafeString:
        return standing(row)

    @admin.display(description=_("time left"))
    def time_left(self, row: ApprovalRequest) -> str:
        return time_left(row, clock.now(), roughly=True)

    @admin.display(description=_("asked to decide"))
    def asked(self, row: ApprovalRequest) -> str:
        return ", ".join(sorted(grant.user.full_name for grant in row.grants.all())) or NOTHING

    def named(self, request: HttpRequest, text: str) -> ApprovalRequest | None:
        """Find a request by reference or by the id that partners see."""
        visible: QuerySet[ApprovalRequest] = self.get_queryset(request)
        try:
            return visible.filter(pk=ids.decode(ApprovalRequest.ID_PREFIX, text)).first()
        except InvalidId:
            return visible.filter(reference=text.upper()).first()

    def caption(self, record: ApprovalRequest) -> str:
        return f"{inbox.what(record)} · {record.where_it_stands()}"

    def _addresses(self, row: ApprovalRequest) -> dict[str, str]:
        """Return where the doors are whose buttons and forms stand in the page itself."""
        return {f"{door.name}_url": door(self).url(row) for door in (Approve, Return, Reject, CommentOn)}
