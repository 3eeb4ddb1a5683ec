"""Screening customers and their owners: those whose turn it is, and all of them when a list changes.

What is to be done stands in the database, and is taken away in the transaction that did it: a worker that is killed leaves
it to the next one, and doing it twice changes nothing. What fails for one customer is done for the others
(`risk.services.screening_queue`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q, QuerySet

from accounts.models import BeneficialOwner, Customer, CustomerState
from bankops.core.db import transaction_required
from bankops.core.errors import BankOpsError
from risk.models import RescreenChunk, ScreeningState
from risk.names.entry import Subject
from risk.screening import listed
from risk.screening.listed import Lists
from risk.screening.parties import Party, kind_of, owners_of, read_parties
from risk.services import rescreening, screening_queue
from risk.services.hit_recording import Found, record

log = structlog.get_logger(__name__)

_LOGGED: Final = 5
AT_ONCE = 200
"""How many customers whose turn it is are screened in one transaction."""


def screen_due(*, now: datetime) -> int:
    """Screen the customers who wait longest, and return how many it were: 0 when nobody waits, or others have them.

    Customers who changed again meanwhile have another turn.
    """
    if not screening_queue.somebody_waits(now):
        return 0
    listed.all_lists()  # built before anything is locked
    with transaction.atomic():
        taken = screening_queue.take(most=AT_ONCE, now=now)
        customers = set(taken.values())
        screening_queue.end(taken, _screen_all(customers, now), now)
    return len(customers)


@transaction.atomic
def screen_customers(*, customer_ids: Collection[UUID], now: datetime) -> int:
    """Screen customers against all lists as they are, and return how many hits are open that were not before.

    Their turns are over by it, but for those that a worker has in hand.
    """
    screening_queue.take_away(customer_ids)
    return _screen(customer_ids, now)


def rescreen_next(*, now: datetime) -> bool:
    """Screen one part of all customers against what an edition changed; False when no part is left that nobody has."""
    first = RescreenChunk.objects.select_related("run__edition").order_by("pk").first()
    if first is None:
        return False
    listed.all_lists()
    with transaction.atomic():
        chunk = _next_chunk()
        if chunk is None:
            return False
        rescreening.one_done(chunk, new_hits=_rescreened(chunk, now), now=now)
    return True


def _rescreened(chunk: RescreenChunk, now: datetime) -> int:
    """Screen a part at once. Where somebody of it cannot be, everybody of it gets a turn, in which the others are screened."""
    edition = chunk.run.edition
    lists = listed.entries_of(edition.watch_list_id, edition.number)
    try:
        with transaction.atomic():
            found = list(_met(chunk, lists))
            customers = {one.party.customer_id for one in found}
            return record(found=found, customer_ids=customers, whole=False, now=now)
    except Exception as broken:
        if _passes(broken):
            raise
        log.exception("screening_part_failed", part=chunk.pk)
    screening_queue.queue_part(chunk)
    return 0


def _next_chunk() -> RescreenChunk | None:
    left = RescreenChunk.objects.select_related("run__edition").order_by("pk")
    return left.select_for_update(of=("self",), skip_locked=True).first()


@transaction_required
def _screen_all(customer_ids: Collection[UUID], now: datetime) -> dict[UUID, str]:
    """Screen customers at once, or one by one where that fails; return who could not be, each with the code of the fault."""
    if not customer_ids or _fault_of(customer_ids, now) is None:
        return {}
    faults = {one: _fault_of([one], now) for one in sorted(customer_ids)}
    return {one: fault for one, fault in faults.items() if fault is not None}


def _fault_of(customer_ids: Collection[UUID], now: datetime) -> str | None:
    """Screen customers in a savepoint; return None, or the code of what made it impossible."""
    try:
        with transaction.atomic():
            _screen(customer_ids, now)
    except Exception as broken:
        if _passes(broken):
            raise
        log.exception("screening_failed", customers=[str(one) for one in sorted(customer_ids)][:_LOGGED])
        return broken.code if isinstance(broken, BankOpsError) else type(broken).__name__
    return None


def _passes(broken: Exception) -> bool:
    """Whether a fault is the database's or the moment's, and nobody's of the customers: the next run tries again."""
    return isinstance(broken, OperationalError | InterfaceError) or getattr(broken, "transient", False)


@transaction_required
def _screen(customer_ids: Collection[UUID], now: datetime) -> int:
    lists = listed.all_lists()
    read = read_parties(customer_ids)
    ScreeningState.objects.filter(customer__in=set(customer_ids) - read.versions.keys()).delete()  # nobody any more
    new_hits = record(found=_hits(read.parties, lists), customer_ids=customer_ids, whole=True, now=now)
    ScreeningState.objects.bulk_create(
        [ScreeningState(customer_id=key, customer_version=version, lists_version=lists.version, screened_at=now)
         for key, version in sorted(read.versions.items())],
        update_conflicts=True,
        unique_fields=["customer"],
        update_fields=["customer_version", "lists_version", "screened_at"],
    )  # fmt: skip
    return new_hits


def _hits(parties: Iterable[Party], lists: Lists) -> Iterator[Found]:
    for party in parties:
        for hit in lists.screener.screen(party.subject):
            yield Found(party, hit, lists.rows[hit.entry.key])


def _met(chunk: RescreenChunk, lists: Lists) -> Iterator[Found]:
    """Yield whoever of a part is met. Dates of birth and countries are read only of those whose name could be."""
    close = {party for party in _names_of(chunk) if lists.screener.could_meet(party[1])}
    keys = {customer_id for customer_id, _subject in close}
    yield from _hits(read_parties(keys).parties if keys else (), lists)


def _names_of(chunk: RescreenChunk) -> Iterator[tuple[UUID, Subject]]:
    here = Customer.objects.filter(_between("pk", chunk)).exclude(state=CustomerState.PSEUDONYMISED)
    for key, kind, name in here.values_list("pk", "kind", "name"):
        yield key, Subject(name, kind_of(kind))
    owned: QuerySet[BeneficialOwner] = BeneficialOwner.objects.standing().filter(
        _between("organisation_id", chunk), outsider_name__isnull=False
    )
    organisations = set(owned.values_list("organisation_id", flat=True))
    for party in owners_of(organisations) if organisations else ():
        yield party.customer_id, party.subject


def _between(column: str, chunk: RescreenChunk) -> Q:
    after = Q(**{f"{column}__gt": chunk.after}) if chunk.after else Q()
    return after & (Q(**{f"{column}__lte": chunk.upto}) if chunk.upto else Q())
