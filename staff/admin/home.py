"""What an administrator can do, on the page after signing in."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bankops.core.admin import home


def install() -> None:
    """Bring the steps to the page; called once, when the admin modules are loaded."""
    home.add_steps(30, steps)


def steps(request: HttpRequest) -> Iterator[home.Step]:
    """Yield what this person may do."""
    may = request.user.has_perm
    if may("staff.hire_user"):
        yield home.Step(
            _("Hire somebody"),
            _("Employee number and branch; you get a temporary password to hand over. Roles are granted afterwards."),
            reverse("admin:staff_user_hire_user"),
            "person_add",
        )
    if may("staff.view_user"):
        yield home.Step(
            _("Look after sign-ins"),
            _("Roles, passwords, phones, people who are locked out or have left."),
            reverse("admin:staff_user_changelist"),
            "badge",
        )
    if may("core.view_auditevent"):
        yield home.Step(
            _("Read the audit trail"),
            _("Who did what, when and why, by person or by record."),
            reverse("admin:core_auditevent_changelist"),
            "history",
        )
