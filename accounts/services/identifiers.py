"""What identifies a customer: which documents, checked by the rules of whoever issues them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from accounts import customer_errors, errors
from accounts.drafts import IdentifierDraft
from accounts.models import Customer, CustomerIdentifier, CustomerKind, IdentifierType
from accounts.validation import country, credit_code, documents, lei, resident_id
from bankops.core import texts

_TYPES = {
    CustomerKind.PERSON: (IdentifierType.RESIDENT_ID, IdentifierType.PASSPORT, IdentifierType.EXTERNAL),
    CustomerKind.ORGANISATION: (
        IdentifierType.CREDIT_CODE,
        IdentifierType.COMPANY_NUMBER,
        IdentifierType.LEI,
        IdentifierType.EXTERNAL,
    ),
}
_OF_ORGANISATIONS = (IdentifierType.CREDIT_CODE, IdentifierType.COMPANY_NUMBER)

_CLEANERS: Mapping[str, Callable[[str], str]] = {
    IdentifierType.CREDIT_CODE: credit_code.clean,
    IdentifierType.COMPANY_NUMBER: documents.clean_company_number,
    IdentifierType.LEI: lei.clean,
}


def types_for(kind: CustomerKind) -> Sequence[IdentifierType]:
    """Return the identifiers that a kind of customer can have."""
    return _TYPES[kind]


def clean(draft: IdentifierDraft, *, kind: CustomerKind, today: date) -> IdentifierDraft:
    """Return an identifier as it is stored, checked by the rules of its type and issuer.

    :raises IdentifierIncomplete, IdentifierNotForKind, CreditCodeIssuer, DocumentExpired, DocumentIssuedLater: naming it.
    :raises BankOpsError: of `accounts.validation.errors`, naming the position at fault.
    """
    if not draft.value.strip():
        raise errors.IdentifierIncomplete(type=IdentifierType(draft.type).label)
    if draft.type not in _TYPES[kind]:
        raise customer_errors.IdentifierNotForKind(type=IdentifierType(draft.type).label, kind=CustomerKind(kind).label)
    issuer = draft.issuer.strip() if draft.type == IdentifierType.EXTERNAL else country.clean(draft.issuer)
    cleaned = replace(draft, issuer=issuer, value=_value(draft.type, issuer, draft.value, today))
    texts.check_fits(CustomerIdentifier, issuer=cleaned.issuer)
    _check_dates(cleaned, today)
    return cleaned


def birth_date_of(
    drafts: Iterable[IdentifierDraft], given: date | None, *, kind: CustomerKind, today: date
) -> date | None:
    """Return a person's date of birth, from the resident identity number where it was not given; None of an organisation.

    :param drafts: cleaned identifiers.
    :raises BirthDateRequired, BirthDateInFuture, BirthDateContradicts, BirthDateOfOrganisation: naming the fault.
    """
    if kind == CustomerKind.ORGANISATION:
        if given:
            raise customer_errors.BirthDateOfOrganisation
        return None
    said = {
        resident_id.parse(draft.value, today=today).birth_date
        for draft in drafts
        if draft.type == IdentifierType.RESIDENT_ID and draft.issuer == "CN"
    }
    found = given or next(iter(said), None)
    if found is None:
        raise customer_errors.BirthDateRequired
    if found > today:
        raise customer_errors.BirthDateInFuture
    if said - {found}:
        raise customer_errors.BirthDateContradicts
    return found


def check_enough(types: Iterable[str], *, kind: CustomerKind) -> None:
    """Refuse an organisation that no register knows.

    :raises OrganisationNumberRequired: without credit code and company number.
    """
    if kind == CustomerKind.ORGANISATION and not set(types) & set(_OF_ORGANISATIONS):
        raise customer_errors.OrganisationNumberRequired


def refuse_taken(drafts: Iterable[IdentifierDraft]) -> None:
    """Refuse what a customer has already, or had, without saying who.

    :raises IdentifierTaken: naming the type of identifier only.
    """
    for draft in drafts:
        taken = CustomerIdentifier.objects.filter(type=draft.type, issuer=draft.issuer)
        if taken.filter(value_index__matches=draft.value).exists():
            raise errors.IdentifierTaken(type=IdentifierType(draft.type).label)


def rows(customer: Customer, drafts: Iterable[IdentifierDraft]) -> list[CustomerIdentifier]:
    """Return the rows for cleaned identifiers, not yet written."""
    return [
        CustomerIdentifier(
            customer=customer,
            type=draft.type,
            issuer=draft.issuer,
            value=draft.value,
            issued_on=draft.issued_on,
            expires_on=draft.expires_on,
        )
        for draft in drafts
    ]


def _value(type_: IdentifierType, issuer: str, value: str, today: date) -> str:
    if type_ == IdentifierType.RESIDENT_ID:
        at_home = issuer == "CN"
        return resident_id.parse(value, today=today).number if at_home else documents.clean_foreign_id(value)
    if type_ == IdentifierType.PASSPORT:
        return documents.clean_passport(value, issuer=issuer)
    if type_ == IdentifierType.CREDIT_CODE and issuer != "CN":
        raise customer_errors.CreditCodeIssuer
    texts.check_storable(value)
    return _CLEANERS.get(type_, str.strip)(value)


def _check_dates(draft: IdentifierDraft, today: date) -> None:
    label = IdentifierType(draft.type).label
    if draft.expires_on and draft.expires_on < today:
        raise customer_errors.DocumentExpired(type=label, day=draft.expires_on)
    if draft.issued_on and draft.issued_on > min(today, draft.expires_on or today):
        raise customer_errors.DocumentIssuedLater(type=label, day=draft.issued_on)
