"""Customers: who they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import IntegrityError, transaction

from accounts import errors, events, numbers
from accounts.models import Customer, CustomerIdentifier, CustomerKind, IdentifierType
from bankops.core import audit, texts
from bankops.core.actor import Actor
from staff.models import Branch


@dataclass(frozen=True, slots=True)
class IdentifierDraft:
    """A number somebody else gave the customer; `issuer` is a country or an institution."""

    type: IdentifierType
    issuer: str
    value: str


def register_customer(
    *,
    kind: CustomerKind,
    name: str,
    branch: Branch,
    identifiers: Sequence[IdentifierDraft],
    birth_date: date | None = None,
    actor: Actor,
    now: datetime,
) -> Customer:
    """Register a customer under a new number and return it. Writes `accounts.customer.registered`.

    An identifier given twice is kept once.

    :raises CustomerNameRequired: when the name is blank.
    :raises IdentifierIncomplete: when an identifier has no value.
    :raises IdentifierTaken: when another customer has one of the identifiers; it names that customer.
    :raises TextTooLong, UnstorableText: when a text does not fit its column.
    """
    name = _clean_name(name)
    identifiers = list(dict.fromkeys(map(_clean_identifier, identifiers)))
    try:
        return _register(
            kind=kind,
            name=name,
            branch=branch,
            identifiers=identifiers,
            birth_date=birth_date,
            actor=actor,
            now=now,
        )
    except IntegrityError:
        owner = _owner_of(identifiers)
        if owner is None:
            raise
        raise errors.IdentifierTaken(customer=owner.number) from None


def _clean_name(name: str) -> str:
    compact = " ".join(name.split())
    if not compact:
        raise errors.CustomerNameRequired
    texts.check_fits(Customer, name=compact)
    return compact


def _clean_identifier(draft: IdentifierDraft) -> IdentifierDraft:
    clean = replace(draft, issuer=draft.issuer.strip(), value=draft.value.strip())
    if not clean.value:
        raise errors.IdentifierIncomplete(type=clean.type.label)
    texts.check_fits(CustomerIdentifier, issuer=clean.issuer, value=clean.value)
    return clean


@transaction.atomic
def _register(
    *,
    kind: CustomerKind,
    name: str,
    branch: Branch,
    identifiers: Sequence[IdentifierDraft],
    birth_date: date | None,
    actor: Actor,
    now: datetime,
) -> Customer:
    (number,) = numbers.next_customer_numbers()
    customer = Customer(number=number, kind=kind, name=name, branch=branch, birth_date=birth_date, created_at=now)
    customer.save(force_insert=True)
    CustomerIdentifier.objects.bulk_create(
        CustomerIdentifier(customer=customer, type=draft.type, issuer=draft.issuer, value=draft.value)
        for draft in identifiers
    )
    audit.record(
        events.CUSTOMER_REGISTERED,
        actor=actor,
        subject=audit.Subject("customer", customer.public_id, customer.number),
        now=now,
        detail={"kind": str(kind), "branch": branch.code, "identifiers": [str(draft.type) for draft in identifiers]},
    )
    return customer


def _owner_of(identifiers: Sequence[IdentifierDraft]) -> Customer | None:
    for draft in identifiers:
        taken = CustomerIdentifier.objects.filter(type=draft.type, issuer=draft.issuer, value=draft.value)
        found = taken.select_related("customer").first()
        if found:
            return found.customer
    return None
