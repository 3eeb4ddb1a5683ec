"""Confidential accounts: make one so on its page, and grant or revoke access to it. Each is submitted for approval."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import errors, numbers, selectors
from accounts.models import Account, AccountGrant
from bankops.core.admin import extensions
from bankops.core.admin.display import moment
from bankops.core.admin.doors import Done
from bankops.core.admin.forms import ReasonForm
from bankops.core.admin.readonly import BigTableAdmin
from staff.admin.submitting import SubmittingDoor
from staff.selectors import user_by_employee_number


class SetConfidential(SubmittingDoor):
    name = "set_confidential"
    label = _("Confidentiality")
    permission = "accounts.set_confidential"
    icon = "visibility_off"

    def offered(self, record: Any) -> bool:
        return bool(record.is_customer_account)

    def summary(self, record: Any) -> str | Promise:
        if record.is_confidential:
            return _("Everybody who may view accounts of this branch will see this one again, once two people agree.")
        return _("Once two people agree, nobody sees this account, you included, but those to whom it is granted.")

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done:
        payload = {"account": record.public_id, "confidential": not record.is_confidential}
        return self.submit(request, form, payload, done=gettext("The account's confidentiality is changed."))


class GrantAccessForm(ReasonForm):
    account = forms.CharField(label=_("Account number"), max_length=30)
    employee_number = forms.CharField(label=_("Employee number"), max_length=20, help_text=_("For instance E1001."))


class GrantAccess(SubmittingDoor):
    name = "grant_access"
    label = _("Grant access")
    permission = "accounts.grant_access"
    form_class = GrantAccessForm
    on_list = True
    icon = "visibility"

    def summary(self, record: Any) -> str | Promise:
        return _("Lets one person see one confidential account. Two people have to agree first.")

    def perform(self, request: HttpRequest, form: GrantAccessForm, record: Any) -> Done:
        number = numbers.clean(form.cleaned_data["account"])
        account = selectors.account_by_number(number)
        if account is None:
            raise errors.AccountNotFound
        user = user_by_employee_number(form.cleaned_data["employee_number"])
        payload = {"account": account.public_id, "user": user.public_id}
        return self.submit(request, form, payload, done=gettext("Access is granted."))


class RevokeAccess(SubmittingDoor):
    name = "revoke_access"
    label = _("Revoke access")
    permission = "accounts.revoke_access"
    dangerous = True
    icon = "visibility_off"

    def summary(self, record: Any) -> str | Promise:
        text = _("%(name)s no longer sees account %(account)s, from the next click on.")
        return text % {"name": record.user.full_name, "account": numbers.display(record.content_object.number)}

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done | HttpResponse:
        payload = {"account": record.content_object.public_id, "user": record.user.public_id}
        outcome = self.submit(request, form, payload, done=gettext("Access is revoked."))
        if outcome.record:
            return outcome
        messages.success(request, outcome.message)
        return HttpResponseRedirect(self.page_of(None))  # the grant's own page is gone with it


@admin.register(AccountGrant)
class AccountGrantAdmin(BigTableAdmin):
    """Who sees which confidential account. Shows numbers and people, never whose account it is."""

    doors = (GrantAccess, RevokeAccess)

    list_display = ("account_number", "person", "granted", "approval_request")
    list_select_related = ("content_object", "user", "approval_request")
    fields = ("account_number", "person", "granted", "approval_request")
    readonly_fields = fields
    ordering = ("-granted_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccountGrant]:
        grants: QuerySet[AccountGrant] = super().get_queryset(request)
        return grants.select_related(*self.list_select_related)

    @admin.display(description=_("account number"))
    def account_number(self, grant: AccountGrant) -> str:
        return numbers.display(grant.content_object.number)

    @admin.display(description=_("person"))
    def person(self, grant: AccountGrant) -> str:
        return str(grant.user)

    @admin.display(description=_("granted at"))
    def granted(self, grant: AccountGrant) -> str:
        return moment(grant.granted_at)


extensions.add_pages(Account, SetConfidential)
