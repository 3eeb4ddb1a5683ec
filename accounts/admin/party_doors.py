"""Give somebody rights on an account, and end them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import access, errors
from accounts.models import Account, AccountParty, AccountStatus, Customer, PartyRights, PartyRole, Signature
from bankops.core.admin import extensions
from bankops.core.admin.doors import Done
from bankops.core.admin.forms import ReasonForm, capitalised
from staff.admin.submitting import SubmittingDoor


def install() -> None:
    """Offer the doors on every account; called once, when the admin modules are loaded."""
    extensions.add_pages(Account, AddParty, RemoveParty)


class AddPartyForm(ReasonForm):
    customer = forms.CharField(label=_("Customer number"), max_length=20, help_text=_("For instance C-100001."))
    role = forms.ChoiceField(label=_("Role"), choices=capitalised(PartyRole), initial=PartyRole.DISPONENT)
    rights = forms.ChoiceField(label=_("May"), choices=capitalised(PartyRights), initial=PartyRights.VIEW)
    signature = forms.ChoiceField(label=_("Signs"), choices=capitalised(Signature))
    debit_limit = forms.CharField(
        label=_("Limit of a debit"), max_length=30, required=False, help_text=_("Empty: no limit of their own.")
    )


class AddParty(SubmittingDoor):
    name = "add_party"
    label = _("Give rights")
    permission = "accounts.add_party"
    form_class = AddPartyForm
    icon = "group_add"

    def offered(self, record: Any) -> bool:
        return bool(record.is_customer_account and record.status != AccountStatus.CLOSED)

    def summary(self, record: Any) -> str | Promise:
        return _("Another customer gets rights on this account, once others agree. The owner has to have asked for it.")

    def perform(self, request: HttpRequest, form: AddPartyForm, record: Any) -> Done:
        data = form.cleaned_data
        among = access.visible_customers(request.user)
        customer = among.filter(number=data["customer"].strip().upper()).first()
        if customer is None:
            raise errors.UnknownCustomer
        terms = {name: data[name] for name in ("role", "rights", "signature", "debit_limit")}
        done = _("%(name)s has rights on the account now.") % {"name": customer.name}
        return self.submit(request, form, _payload(record, customer, **terms), done=done, record=record)


class RemovePartyForm(ReasonForm):
    party = forms.ModelChoiceField(label=_("Whose rights end"), queryset=AccountParty.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        party: forms.ModelChoiceField[AccountParty] = self.fields["party"]  # type: ignore[assignment]
        party.queryset = _standing(self.record).select_related("customer").order_by("id")
        party.label_from_instance = _named  # type: ignore[method-assign,assignment]


class RemoveParty(SubmittingDoor):
    name = "remove_party"
    label = _("End rights")
    permission = "accounts.remove_party"
    form_class = RemovePartyForm
    icon = "group_remove"

    def offered(self, record: Any) -> bool:
        return bool(_standing(record).exists())

    def summary(self, record: Any) -> str | Promise:
        return _("The rights end once others agree. That there were some stays on record.")

    def perform(self, request: HttpRequest, form: RemovePartyForm, record: Any) -> Done:
        customer = form.cleaned_data["party"].customer
        done = _("The rights of %(name)s have ended.") % {"name": customer.name}
        return self.submit(request, form, _payload(record, customer), done=done, record=record)


def _payload(account: Account, customer: Customer, **terms: str) -> dict[str, str]:
    return {"account": account.public_id, "customer": customer.public_id, **terms}


def _standing(account: Any) -> Any:
    return AccountParty.objects.standing().filter(account=account)


def _named(party: AccountParty) -> str:
    return f"{party.customer} ({party.get_role_display()})"
