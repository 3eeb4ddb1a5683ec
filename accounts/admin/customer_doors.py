"""Register a customer, and open an account for one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import numbers
from accounts import services as account_services
from accounts.admin.customer_forms import (
    AddressFields,
    BranchForm,
    ContactFields,
    DocumentFields,
    TaxFields,
    day_field,
)
from accounts.drafts import IdentifierDraft
from accounts.home_country import home_country
from accounts.models import Account, CustomerKind, CustomerState, Product
from accounts.services import identifiers
from bankops.core import clock
from bankops.core.admin.confirmed import OnceForm
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import capitalised
from bankops.core.admin.submitting import told
from bankops.core.errors import BankOpsError
from staff.actors import actor_of
from staff.admin.submitting import SubmittingDoor
from staff.models import Branch, User


class RegisterCustomerForm(DocumentFields, ContactFields, AddressFields, TaxFields, BranchForm):
    kind = forms.TypedChoiceField(label=_("Kind"), choices=capitalised(CustomerKind), coerce=CustomerKind)
    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("As it stands on the document."))
    birth_date = day_field(_("Date of birth"), help_text=_("Of a person. A Chinese resident identity number says it."))

    sections = (
        (_("Who it is"), ("kind", "name", "birth_date", "branch")),
        (_("Document"), ("identifier_type", "issuer", "identifier", "issued_on", "expires_on")),
        (_("How they are reached"), ("phone", "email")),
        (_("Address"), ("address_type", "lines", "postal_code", "city", "region", "address_country")),
        (_("Tax"), ("tax_country", "tax_number", "certified_on")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["preferred"]
        for name in ("identifier_type", "issuer", "identifier"):
            self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        kind = cleaned.get("kind")
        if kind and not self.errors:
            try:
                identifiers.birth_date_of(
                    self.documents(), cleaned["birth_date"], kind=kind, today=clock.business_date()
                )
            except BankOpsError as refusal:
                self.blame("birth_date", refusal)
        return cleaned

    def documents(self) -> list[IdentifierDraft]:
        """Return the documents that were entered."""
        return [draft for draft in self.drafts if isinstance(draft, IdentifierDraft)]


class RegisterCustomer(Door):
    name = "register_customer"
    label = _("Register customer")
    permission = "accounts.register_customer"
    form_class = RegisterCustomerForm
    template = "accounts/customer_form.html"
    on_list = True
    icon = "person_add"

    def summary(self, record: Any) -> str | Promise:
        return _("The customer gets a number. What comes next stands on the customer's page.")

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        home = home_country()
        return {"branch": own_branch(request), "issuer": home, "address_country": home}

    def perform(self, request: HttpRequest, form: RegisterCustomerForm, record: Any) -> Done:
        data = form.cleaned_data
        customer = account_services.register_customer(
            kind=data["kind"],
            name=data["name"],
            branch=data["branch"],
            identifiers=form.documents(),
            birth_date=data["birth_date"],
            more=[draft for draft in form.drafts if not isinstance(draft, IdentifierDraft)],
            actor=actor_of(request),
            now=clock.now(),
        )
        return Done(_("Customer %(number)s is registered.") % {"number": customer.number}, customer)


class OpenAccountForm(BranchForm, OnceForm):
    product = forms.ModelChoiceField(label=_("Product"), queryset=Product.objects.none(), empty_label=None)
    currency = forms.CharField(label=_("Currency"), max_length=3, help_text=_("ISO 4217 code, for instance CNY."))
    overdraft = forms.CharField(
        label=_("Overdraft limit"), max_length=30, help_text=_("How far the balance may go below zero. 0: not at all.")
    )

    field_order = ["product", "currency", "branch", "overdraft"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        product: forms.ModelChoiceField[Product] = self.fields["product"]  # type: ignore[assignment]
        product.queryset = Product.objects.filter(is_offered=True).order_by("code")

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).strip().upper()


class OpenAccount(SubmittingDoor):
    name = "open_account"
    label = _("Open account")
    permission = "accounts.open_account"
    form_class = OpenAccountForm
    icon = "add_card"

    def offered(self, record: Any) -> bool:
        """Only for those whom the bank approved; until then their application is the way."""
        return bool(record.state == CustomerState.ACTIVE)

    def summary(self, record: Any) -> str | Promise:
        text = _("%(name)s gets an account with a new number and an empty balance. Its currency never changes.")
        return text % {"name": record.name}

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {"branch": own_branch(request), "currency": settings.BANKOPS_BASE_CURRENCY, "overdraft": "0"}

    def perform(self, request: HttpRequest, form: OpenAccountForm, record: Any) -> Done:
        data = form.cleaned_data
        payload = {
            "customer": record.public_id,
            "product": data["product"].code,
            "branch": data["branch"].code,
            "currency": data["currency"],
            "overdraft": data["overdraft"],
        }
        outcome = self.outcome(request, form, payload)
        if not isinstance(outcome.result, Account):
            return told(outcome, done=str(_("The account is open.")))
        text = _("Account %(number)s is open. Next: take the first deposit.")
        return told(outcome, done=text % {"number": numbers.display(outcome.result.number)}, record=outcome.result)


def own_branch(request: HttpRequest) -> Branch | None:
    """Return the branch where the person at the keyboard works, while it is open."""
    branch = request.user.branch if isinstance(request.user, User) else None
    return branch if branch and branch.is_open else None
