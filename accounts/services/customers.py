"""Customers: who they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction

from accounts import errors, events, numbers
from accounts.drafts import Draft, IdentifierDraft, OwnerDraft
from accounts.models import Customer, CustomerKind
from accounts.services import identifiers as documents
from accounts.services import ownership, particulars
from bankops.core import audit, clock, texts
from bankops.core.actor import Actor
from staff.models import Branch


def register_customer(
    *,
    kind: CustomerKind,
    name: str,
    branch: Branch,
    identifiers: Sequence[IdentifierDraft],
    birth_date: date | None = None,
    more: Iterable[Draft] = (),
    actor: Actor,
    now: datetime,
) -> Customer:
    """Register a customer under a new number and return it. Writes `accounts.customer.registered`.

    An identifier given twice is kept once. A person's date of birth may be left out when the resident identity number
    says it.

    :param more: contacts, addresses, tax residences and owners, if they are known by now.
    :raises CustomerNameRequired: when the name is blank.
    :raises BirthDateRequired, BirthDateContradicts, BirthDateInFuture, BirthDateOfOrganisation: naming the fault.
    :raises OrganisationNumberRequired: of an organisation without credit code and company number.
    :raises IdentifierTaken: when another customer has one of the identifiers; it does not say who.
    :raises BankOpsError: as `identifiers.clean` and `particulars.clean`, naming the position at fault.
    :raises TextTooLong, UnstorableText: when a text does not fit its column.
    """
    today = clock.business_date(now)
    name = clean_name(name)
    given = list(dict.fromkeys(documents.clean(draft, kind=kind, today=today) for draft in identifiers))
    documents.check_enough((draft.type for draft in given), kind=kind)
    born = documents.birth_date_of(given, birth_date, kind=kind, today=today)
    cleaned = [particulars.clean(draft, kind=kind, today=today) for draft in more]
    documents.refuse_taken(given)
    customer = Customer(
        kind=kind, name=name, branch=branch, birth_date=born.isoformat() if born else None, created_at=now
    )
    try:
        return _register(customer, [*given, *cleaned], actor=actor, now=now)
    except IntegrityError:
        documents.refuse_taken(given)  # two desks at the same moment
        raise


def clean_name(name: str) -> str:
    """Return a customer's name without needless space.

    :raises CustomerNameRequired: when nothing is left.
    :raises TextTooLong, UnstorableText: when it does not fit its column.
    """
    compact = " ".join(name.split())
    if not compact:
        raise errors.CustomerNameRequired
    texts.check_fits(Customer, name=compact)
    return compact


def subject_of(customer: Customer) -> audit.Subject:
    """Return how the audit trail names a customer."""
    return audit.Subject("customer", customer.public_id, customer.number)


@transaction.atomic
def _register(customer: Customer, drafts: Sequence[Draft], *, actor: Actor, now: datetime) -> Customer:
    (customer.number,) = numbers.next_customer_numbers()
    customer.save(force_insert=True)
    ownership.check_owners(customer, [draft for draft in drafts if isinstance(draft, OwnerDraft)], set())
    particulars.write(customer, drafts, today=clock.business_date(now))
    audit.record(
        events.CUSTOMER_REGISTERED,
        actor=actor,
        subject=subject_of(customer),
        now=now,
        detail={
            "kind": str(customer.kind),
            "branch": customer.branch.code,
            "identifiers": [str(draft.type) for draft in drafts if isinstance(draft, IdentifierDraft)],
        },
    )
    return customer
