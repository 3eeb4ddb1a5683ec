"""What the forms about customers share: sections, and the fields of every kind of particular, all of them optional.

A form takes the groups it needs. Every particular is checked where it was entered, so that what is wrong stands at its
field, with the position; the service checks again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, ClassVar

from babel import Locale
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

from accounts.customer_errors import ShareRequired
from accounts.drafts import AddressDraft, ContactDraft, Draft, IdentifierDraft, OwnerDraft, TaxResidenceDraft
from accounts.models import AddressType, ContactKind, ControlKind, Customer, CustomerKind, IdentifierType
from accounts.services import identifiers, particulars
from accounts.validation import country
from bankops.core import clock
from bankops.core.admin.forms import DoorForm, capitalised
from bankops.core.errors import BankOpsError
from staff.models import Branch

_DOCUMENTS = [choice for choice in IdentifierType if choice is not IdentifierType.EXTERNAL]
_HUNDRED = 100


def day_field(label: Any, **more: Any) -> forms.DateField:
    """Return a field for a day, with the browser's calendar."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **{"required": False, **more})


class SectionedForm(DoorForm):
    """A form whose page groups its fields.

    Attributes:
        sections: headings with the fields below them; what is not there is not asked.

    """

    sections: ClassVar[Sequence[tuple[str | Promise, Sequence[str]]]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for _heading, names in self.sections for name in names])

    def shown_sections(self) -> Iterator[tuple[str | Promise, list[forms.BoundField]]]:
        """Yield the headings with their fields."""
        for heading, names in self.sections:
            fields = [self[name] for name in names if name in self.fields]
            if fields:
                yield heading, fields


class ParticularsForm(SectionedForm):
    """A form that takes particulars. A group of fields yields its own from `given`, each with the field to blame."""

    drafts: list[Draft]

    def given(self) -> Iterator[tuple[str, Draft]]:
        """Yield what was filled in."""
        yield from ()

    def customer_kind(self) -> CustomerKind | None:
        """Return the kind of customer, or None while that is not known."""
        return CustomerKind(self.record.kind) if isinstance(self.record, Customer) else self.cleaned_data.get("kind")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.cleaned_data, self.drafts = cleaned, []
        kind = self.customer_kind()
        for field, draft in self.given() if kind else ():
            try:
                self.drafts.append(particulars.clean(draft, kind=kind, today=clock.business_date()))  # type: ignore[arg-type]
            except BankOpsError as refusal:
                self.blame(field, refusal)
        return cleaned

    def blame(self, field: str, refusal: BankOpsError) -> None:
        """Show a refusal at a field."""
        self.add_error(field, ValidationError(str(refusal), code=refusal.code))

    def choose(self, field: str, choices: Iterable[tuple[str, Any]]) -> None:
        """Give a field its choices."""
        chosen: forms.ChoiceField = self.fields[field]  # type: ignore[assignment]
        chosen.choices = list(choices)


class BranchForm(DoorForm):
    """A form with a choice of the open branches, and of the record's own."""

    branch = forms.ModelChoiceField(label=_("Branch"), queryset=Branch.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        branch: forms.ModelChoiceField[Branch] = self.fields["branch"]  # type: ignore[assignment]
        own = Q(pk=self.record.branch_id) if isinstance(self.record, Customer) else Q(pk=None)
        branch.queryset = Branch.objects.filter(Q(is_open=True) | own).order_by("code")


class DocumentFields(ParticularsForm):
    identifier_type = forms.TypedChoiceField(
        label=_("Document"), choices=capitalised(_DOCUMENTS), coerce=IdentifierType, required=False
    )
    issuer = forms.ChoiceField(label=_("Issuing country"), required=False)
    identifier = forms.CharField(label=_("Number on the document"), max_length=60, required=False)
    issued_on = day_field(_("Issued on"))
    expires_on = day_field(_("Valid until"), help_text=_("Empty: without end."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("issuer", countries())

    def given(self) -> Iterator[tuple[str, Draft]]:
        yield from super().given()
        data = self.cleaned_data
        if data.get("identifier") and data.get("identifier_type") and data.get("issuer"):
            yield (
                "identifier",
                IdentifierDraft(
                    data["identifier_type"],
                    data["issuer"],
                    data["identifier"],
                    data.get("issued_on"),
                    data.get("expires_on"),
                ),
            )


class ContactFields(ParticularsForm):
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)
    preferred = forms.BooleanField(label=_("Use these before those that stand"), required=False)

    def given(self) -> Iterator[tuple[str, Draft]]:
        yield from super().given()
        for field, kind in (("phone", ContactKind.PHONE), ("email", ContactKind.EMAIL)):
            if value := self.cleaned_data.get(field):
                yield field, ContactDraft(kind, value, bool(self.cleaned_data.get("preferred")))


class AddressFields(ParticularsForm):
    address_type = forms.TypedChoiceField(
        label=_("Address"), choices=capitalised(AddressType), coerce=AddressType, required=False
    )
    lines = forms.CharField(
        label=_("Street and house"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    postal_code = forms.CharField(label=_("Postal code"), max_length=12, required=False)
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    region = forms.CharField(label=_("Region"), max_length=100, required=False)
    address_country = forms.ChoiceField(label=_("Country"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("address_country", [("", "—"), *countries()])

    def given(self) -> Iterator[tuple[str, Draft]]:
        yield from super().given()
        data = self.cleaned_data
        if data.get("lines") or data.get("city"):
            yield (
                "lines",
                AddressDraft(
                    type=data.get("address_type") or AddressType.RESIDENTIAL,
                    lines=data.get("lines", ""),
                    city=data.get("city", ""),
                    country=data.get("address_country", ""),
                    region=data.get("region", ""),
                    postal_code=data.get("postal_code", ""),
                ),
            )


class TaxFields(ParticularsForm):
    tax_country = forms.ChoiceField(label=_("Resident for tax in"), required=False)
    tax_number = forms.CharField(label=_("Tax number"), max_length=40, required=False)
    certified_on = day_field(_("Self-certified on"), help_text=_("Empty: today."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("tax_country", [("", "—"), *countries()])

    def given(self) -> Iterator[tuple[str, Draft]]:
        yield from super().given()
        data = self.cleaned_data
        if data.get("tax_country"):
            day: date = data.get("certified_on") or clock.business_date()
            yield "tax_country", TaxResidenceDraft(data["tax_country"], day, data.get("tax_number", ""))


class OwnerFields(ParticularsForm):
    owner_customer = forms.CharField(
        label=_("Owner: customer number"), max_length=20, required=False, help_text=_("For instance C-100001.")
    )
    owner_name = forms.CharField(label=_("Or name of somebody who is no customer"), max_length=200, required=False)
    owner_country = forms.ChoiceField(label=_("Country of the owner"), required=False)
    owner_control = forms.TypedChoiceField(
        label=_("Control by"), choices=capitalised(ControlKind), coerce=ControlKind, required=False
    )
    owner_share = forms.CharField(
        label=_("Share in per cent"), max_length=6, required=False, help_text=_("For instance 33.34.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("owner_country", [("", "—"), *countries()])

    def clean_owner_share(self) -> int | None:
        """Return the share in hundredths of a per cent."""
        return share_of(self.cleaned_data["owner_share"])

    def given(self) -> Iterator[tuple[str, Draft]]:
        yield from super().given()
        data = self.cleaned_data
        if data.get("owner_customer") or data.get("owner_name"):
            yield (
                "owner_share" if data.get("owner_share") is None else "owner_customer",
                OwnerDraft(
                    control=data.get("owner_control") or ControlKind.SHARES,
                    share=data.get("owner_share"),
                    customer=data.get("owner_customer", ""),
                    outsider_name=data.get("owner_name", ""),
                    country=data.get("owner_country", ""),
                ),
            )


def documents_for(kind: CustomerKind) -> list[IdentifierType]:
    """Return the documents that can be entered for a kind of customer."""
    return [one for one in identifiers.types_for(kind) if one in _DOCUMENTS]


def share_of(text: str) -> int | None:
    """Return a share written in per cent as hundredths of a per cent; None of nothing.

    :raises ValidationError: when it is none, or has more than two decimal places.
    """
    if not text.strip():
        return None
    whole, _point, rest = text.strip().removesuffix("%").strip().partition(".")
    if not (whole.isascii() and whole.isdecimal() and len(rest) <= 2 and (not rest or rest.isdecimal())):
        raise ValidationError(str(ShareRequired()), code=ShareRequired.code)
    return int(whole) * _HUNDRED + int(rest.ljust(2, "0"))


def countries() -> list[tuple[str, str]]:
    """Return the countries of ISO 3166-1 by name, in the language of the page."""
    names, known = Locale.parse(to_locale(get_language() or "en")).territories, country.codes()
    return sorted(((code, name) for code, name in names.items() if code in known), key=lambda country: country[1])
