"""The audit trail as the auditor reads it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, FieldTextFilter, RangeDateTimeFilter

from bankops.core import audit
from bankops.core.admin.readonly import BigTableAdmin
from bankops.core.models import AuditEvent
from bankops.core.selectors import entry_of


class EventTypeFilter(DropdownFilter):
    title = _("event")
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return sorted(
            ((name, str(event.label)) for name, event in audit.declared_event_types().items()), key=lambda pair: pair[1]
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        return queryset.filter(event_type=self.value()) if self.value() else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(BigTableAdmin):
    """Newest first. Searching finds whole record names and ids of records and actors, through their indexes."""

    list_display = ("id", "occurred_at", "event", "actor_name", "record", "reason")
    list_display_links = ("id", "event")
    list_filter = (
        EventTypeFilter,
        ("occurred_at", RangeDateTimeFilter),
        ("actor_id", FieldTextFilter),
        ("subject_id", FieldTextFilter),
    )
    search_fields = ("=subject_label", "=subject_id", "=actor_id")
    search_help_text = _("Employee number, account number, reference, or an id such as usr_…")
    ordering = ("-id",)
    fields = (
        "event",
        "occurred_at",
        "actor_name",
        "actor_id",
        "record",
        "subject_id",
        "reason",
        "what_changed",
        "detail",
        "request_id",
        "approval_request_id",
        "position",
    )
    readonly_fields = fields

    @admin.display(description=_("event"))
    def event(self, event: AuditEvent) -> str:
        return audit.label_of(event.event_type)

    @admin.display(description=_("record"))
    def record(self, event: AuditEvent) -> str:
        return f"{event.subject_type} {event.subject_label}"

    @admin.display(description=_("changes"))
    def what_changed(self, event: AuditEvent) -> SafeString:
        return render_to_string("bankops/changes.html", {"changes": entry_of(event).changes})
