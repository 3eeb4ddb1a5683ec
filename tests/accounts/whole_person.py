"""A customer of whom the bank keeps one of everything, and texts that must be nowhere once they are forgotten."""

from __future__ import annotations

from datetime import date

from accounts.drafts import AddressDraft, ContactDraft, IdentifierDraft, TaxResidenceDraft
from accounts.models import AddressType, ContactKind, Customer, IdentifierType
from tests.accounts.factories import make_customer

PASSPORT, PHONE, STREET, POSTCODE, TAX = (
    "E40112233",
    "+8613812345678",
    "Nanjing Road 88",
    "200001",
    "110101199003078515",
)
NAME = "Zhuge Liang"
IN_CLEAR = (NAME, PASSPORT, PHONE, STREET, POSTCODE, TAX, "1990-03-07")


def make_whole_person(name: str = NAME) -> Customer:
    """Register a person with passport, phone, address and tax residence."""
    return make_customer(
        name,
        identifiers=[IdentifierDraft(IdentifierType.PASSPORT, "CN", PASSPORT)],
        more=[
            ContactDraft(ContactKind.PHONE, PHONE, is_preferred=True),
            AddressDraft(AddressType.RESIDENTIAL, STREET, "Shanghai", "CN", postal_code=POSTCODE),
            TaxResidenceDraft("CN", date(2026, 1, 5), tax_number=TAX),
        ],
    )
