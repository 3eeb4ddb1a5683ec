"""Open, rename, close a branch."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core import clock
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import ReasonForm
from staff.actors import actor_of
from staff.services import branches


class OpenBranchForm(ReasonForm):
    code = forms.CharField(label=_("Code"), max_length=10, help_text=_("Short, for instance 001. It never changes."))
    name = forms.CharField(label=_("Name"), max_length=100)
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    region = forms.CharField(label=_("Region"), max_length=100, required=False)


class RenameBranchForm(ReasonForm):
    name = forms.CharField(label=_("New name"), max_length=100)


class OpenBranch(Door):
    name = "open_branch"
    label = _("Open branch")
    permission = "staff.open_branch"
    form_class = OpenBranchForm
    on_list = True
    icon = "add_business"

    def summary(self, record: Any) -> str | Promise:
        return _("People can be hired for the branch and accounts opened there from now on.")

    def perform(self, request: HttpRequest, form: OpenBranchForm, record: Any) -> Done:
        data = form.cleaned_data
        branch = branches.open_branch(
            code=data["code"],
            name=data["name"],
            city=data["city"],
            region=data["region"],
            actor=actor_of(request),
            reason=data["reason"],
            now=clock.now(),
        )
        return Done(_("Branch %(branch)s is open.") % {"branch": branch}, branch)


class RenameBranch(Door):
    name = "rename_branch"
    label = _("Rename branch")
    permission = "staff.rename_branch"
    form_class = RenameBranchForm
    icon = "edit"

    def summary(self, record: Any) -> str | Promise:
        return _("The name changes everywhere it is shown; the code %(code)s stays.") % {"code": record.code}

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {"name": record.name}

    def perform(self, request: HttpRequest, form: RenameBranchForm, record: Any) -> Done:
        data = form.cleaned_data
        branch = branches.rename_branch(
            branch=record, name=data["name"], actor=actor_of(request), reason=data["reason"], now=clock.now()
        )
        return Done(_("The branch is now %(branch)s.") % {"branch": branch})


class CloseBranch(Door):
    name = "close_branch"
    label = _("Close branch")
    permission = "staff.close_branch"
    form_class = ReasonForm
    dangerous = True
    icon = "storefront"

    def offered(self, record: Any) -> bool:
        return bool(record.is_open)

    def summary(self, record: Any) -> str | Promise:
        return _(
            "Nobody can be hired for the branch any more and no account opened there. Its accounts and history stay."
        )

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done:
        reason = form.cleaned_data["reason"]
        branches.close_branch(branch=record, actor=actor_of(request), reason=reason, now=clock.now())
        return Done(_("Branch %(branch)s is closed.") % {"branch": record})
