"""Reading a customer's particulars: those that stand, and how they are shown without giving anything away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.drafts import AddressDraft, ContactDraft, Draft, IdentifierDraft, OwnerDraft, TaxResidenceDraft
from accounts.models import (
    Address,
    AddressType,
    BeneficialOwner,
    Contact,
    ContactKind,
    ControlKind,
    Customer,
    CustomerIdentifier,
    IdentifierType,
    TaxResidence,
)
from accounts.models.ownership import per_cent
from bankops.core.masking import MASK, mask_tail


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of particular: its table, whose it is there, and the column that ends a row."""

    label: Any
    model: type[Model]
    whose: str = "customer"
    ending: str = "valid_until"

    def standing(self, customer: Customer) -> QuerySet[Any]:
        """Return what stands for a customer, oldest first."""
        rows = self.model._default_manager.filter(**{self.whose: customer, f"{self.ending}__isnull": True})
        return rows.order_by("pk")


SECTIONS: Mapping[str, Section] = {
    "identifiers": Section(gettext_lazy("Identifiers"), CustomerIdentifier, ending="ended_on"),
    "contacts": Section(gettext_lazy("Contacts"), Contact),
    "addresses": Section(gettext_lazy("Addresses"), Address),
    "tax_residences": Section(gettext_lazy("Tax residences"), TaxResidence),
    "owners": Section(gettext_lazy("Beneficial owners"), BeneficialOwner, whose="organisation"),
}


def standing(customer: Customer, section: str) -> list[Any]:
    """Return the rows of a section that stand, oldest first; one query."""
    rows = SECTIONS[section].standing(customer)
    return list(rows.select_related("owner") if section == "owners" else rows)


def row_in_words(row: Any) -> str:
    """Return a kept particular for people to read, personal values masked."""
    match row:
        case CustomerIdentifier():
            return _document(row.type, row.issuer, row.masked, row.expires_on)
        case Contact():
            return _contact(row.kind, row.value.masked, row.is_preferred)
        case Address():
            return _address(row.type, row.city, row.country)
        case TaxResidence():
            return _tax(row.country, row.tax_number.masked)
        case BeneficialOwner():
            return _owner(str(row.owner) if row.owner else MASK, row.control, row.share)
    raise TypeError(type(row).__name__)


def draft_in_words(draft: Draft) -> str:
    """Return a particular that is to be added for people to read, personal values masked."""
    match draft:
        case IdentifierDraft():
            return _document(draft.type, draft.issuer, mask_tail(draft.value), draft.expires_on)
        case ContactDraft():
            return _contact(draft.kind, mask_tail(draft.value), draft.is_preferred)
        case AddressDraft():
            return _address(draft.type, draft.city, draft.country)
        case TaxResidenceDraft():
            return _tax(draft.country, mask_tail(draft.tax_number) if draft.tax_number else "")
        case OwnerDraft():
            return _owner(draft.customer or MASK, draft.control, draft.share)


def _document(type_: str, issuer: str, masked: str, expires_on: Any) -> str:
    text = f"{capfirst(IdentifierType(type_).label)} ({issuer}) {masked}"
    return _("%(document)s, until %(day)s") % {"document": text, "day": expires_on} if expires_on else text


def _contact(kind: str, masked: str, is_preferred: bool) -> str:
    text = f"{capfirst(ContactKind(kind).label)} {masked}"
    return _("%(contact)s, preferred") % {"contact": text} if is_preferred else text


def _address(type_: str, city: str, country: str) -> str:
    return f"{capfirst(AddressType(type_).label)}: {MASK}, {city}, {country}"


def _tax(country: str, masked: str) -> str:
    return f"{country} {masked}".strip()


def _owner(name: str, control: str, share: int | None) -> str:
    return f"{name}, {ControlKind(control).label} {per_cent(share) if share else ''}".strip()
