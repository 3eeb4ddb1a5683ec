"""Change a customer's data, and record what they consent to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.widgets import CHECKBOX_CLASSES

from accounts import services as account_services
from accounts.admin.customer_forms import (
    AddressFields,
    BranchForm,
    ContactFields,
    DocumentFields,
    OwnerFields,
    TaxFields,
    day_field,
    documents_for,
)
from accounts.changes import Change, Ended
from accounts.home_country import home_country
from accounts.models import Consent, ConsentChannel, ConsentPurpose, Customer, CustomerKind, CustomerState
from accounts.particulars import SECTIONS, row_in_words, standing
from bankops.core import clock
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import DoorForm, ReasonForm, capitalised
from bankops.core.admin.submitting import told
from staff.actors import actor_of
from staff.admin.submitting import order_of


def _ends() -> forms.MultipleChoiceField:
    widget = forms.CheckboxSelectMultiple(attrs={"class": " ".join(CHECKBOX_CLASSES)})
    return forms.MultipleChoiceField(label=_("Ends"), required=False, widget=widget)


class UpdateCustomerForm(DocumentFields, ContactFields, AddressFields, TaxFields, OwnerFields, BranchForm, ReasonForm):
    version = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=200)
    birth_date = day_field(_("Date of birth"), help_text=_("Empty: stays as it is."))
    ownership_note = forms.CharField(
        label=_("Why no owner is named"), max_length=200, required=False, help_text=_("For instance: listed company.")
    )
    end_identifiers = _ends()
    end_contacts = _ends()
    end_addresses = _ends()
    end_tax_residences = _ends()
    end_owners = _ends()

    sections = (
        (_("Who it is"), ("name", "birth_date", "branch")),
        (_("Documents"), ("end_identifiers", "identifier_type", "issuer", "identifier", "issued_on", "expires_on")),
        (_("How they are reached"), ("end_contacts", "phone", "email", "preferred")),
        (
            _("Addresses"),
            ("end_addresses", "address_type", "lines", "postal_code", "city", "region", "address_country"),
        ),
        (_("Tax"), ("end_tax_residences", "tax_country", "tax_number", "certified_on")),
        (
            _("Beneficial owners"),
            (
                "end_owners",
                "owner_customer",
                "owner_name",
                "owner_country",
                "owner_control",
                "owner_share",
                "ownership_note",
            ),
        ),
        (_("Why"), ("reason",)),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        customer = self.record
        assert isinstance(customer, Customer)
        for section in SECTIONS:
            self._offer_to_end(customer, section)
        self.choose("identifier_type", capitalised(documents_for(CustomerKind(customer.kind))))
        if customer.kind == CustomerKind.PERSON:
            self._drop("ownership_note", *OwnerFields.base_fields)
        else:
            self._drop("birth_date")

    def change(self) -> Change:
        """Return what is to be different."""
        data = self.cleaned_data
        own: tuple[str, ...] = ("name", "ownership_note")
        fields = {name: data[name] for name in own if name in data}
        if data.get("birth_date"):
            fields["birth_date"] = data["birth_date"].isoformat()
        ended = [Ended(section, key) for section in SECTIONS for key in data.get(f"end_{section}", ())]
        return Change({**fields, "branch": data["branch"].code}, tuple(self.drafts), tuple(ended))

    def _offer_to_end(self, customer: Customer, section: str) -> None:
        rows = standing(customer, section)
        if rows:
            self.choose(f"end_{section}", ((str(row.pk), row_in_words(row)) for row in rows))
        else:
            self._drop(f"end_{section}")

    def _drop(self, *names: str) -> None:
        for name in names:
            if name != "idempotency_key":
                self.fields.pop(name, None)


class UpdateCustomer(Door):
    name = "update_customer"
    label = _("Change data")
    permission = "accounts.update_customer"
    form_class = UpdateCustomerForm
    template = "accounts/customer_form.html"
    icon = "edit"

    def offered(self, record: Any) -> bool:
        return bool(record.state != CustomerState.PSEUDONYMISED)

    def summary(self, record: Any) -> str | Promise:
        return _("What you change waits until others agree. Tick what ends; what is new goes into the fields below it.")

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        present = {name: getattr(record, name) for name in ("version", "name", "branch", "ownership_note")}
        return present | {"address_country": "", "issuer": home_country()}

    def perform(self, request: HttpRequest, form: UpdateCustomerForm, record: Any) -> Done:
        outcome = account_services.submit_change(
            customer=record,
            base_version=form.cleaned_data["version"],
            change=form.change(),
            order=order_of(request, form),
        )
        text = _("The data of customer %(number)s are changed.")
        return told(outcome, done=text % {"number": record.number}, record=record)


class GiveConsentForm(DoorForm):
    purpose = forms.TypedChoiceField(label=_("For"), choices=capitalised(ConsentPurpose), coerce=ConsentPurpose)
    channel = forms.TypedChoiceField(label=_("Given"), choices=capitalised(ConsentChannel), coerce=ConsentChannel)
    text_version = forms.CharField(
        label=_("Version of the text"), max_length=20, help_text=_("As it stands at the foot of the consent form.")
    )


class GiveConsent(Door):
    name = "give_consent"
    label = _("Record consent")
    permission = "accounts.give_consent"
    form_class = GiveConsentForm
    icon = "thumb_up"

    def offered(self, record: Any) -> bool:
        return bool(record.state != CustomerState.PSEUDONYMISED)

    def summary(self, record: Any) -> str | Promise:
        return _("Recorded with your name and the time. It can be withdrawn at any time, as easily as it was given.")

    def perform(self, request: HttpRequest, form: GiveConsentForm, record: Any) -> Done:
        consent = account_services.give_consent(
            customer_id=record.pk,
            purpose=form.cleaned_data["purpose"],
            channel=form.cleaned_data["channel"],
            text_version=form.cleaned_data["text_version"],
            actor=actor_of(request),
            now=clock.now(),
        )
        return Done(_("The consent is recorded: %(purpose)s.") % {"purpose": consent.get_purpose_display()})


class WithdrawConsentForm(DoorForm):
    purpose = forms.TypedChoiceField(label=_("For"), coerce=ConsentPurpose)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        purpose: forms.TypedChoiceField = self.fields["purpose"]  # type: ignore[assignment]
        purpose.choices = capitalised(_given(self.record))


class WithdrawConsent(Door):
    name = "withdraw_consent"
    label = _("Withdraw consent")
    permission = "accounts.withdraw_consent"
    form_class = WithdrawConsentForm
    icon = "thumb_down"

    def offered(self, record: Any) -> bool:
        return any(True for _purpose in _given(record))

    def summary(self, record: Any) -> str | Promise:
        return _("From now on the customer's data are not used for this any more. That it was given stays on record.")

    def perform(self, request: HttpRequest, form: WithdrawConsentForm, record: Any) -> Done:
        consent = account_services.withdraw_consent(
            customer_id=record.pk, purpose=form.cleaned_data["purpose"], actor=actor_of(request), now=clock.now()
        )
        return Done(_("The consent is withdrawn: %(purpose)s.") % {"purpose": consent.get_purpose_display()})


def _given(customer: Any) -> Iterable[ConsentPurpose]:
    standing = Consent.objects.standing().filter(customer=customer).order_by("purpose")
    return [ConsentPurpose(purpose) for purpose in standing.values_list("purpose", flat=True)]
