"""Which partner's systems may do what with which account: a list to read, and two doors. Each is submitted for approval."""

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
from accounts.models import AccountPartnerGrant
from accounts.partner_access import LABELS, Right
from bankops.core.admin.display import moment
from bankops.core.admin.doors import Done
from bankops.core.admin.forms import ReasonForm
from bankops.core.admin.readonly import BigTableAdmin
from partners.models import Partner, PartnerState
from staff.admin.submitting import SubmittingDoor


class GrantPartnerAccessForm(ReasonForm):
    account = forms.CharField(label=_("Account number"), max_length=30)
    partner = forms.ModelChoiceField(
        Partner.objects.filter(state=PartnerState.ACTIVE).order_by("name"), label=_("Partner")
    )
    rights = forms.MultipleChoiceField(
        label=_("Rights"),
        choices=[(right.value, LABELS[right]) for right in Right],
        widget=forms.CheckboxSelectMultiple,
    )


class GrantPartnerAccess(SubmittingDoor):
    name = "grant_partner_access"
    label = _("Give a partner rights")
    permission = "accounts.grant_partner_access"
    form_class = GrantPartnerAccessForm
    on_list = True
    icon = "add_link"

    def summary(self, record: Any) -> str | Promise:
        return _("Lets one partner's systems use one customer's account. Two people have to agree first.")

    def perform(self, request: HttpRequest, form: GrantPartnerAccessForm, record: Any) -> Done:
        account = selectors.account_by_number(numbers.clean(form.cleaned_data["account"]))
        if account is None:
            raise errors.AccountNotFound
        payload = {
            "account": account.public_id,
            "partner": form.cleaned_data["partner"].public_id,
            "rights": form.cleaned_data["rights"],
        }
        return self.submit(request, form, payload, done=gettext("The partner has these rights now."))


class RevokePartnerAccess(SubmittingDoor):
    name = "revoke_partner_access"
    label = _("Take a partner's rights")
    permission = "accounts.revoke_partner_access"
    dangerous = True
    icon = "link_off"

    def summary(self, record: Any) -> str | Promise:
        text = _("The systems of %(partner)s can do nothing with account %(account)s any more, from the next call on.")
        number = numbers.display(record.content_object.number)
        return text % {"partner": record.group.partner.name, "account": number}

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done | HttpResponse:
        payload = {"account": record.content_object.public_id, "partner": record.group.partner.public_id}
        outcome = self.submit(request, form, payload, done=gettext("The partner's rights are taken."))
        if outcome.record:
            return outcome
        messages.success(request, outcome.message)
        return HttpResponseRedirect(self.page_of(None))  # the right's own page is gone with it


@admin.register(AccountPartnerGrant)
class AccountPartnerGrantAdmin(BigTableAdmin):
    """Which partner may do what with which account. Shows numbers, never whose account it is."""

    doors = (GrantPartnerAccess, RevokePartnerAccess)

    list_display = ("account_number", "partner", "right", "granted", "approval_request")
    list_select_related = ("content_object", "group__partner", "permission", "approval_request")
    fields = ("account_number", "partner", "right", "granted", "approval_request")
    readonly_fields = fields
    ordering = ("-granted_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccountPartnerGrant]:
        grants: QuerySet[AccountPartnerGrant] = super().get_queryset(request)
        return grants.select_related(*self.list_select_related)

    @admin.display(description=_("account number"))
    def account_number(self, grant: AccountPartnerGrant) -> str:
        return numbers.display(grant.content_object.number)

    @admin.display(description=_("partner"))
    def partner(self, grant: AccountPartnerGrant) -> str:
        return str(grant.group.partner.name)

    @admin.display(description=_("right"))
    def right(self, grant: AccountPartnerGrant) -> str:
        return str(LABELS[Right(grant.permission.codename)])

    @admin.display(description=_("granted at"))
    def granted(self, grant: AccountPartnerGrant) -> str:
        return moment(grant.granted_at)
