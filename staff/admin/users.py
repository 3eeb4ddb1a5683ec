"""The people who work here."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RelatedDropdownFilter

from bankops.core.admin.readonly import TrackedAdmin
from bankops.core.admin.search import Searchable
from staff.admin import user_doors as doors
from staff.models import OneTimeCodeDevice, User
from staff.roles import Role


@admin.register(User)
class UserAdmin(Searchable, TrackedAdmin):
    doors = (
        doors.HireUser,
        doors.GrantRole,
        doors.RevokeRole,
        doors.DisableUser,
        doors.EnableUser,
        doors.ResetPassword,
        doors.ResetSecondFactor,
        doors.UnlockUser,
    )
    timeline_subject = "user"
    search_order = 40
    search_icon = "badge"

    list_display = ("employee_number", "full_name", "roles", "branch", "is_active", "has_second_factor", "last_login")
    list_filter = (("groups", RelatedDropdownFilter), ("branch", RelatedDropdownFilter), "is_active")
    list_select_related = ("branch",)
    search_fields = ("employee_number", "full_name")
    ordering = ("employee_number",)
    fields = (
        "employee_number",
        "full_name",
        "email",
        "branch",
        "roles",
        "is_active",
        "has_second_factor",
        "must_change_password",
        "last_login",
        "joined_at",
    )
    readonly_fields = ("roles", "has_second_factor")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        devices = OneTimeCodeDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        users: QuerySet[User] = super().get_queryset(request)
        return users.prefetch_related("groups").annotate(_has_second_factor=Exists(devices))

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        return ", ".join(str(Role(group.name).label) for group in user.groups.all() if group.name in Role) or "—"

    @admin.display(description=_("second factor"), boolean=True)
    def has_second_factor(self, user: User) -> bool:
        return bool(getattr(user, "_has_second_factor", False))

    def named(self, request: HttpRequest, text: str) -> User | None:
        """Find somebody by employee number."""
        return self.get_queryset(request).filter(employee_number=text.upper()).first()

    def caption(self, record: User) -> str:
        return self.roles(record)
