"""Customers and the owners behind them, as screening sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import (
    Address,
    BeneficialOwner,
    Customer,
    CustomerIdentifier,
    CustomerKind,
    CustomerState,
    IdentifierType,
    TaxResidence,
)
from bankops.core import encryption
from risk.names.entry import BirthDate, Kind, Subject

_KINDS: Final = {CustomerKind.PERSON: Kind.PERSON, CustomerKind.ORGANISATION: Kind.ENTITY}
_OF_A_COUNTRY: Final = (IdentifierType.RESIDENT_ID, IdentifierType.PASSPORT)
_COUNTRY_LENGTH = 2
_CONTEXT = "risk.screened"


@dataclass(frozen=True)
class Party:
    """Somebody to be screened: a customer, or with `owner_id` an owner of it who has no account here."""

    customer_id: UUID
    owner_id: UUID | None
    subject: Subject

    @cached_property
    def matters(self) -> list[str]:
        """Fingerprints of what a decision is about, under every key, newest first: another name or date ends it."""
        born = self.subject.birth_date
        said = (str(self.subject.kind), *self.subject.names, born.first.isoformat() if born else "")
        return encryption.fingerprints("\0".join(said), context=_CONTEXT)

    @property
    def matter(self) -> str:
        """The one that is kept."""
        return self.matters[0]


@dataclass(frozen=True, slots=True)
class Read:
    """What was read: the customers with the version of their data, and everybody to be screened."""

    versions: dict[UUID, int]
    parties: list[Party]


def read_parties(customer_ids: Collection[UUID]) -> Read:
    """Return whoever is to be screened of these customers: six reads, however many they are.

    Customers whose personal data were erased are nobody any more.
    """
    customers = list(_known(customer_ids).only("id", "kind", "name", "birth_date", "version").order_by("id"))
    keys = [customer.pk for customer in customers]
    countries = _countries(keys)
    parties = [Party(one.pk, None, _subject(one, frozenset(countries[one.pk]))) for one in customers]
    parties += owners_of(keys)
    return Read({customer.pk: customer.version for customer in customers}, parties)


def versions_of(customer_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the version of the data of each of these customers; it rises with whatever is read of them and of their owners."""
    return dict(_known(customer_ids).values_list("id", "version"))


def _known(customer_ids: Collection[UUID]) -> QuerySet[Customer]:
    return Customer.objects.filter(pk__in=list(customer_ids)).exclude(state=CustomerState.PSEUDONYMISED)


def owners_of(customer_ids: Collection[UUID]) -> Iterator[Party]:
    """Yield the standing owners of organisations whom the bank knows by name only; others are customers, and screened as such."""
    named = BeneficialOwner.objects.standing().filter(organisation__in=list(customer_ids), outsider_name__isnull=False)
    for owner in named.only("id", "organisation_id", "outsider_name", "country").order_by("id"):
        if owner.outsider_name:
            countries = frozenset({owner.country} - {""})
            subject = Subject(owner.outsider_name.reveal(), countries=countries)
            yield Party(owner.organisation_id, owner.pk, subject)


def countries_of(customer_id: UUID) -> frozenset[str]:
    """Return where a customer lives, is taxed, and whose papers it has."""
    return frozenset(_countries([customer_id])[customer_id])


def kind_of(customer_kind: str) -> Kind:
    """Return what kind of entry a customer may be."""
    return _KINDS[CustomerKind(customer_kind)]


def _subject(customer: Customer, countries: frozenset[str]) -> Subject:
    born = customer.reveal_birth_date()
    return Subject(
        name=customer.name,
        kind=kind_of(customer.kind),
        birth_date=BirthDate.of_day(born) if born else None,
        countries=countries,
    )


def _countries(keys: list[UUID]) -> dict[UUID, set[str]]:
    """Return where customers live, are taxed, and whose papers they have."""
    found: dict[UUID, set[str]] = defaultdict(set)
    lived = Address.objects.standing().filter(customer__in=keys).values_list("customer_id", "country")
    taxed = TaxResidence.objects.standing().filter(customer__in=keys).values_list("customer_id", "country")
    papers = CustomerIdentifier.objects.filter(customer__in=keys, type__in=_OF_A_COUNTRY, ended_on=None)
    for customer_id, country in (*lived, *taxed, *papers.values_list("customer_id", "issuer")):
        if len(country) == _COUNTRY_LENGTH:
            found[customer_id].add(country)
    return found
