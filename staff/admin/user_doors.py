"""What an administrator does for and to people."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import DoorForm, ReasonForm
from staff import services
from staff.actors import actor_of
from staff.admin.submitting import SubmittingDoor
from staff.models import Branch, User
from staff.roles import Role


class HireForm(ReasonForm):
    employee_number = forms.CharField(label=_("Employee number"), max_length=20, help_text=_("For instance E1001."))
    full_name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.EmailField(label=_("E-mail"), required=False)
    branch = forms.ModelChoiceField(label=_("Branch"), queryset=Branch.objects.none(), required=False)

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

    form_class: ClassVar[type[DoorForm]] = ReasonForm

    def terms(self, request: HttpRequest, form: Any) -> dict[str, Any]:
        """Return what every service here asks: who, why, when."""
        return {"actor": self.actor(request), "reason": form.cleaned_data["reason"], "now": clock.now()}

    def actor(self, request: HttpRequest) -> Actor:
        return actor_of(request)


class AskingDoor(SubmittingDoor, UserDoor):
    """A door that asks for what reviewers have to agree to first (staff/operations.py).

    Attributes:
        effect: what will happen then, with the placeholder `%(name)s`.

    """

    effect: ClassVar[str | Promise]

    def summary(self, record: Any) -> str | Promise:
        return f"{_named(self.effect, record)} {_('Two reviewers have to agree first; until then nothing changes.')}"

    def ask(self, request: HttpRequest, form: ReasonForm, record: User, *, done: str, **payload: str) -> Done:
        """Submit the operation of the door's own name on this person, and say whether it is done or waits."""
        return self.submit(request, form, {"user": record.public_id, **payload}, done=done, record=record)


class HireUser(UserDoor):
    name = "hire_user"
    label = _("Hire")
    permission = "staff.hire_user"
    form_class = HireForm
    on_list = True
    icon = "person_add"

    def summary(self, record: Any) -> str | Promise:
        return _(
            "You get a temporary password to hand over; it is replaced at the first sign-in. Ask for a role afterwards: "
            "two reviewers have to agree to it."
        )

    def perform(self, request: HttpRequest, form: HireForm, record: Any) -> HttpResponse:
        data = form.cleaned_data
        hired = services.hire_user(
            employee_number=data["employee_number"],
            full_name=data["full_name"],
            email=data["email"],
            branch=data["branch"],
            **self.terms(request, form),
        )
        return show_password_once(self, request, hired.user, hired.temporary_password)


class GrantRole(AskingDoor):
    name = "grant_role"
    label = _("Grant role")
    permission = "staff.grant_role"
    form_class = GrantRoleForm
    icon = "add_moderator"
    effect = _("What the role may do counts from the next click of %(name)s.")

    def perform(self, request: HttpRequest, form: GrantRoleForm, record: Any) -> Done:
        role = form.cleaned_data["role"]
        done = _("%(name)s now holds the role %(role)s.") % {"name": record.full_name, "role": role.label}
        return self.ask(request, form, record, done=done, role=role.value)


class RevokeRole(AskingDoor):
    name = "revoke_role"
    label = _("Revoke role")
    permission = "staff.revoke_role"
    form_class = RevokeRoleForm
    dangerous = True
    icon = "remove_moderator"
    effect = _("What the role may do is gone at the next click of %(name)s.")

    def offered(self, record: Any) -> bool:
        return bool(record.groups.exists())

    def perform(self, request: HttpRequest, form: RevokeRoleForm, record: Any) -> Done:
        role = form.cleaned_data["role"]
        done = _("%(name)s no longer holds the role %(role)s.") % {"name": record.full_name, "role": role.label}
        return self.ask(request, form, record, done=done, role=role.value)


class DisableUser(AskingDoor):
    name = "disable_user"
    label = _("Disable sign-in")
    permission = "staff.disable_user"
    dangerous = True
    icon = "person_off"
    effect = _("%(name)s is out at the next click and cannot sign in until enabled again.")

    def offered(self, record: Any) -> bool:
        return bool(record.is_active)

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done:
        return self.ask(request, form, record, done=_named(_("%(name)s cannot sign in any more."), record))


class EnableUser(AskingDoor):
    name = "enable_user"
    label = _("Enable sign-in")
    permission = "staff.enable_user"
    icon = "person_check"
    effect = _("%(name)s can sign in again, with the password, phone and roles they had.")

    def offered(self, record: Any) -> bool:
        return not record.is_active

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done:
        return self.ask(request, form, record, done=_named(_("%(name)s can sign in again."), record))


class ResetSecondFactor(AskingDoor):
    name = "reset_second_factor"
    label = _("Reset second factor")
    permission = "staff.reset_second_factor"
    dangerous = True
    icon = "phonelink_erase"
    effect = _(
        "Be sure that it is really %(name)s who asks: whoever knows the password can set up a phone next. "
        "Phone and recovery codes stop working, and their sessions end."
    )

    def offered(self, record: Any) -> bool:
        return hasattr(record, "one_time_code_device")

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done:
        done = _named(_("%(name)s sets up a new phone at the next sign-in."), record)
        return self.ask(request, form, record, done=done)


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
        return _(
            "The failed attempts of %(name)s are forgotten, so that they can try again. After wrong one-time codes the wait "
            "stays."
        ) % {"name": record.full_name}

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
