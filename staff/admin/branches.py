from __future__ import annotations

from django.contrib import admin

from bankops.core.admin.readonly import TrackedAdmin
from staff.admin.branch_doors import CloseBranch, OpenBranch, RenameBranch
from staff.models import Branch


@admin.register(Branch)
class BranchAdmin(TrackedAdmin):
    doors = (OpenBranch, RenameBranch, CloseBranch)
    timeline_subject = "branch"

    list_display = ("code", "name", "city", "region", "is_open")
    list_filter = ("is_open", "region")
    search_fields = ("code", "name", "city")
    ordering = ("code",)
    fields = ("code", "name", "city", "region", "is_open", "created_at")
