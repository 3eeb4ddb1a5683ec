"""A customer's particulars as somebody gives them, before they are rows: what services take, and what a change holds.

Each is written to JSON as its fields, dates in ISO 8601, and read back by `read`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, ClassVar

from accounts.customer_errors import ChangeUnreadable
from accounts.models import AddressType, ContactKind, ControlKind, IdentifierType


@dataclass(frozen=True, slots=True)
class IdentifierDraft:
    """A number somebody else gave the customer; `issuer` is a country (alpha-2) or, for EXTERNAL, an institution."""

    SECTION: ClassVar[str] = "identifiers"

    type: IdentifierType
    issuer: str
    value: str
    issued_on: date | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """A phone number or an e-mail address."""

    SECTION: ClassVar[str] = "contacts"

    kind: ContactKind
    value: str
    is_preferred: bool = False


@dataclass(frozen=True, slots=True)
class AddressDraft:
    """An address; `lines` may have several lines."""

    SECTION: ClassVar[str] = "addresses"

    type: AddressType
    lines: str
    city: str
    country: str
    region: str = ""
    postal_code: str = ""


@dataclass(frozen=True, slots=True)
class TaxResidenceDraft:
    """A tax residence as the customer certified it."""

    SECTION: ClassVar[str] = "tax_residences"

    country: str
    self_certified_on: date
    tax_number: str = ""


@dataclass(frozen=True, slots=True)
class OwnerDraft:
    """A beneficial owner: a customer by number, or an outsider by name. `share` is in hundredths of a per cent."""

    SECTION: ClassVar[str] = "owners"

    control: ControlKind
    share: int | None = None
    customer: str = ""
    outsider_name: str = ""
    country: str = ""


Draft = IdentifierDraft | ContactDraft | AddressDraft | TaxResidenceDraft | OwnerDraft

_DRAFTS: Mapping[str, type[Draft]] = {
    one.SECTION: one for one in (IdentifierDraft, ContactDraft, AddressDraft, TaxResidenceDraft, OwnerDraft)
}
SECTIONS = tuple(_DRAFTS)
_READERS: Mapping[str, Any] = {
    "IdentifierType": IdentifierType,
    "ContactKind": ContactKind,
    "AddressType": AddressType,
    "ControlKind": ControlKind,
    "date": date.fromisoformat,
    "date | None": lambda value: value and date.fromisoformat(value),
}


def to_json(draft: Draft) -> dict[str, Any]:
    """Return a draft's fields as JSON primitives."""
    return {
        name: value.isoformat() if isinstance(value, date) else value if isinstance(value, bool | int) else _text(value)
        for name, value in asdict(draft).items()
    }


def read(section: str, fields: Mapping[str, Any]) -> Draft:
    """Return the draft that `to_json` wrote.

    :raises ChangeUnreadable: when it is no draft of this section.
    """
    try:
        kind = _DRAFTS[section]
        types = kind.__annotations__
        return kind(**{name: _READERS.get(types[name], _same)(value) for name, value in fields.items()})
    except (KeyError, TypeError, ValueError) as error:
        raise ChangeUnreadable(problem=f"{section}: {type(error).__name__}") from None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _same(value: Any) -> Any:
    return value
