"""What was announced to the outside, and whether it has been carried out."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import FieldTextFilter, RangeDateTimeFilter

from bankops.core.admin.readonly import BigTableAdmin
from bankops.core.models import OutboxMessage


@admin.register(OutboxMessage)
class OutboxMessageAdmin(BigTableAdmin):
    list_display = ("id", "topic", "subject_id", "announced_at", "dispatched_at")
    list_filter = (
        ("topic", FieldTextFilter),
        ("announced_at", RangeDateTimeFilter),
        ("dispatched_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("=subject_id", "=request_id")
    search_help_text = _("A record's id, or a request id")
    ordering = ("-id",)
