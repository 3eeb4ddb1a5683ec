"""What an administrator does for and to people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import ReasonForm
from staff import services
from staff.actors import actor_of
from staff.models import Branch, User
from staff.roles import Role


class HireForm(ReasonForm):
    employee_number = forms.CharField(label=_("Employee number"), max_length=20, help_text=_("For instance E1001."))
    full_name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.EmailField(label=_("E-mail"), required=False)
    branch = forms.ModelChoiceField(label=_("Branch"), queryset=Branch.objects.none(), required=False)
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("None yet")), *Role.choices], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        branch: forms.ModelChoiceField[Branch] = self.fields["branch"]  # type: ignore[assignment]
        branch.queryset = Branch.objects.open().order_by("code")


class RoleForm(ReasonForm):
    """A choice of the roles that the operation makes sense for."""

    role = forms.TypedChoiceField(label=_("Role"), coerce=Role)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role: forms.TypedChoiceField = self.fields["role"]  # type: ignore[assignment]
        role.choices = [(role.value, role.label) for role in Role if self.offers(role)]

    def offers(self, role: Role) -> bool:
        return True

    def held(self) -> set[str]:
        user = self.record
        return set(user.groups.values_list("name", flat=True)) if isinstance(user, User) else set()


class GrantRoleForm(RoleForm):
    def offers(self, role: Role) -> bool:
        return role not in self.held()


class RevokeRoleForm(RoleForm):
    def offers(self, role: Role) -> bool:
        return role in self.held()


class UserDoor(Door):
    """A door on a person that nobody may use on themselves."""

    form_class = ReasonForm

    def terms(self, request: HttpRequest, form: Any) -> dict[str, Any]:
        """Return what every service here asks: who, why, when."""
        return {"actor": self.actor(request), "reason": form.cleaned_data["reason"], "now": clock.now()}

    def actor(self, request: HttpRequest) -> Actor:
        return actor_of(request)


class HireUser(UserDoor):
    name = "hire_user"
    label = _("Hire")
    permission = "staff.hire_user"
    form_class = HireForm
    on_list = True
    icon = "person_add"

    def summary(self, record: Any) -> str | Promise:
        return _("You get a temporary password to hand over; it is replaced at the first sign-in.")

    def perform(self, request: HttpRequest, form: HireForm, record: Any) -> HttpResponse:
        data = form.cleaned_data
        hired = services.hire_user(
            employee_number=data["employee_number"],
            full_name=data["full_name"],
            email=data["email"],
            branch=data["branch"],
            roles=[Role(data["role"])] if data["role"] else [],
            **self.terms(request, form),
        )
        return show_password_once(self, request, hired.user, hired.temporary_password)


class GrantRole(UserDoor):
    name = "grant_role"
    label = _("Grant role")
    permission = "staff.grant_role"
    form_class = GrantRoleForm
    icon = "add_moderator"

    def summary(self, record: Any) -> str | Promise:
        return _("What the role may do counts from the person's next click.")

    def perform(self, request: HttpRequest, form: GrantRoleForm, record: Any) -> Done:
        role = form.cleaned_data["role"]
        services.grant_role(user=record, role=role, **self.terms(request, form))
        return Done(_("%(name)s now holds the role %(role)s.") % {"name": record.full_name, "role": role.label})


class RevokeRole(UserDoor):
    name = "revoke_role"
    label = _("Revoke role")
    permission = "staff.revoke_role"
    form_class = RevokeRoleForm
    dangerous = True
    icon = "remove_moderator"

    def offered(self, record: Any) -> bool:
        return bool(record.groups.exists())

    def summary(self, record: Any) -> str | Promise:
        return _("What the role may do is gone at the person's next click.")

    def perform(self, request: HttpRequest, form: RevokeRoleForm, record: Any) -> Done:
        role = form.cleaned_data["role"]
        services.revoke_role(user=record, role=role, **self.terms(request, form))
        return Done(_("%(name)s no longer holds the role %(role)s.") % {"name": record.full_name, "role": role.label})


class DisableUser(UserDoor):
    name = "disable_user"
    label = _("Disable sign-in")
    permission = "staff.disable_user"
    dangerous = True
    icon = "person_off"

    def offered(self, record: Any) -> bool:
        return bool(record.is_active)

    def summary(self, record: Any) -> str | Promise:
        return _("%(name)s is out at the next click and cannot sign in until enabled again.") % {
            "name": record.full_name
        }

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done:
        services.disable_user(user=record, **self.terms(request, form))
        return Done(_named(_("%(name)s cannot sign in any more."), record))


class EnableUser(UserDoor):
    name = "enable_user"
    label = _("Enable sign-in")
    permission = "staff.enable_user"
    icon = "person_check"

    def offered(self, record: Any) -> bool:
        return not record.is_active

    def summary(self, record: Any) -> str | Promise:
        return _("%(name)s can sign in again, with the password, phone and roles they had.") % {
            "name": record.full_name
        }

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done:
        services.enable_user(user=record, **self.terms(request, form))
        return Done(_named(_("%(name)s can sign in again."), record))


class ResetSecondFactor(UserDoor):
    name = "reset_second_factor"
    label = _("Reset second factor")
    permission = "staff.reset_second_factor"
    dangerous = True
    icon = "phonelink_erase"

    def offered(self, record: Any) -> bool:
        return hasattr(record, "one_time_code_device")

    def summary(self, record: Any) -> str | Promise:
        text = _(
            "Be sure that it is really %(name)s who asks: whoever knows the password can set up a phone next. "
            "Phone and recovery codes stop working, and their sessions end."
        )
        return _named(text, record)

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done:
        services.reset_second_factor(user=record, **self.terms(request, form))
        return Done(_named(_("%(name)s sets up a new phone at the next sign-in."), record))


class ResetPassword(UserDoor):
    name = "reset_password"
    label = _("Reset password")
    permission = "staff.reset_password"
    dangerous = True
    icon = "lock_reset"

    def summary(self, record: Any) -> str | Promise:
        return _("You get a temporary password to hand over to %(name)s, whose sessions end.") % {
            "name": record.full_name
        }

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> HttpResponse:
        password = services.reset_password(user=record, **self.terms(request, form))
        return show_password_once(self, request, record, password)


class UnlockUser(UserDoor):
    name = "unlock_user"
    label = _("Unlock sign-in")
    permission = "staff.unlock_user"
    icon = "lock_open"

    def summary(self, record: Any) -> str | Promise:
        return _("The failed attempts of %(name)s are forgotten, so that they can try again at once.") % {
            "name": record.full_name
        }

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done:
        services.unlock_user(user=record, **self.terms(request, form))
        return Done(_named(_("%(name)s can try again."), record))


def _named(text: str | Promise, user: User) -> str:
    return str(text) % {"name": user.full_name}


def show_password_once(door: Door, request: HttpRequest, user: User, password: str) -> HttpResponse:
    """Render the temporary password; it is in this answer and nowhere else."""
    context = {
        **door.admin.admin_site.each_context(request),
        "title": door.label,
        "opts": door.admin.opts,
        "original": user,
        "person": user,
        "password": password,
        "done_url": door.page_of(user),
    }
    response = TemplateResponse(request, "staff/temporary_password.html", context)
    response["Cache-Control"] = "no-store"
    return response
