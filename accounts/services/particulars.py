"""Writing a customer's particulars. For `customers` and `customer_changes`, which hold the customer's lock and tell the audit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts import customer_errors, errors
from accounts.drafts import AddressDraft, ContactDraft, Draft, IdentifierDraft, OwnerDraft, TaxResidenceDraft
from accounts.home_country import home_country
from accounts.models import Address, BeneficialOwner, Contact, ContactKind, Customer, CustomerKind, TaxResidence
from accounts.particulars import SECTIONS, draft_in_words
from accounts.services import identifiers
from accounts.validation import country, email, phone
from bankops.core import texts
from bankops.core.db import transaction_required
from bankops.core.errors import TextTooLong

_LONGEST = {"value": 254, "lines": 300, "postal_code": 12, "tax_number": 40, "outsider_name": 200}


def clean(draft: Draft, *, kind: CustomerKind, today: date) -> Draft:
    """Return a particular as it is stored.

    :raises AddressIncomplete, CertifiedInFuture, OwnerNotNamed, ShareRequired, UnknownCustomer: naming what is missing.
    :raises BankOpsError: of `accounts.validation.errors`, and as `identifiers.clean`.
    """
    _check_lengths(draft)
    match draft:
        case IdentifierDraft():
            return identifiers.clean(draft, kind=kind, today=today)
        case ContactDraft():
            return _clean_contact(draft)
        case AddressDraft():
            return _clean_address(draft)
        case TaxResidenceDraft():
            return _clean_tax_residence(draft, today)
        case OwnerDraft():
            return _clean_owner(draft)


@transaction_required
def write(customer: Customer, drafts: Iterable[Draft], *, today: date) -> None:
    """Write cleaned particulars. What they take the place of ends the same day.

    :raises AlreadyKept: when one stands already.
    """
    for draft in drafts:
        match draft:
            case IdentifierDraft():
                for row in identifiers.rows(customer, [draft]):
                    row.save(force_insert=True)
            case ContactDraft():
                _write_contact(customer, draft, today)
            case AddressDraft():
                _end_all(Address.objects.standing().filter(customer=customer, type=draft.type), today)
                Address(customer=customer, valid_from=today, **_fields(draft)).save(force_insert=True)
            case TaxResidenceDraft():
                _end_all(TaxResidence.objects.standing().filter(customer=customer, country=draft.country), today)
                TaxResidence(customer=customer, valid_from=today, **_fields(draft)).save(force_insert=True)
            case OwnerDraft():
                _write_owner(customer, draft, today)


@transaction_required
def end(customer: Customer, section: str, keys: Iterable[str], *, today: date) -> None:
    """End particulars of a section by their keys.

    :raises NotKept: when one does not stand.
    """
    kept = SECTIONS[section]
    for key in sorted(keys):
        try:
            row = kept.standing(customer).filter(pk=key).first()
        except (ValidationError, ValueError):
            row = None
        if row is None:
            raise customer_errors.NotKept
        setattr(row, kept.ending, today)
        row.save(update_fields=[kept.ending])


# -- Cleaning --------------------------------------------------------------------------------------------------------


def _clean_contact(draft: ContactDraft) -> ContactDraft:
    if draft.kind == ContactKind.PHONE:
        return replace(draft, value=phone.clean(draft.value, country=home_country()))
    return replace(draft, value=email.clean(draft.value))


def _clean_address(draft: AddressDraft) -> AddressDraft:
    lines = "\n".join(line for line in map(str.strip, draft.lines.splitlines()) if line)
    city, region = draft.city.strip(), draft.region.strip()
    if not (lines and city and draft.country.strip()):
        raise customer_errors.AddressIncomplete
    texts.check_fits(Address, city=city, region=region)
    where, postal_code = country.clean(draft.country), draft.postal_code.strip().upper()
    return replace(draft, lines=lines, city=city, region=region, country=where, postal_code=postal_code)


def _clean_tax_residence(draft: TaxResidenceDraft, today: date) -> TaxResidenceDraft:
    if draft.self_certified_on > today:
        raise customer_errors.CertifiedInFuture
    return replace(draft, country=country.clean(draft.country), tax_number="".join(draft.tax_number.split()).upper())


def _clean_owner(draft: OwnerDraft) -> OwnerDraft:
    number, name = draft.customer.strip().upper(), " ".join(draft.outsider_name.split())
    if bool(number) == bool(name):
        raise customer_errors.OwnerNotNamed
    if number and not Customer.objects.filter(number=number).exists():
        raise errors.UnknownCustomer
    needed = draft.control in ("SHARES", "VOTING")
    if (needed and draft.share is None) or not (draft.share is None or 0 < draft.share <= 10_000):
        raise customer_errors.ShareRequired
    where = country.clean(draft.country) if draft.country.strip() else ""
    return replace(draft, customer=number, outsider_name=name, country=where)


def _check_lengths(draft: Draft) -> None:
    for name, limit in _LONGEST.items():
        text = getattr(draft, name, "")
        texts.check_storable(text)
        if len(text) > limit:
            raise TextTooLong(field=_("This field"), limit=limit, count=len(text))


# -- Writing ---------------------------------------------------------------------------------------------------------


def _write_contact(customer: Customer, draft: ContactDraft, today: date) -> None:
    same_kind = Contact.objects.standing().filter(customer=customer, kind=draft.kind)
    if same_kind.filter(value_index__matches=draft.value).exists():
        raise customer_errors.AlreadyKept(what=draft_in_words(draft))
    preferred = same_kind.filter(is_preferred=True).first()
    if preferred and draft.is_preferred:
        preferred.is_preferred = False
        preferred.save(update_fields=["is_preferred"])
    is_preferred = draft.is_preferred or preferred is None
    contact = Contact(customer=customer, kind=draft.kind, is_preferred=is_preferred, valid_from=today)
    contact.value = draft.value
    contact.save(force_insert=True)


def _write_owner(organisation: Customer, draft: OwnerDraft, today: date) -> None:
    owner = Customer.objects.get(number=draft.customer) if draft.customer else None
    there = BeneficialOwner.objects.standing().filter(organisation=organisation, owner=owner, control=draft.control)
    if owner and there.exists():
        raise customer_errors.AlreadyKept(what=draft_in_words(draft))
    row = BeneficialOwner(
        organisation=organisation,
        owner=owner,
        country=draft.country,
        control=draft.control,
        share=draft.share,
        valid_from=today,
    )
    row.outsider_name = draft.outsider_name or None
    row.save(force_insert=True)


def _end_all(rows: Any, today: date) -> None:
    for row in rows:
        row.valid_until = today
        row.save(update_fields=["valid_until"])


def _fields(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in cast(Any, draft).__slots__}
