"""Register a customer, and open an account for one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from babel import Locale
from django import forms
from django.conf import settings
from django.db.models import TextChoices
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

from accounts import numbers
from accounts import services as account_services
from accounts.models import CustomerKind, IdentifierType, Product
from bankops.core import clock
from bankops.core.admin.confirmed import OnceForm
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import DoorForm
from bankops.core.money import Money
from staff.actors import actor_of
from staff.models import Branch, User


def _capitalised(choices: Iterable[TextChoices]) -> list[tuple[str, str]]:
    return [(choice.value, capfirst(choice.label)) for choice in choices]


_DOCUMENTS = [choice for choice in IdentifierType if choice is not IdentifierType.EXTERNAL]


class BranchForm(DoorForm):
    """A form with a choice of the open branches."""

    branch = forms.ModelChoiceField(label=_("Branch"), queryset=Branch.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        branch: forms.ModelChoiceField[Branch] = self.fields["branch"]  # type: ignore[assignment]
        branch.queryset = Branch.objects.open().order_by("code")


class RegisterCustomerForm(BranchForm):
    kind = forms.TypedChoiceField(label=_("Kind"), choices=_capitalised(CustomerKind), coerce=CustomerKind)
    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("As it stands on the document."))
    birth_date = forms.DateField(
        label=_("Date of birth"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    identifier_type = forms.TypedChoiceField(
        label=_("Document"),
        choices=_capitalised(_DOCUMENTS),
        coerce=IdentifierType,
    )
    issuer = forms.ChoiceField(label=_("Issuing country"))
    identifier = forms.CharField(label=_("Number on the document"), max_length=60)

    field_order = ["kind", "name", "birth_date", "identifier_type", "issuer", "identifier", "branch"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        issuer: forms.ChoiceField = self.fields["issuer"]  # type: ignore[assignment]
        issuer.choices = _countries()


class RegisterCustomer(Door):
    name = "register_customer"
    label = _("Register customer")
    permission = "accounts.register_customer"
    form_class = RegisterCustomerForm
    on_list = True
    icon = "person_add"

    def summary(self, record: Any) -> str | Promise:
        return _("The customer gets a number. Accounts are opened on the customer's page, which comes next.")

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        # ISO 4217 begins a national currency's code with its country's.
        return {"branch": own_branch(request), "issuer": settings.BANKOPS_BASE_CURRENCY[:2]}

    def perform(self, request: HttpRequest, form: RegisterCustomerForm, record: Any) -> Done:
        data = form.cleaned_data
        document = account_services.IdentifierDraft(
            type=data["identifier_type"], issuer=data["issuer"], value=data["identifier"]
        )
        customer = account_services.register_customer(
            kind=data["kind"],
            name=data["name"],
            branch=data["branch"],
            identifiers=[document],
            birth_date=data["birth_date"],
            actor=actor_of(request),
            now=clock.now(),
        )
        text = _("Customer %(number)s is registered. Next: open an account.")
        return Done(text % {"number": customer.number}, customer)


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


class OpenAccount(Door):
    name = "open_account"
    label = _("Open account")
    permission = "accounts.open_account"
    form_class = OpenAccountForm
    icon = "add_card"

    def summary(self, record: Any) -> str | Promise:
        text = _("%(name)s gets an account with a new number and an empty balance. Its currency never changes.")
        return text % {"name": record.name}

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {"branch": own_branch(request), "currency": settings.BANKOPS_BASE_CURRENCY, "overdraft": "0"}

    def perform(self, request: HttpRequest, form: OpenAccountForm, record: Any) -> Done:
        data, now = form.cleaned_data, clock.now()
        account = account_services.open_account(
            customer=record,
            product=data["product"],
            branch=data["branch"],
            currency=data["currency"],
            overdraft_limit=Money.parse(data["overdraft"], data["currency"]),
            idempotency_key=data["idempotency_key"],
            actor=actor_of(request),
            now=now,
            business_date=clock.business_date(now),
        )
        text = _("Account %(number)s is open. Next: take the first deposit.")
        return Done(text % {"number": numbers.display(account.number)}, account)


def own_branch(request: HttpRequest) -> Branch | None:
    """Return the branch where the person at the keyboard works, while it is open."""
    branch = request.user.branch if isinstance(request.user, User) else None
    return branch if branch and branch.is_open else None


def _countries() -> list[tuple[str, str]]:
    names = Locale.parse(to_locale(get_language() or "en")).territories
    countries = [(code, name) for code, name in names.items() if len(code) == 2 and code.isalpha()]
    return sorted(countries, key=lambda country: country[1])
