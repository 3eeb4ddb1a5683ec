"""Screening customers and their owners: those whose turn it is, and all of them when a list changes.

What is to be done stands in the database, and is taken away in the transaction that did it: a worker that is killed leaves
it to the next one, and doing it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from accounts.models import BeneficialOwner, Customer, CustomerState
from bankops.core.db import transaction_required
from risk.models import DueBecause, RescreenChunk, ScreeningDue, ScreeningState
from risk.names.entry import Subject
from risk.screening import listed
from risk.screening.listed import Lists
from risk.screening.parties import Party, kind_of, owners_of, read_parties
from risk.services import rescreening
from risk.services.hit_recording import Found, record

AT_ONCE = 200
"""How many customers whose turn it is are screened in one transaction."""

_TAKE = """
    SELECT id, customer_id FROM risk_screeningdue ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""
_TAKE_THEIRS = """
    DELETE FROM risk_screeningdue WHERE id IN (
        SELECT id FROM risk_screeningdue WHERE customer_id = ANY (%s::uuid[]) FOR UPDATE SKIP LOCKED)
"""
_QUEUE_OLD = """
    INSERT INTO risk_screeningdue (customer_id, because)
    SELECT s.customer_id, %(because)s FROM risk_screeningstate s
     WHERE s.screened_at < %(before)s AND NOT EXISTS (SELECT FROM risk_screeningdue d WHERE d.customer_id = s.customer_id)
     ORDER BY s.screened_at LIMIT %(most)s
"""


def screen_due(*, now: datetime) -> int:
    """Screen the customers who wait longest, and return how many it were: 0 when nobody waits, or others have them.

    Customers who changed again meanwhile have another turn.
    """
    if not ScreeningDue.objects.exists():
        return 0
    listed.all_lists()  # built before anything is locked
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, [AT_ONCE])
            taken = cursor.fetchall()
        customers = {customer_id for _key, customer_id in taken}
        _screen(customers, now)
        ScreeningDue.objects.filter(pk__in=[key for key, _customer in taken]).delete()
    return len(customers)


@transaction.atomic
def screen_customers(*, customer_ids: Collection[UUID], now: datetime) -> int:
    """Screen customers against all lists as they are, and return how many hits are open that were not before.

    Their turns are over by it, but for those that a worker has in hand.
    """
    with connection.cursor() as cursor:
        # Before they are read: whoever changes one from here on has another turn.
        cursor.execute(_TAKE_THEIRS, [list(customer_ids)])
    return _screen(customer_ids, now)


def queue_old(*, now: datetime, after_days: int, most: int = 10_000) -> int:
    """Have those screened again who were not for `after_days`, the longest first; return how many were queued."""
    asked: dict[str, Any] = {
        "because": DueBecause.INTERVAL.value,
        "before": now - timedelta(days=after_days),
        "most": most,
    }
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE_OLD, asked)
        queued: int = cursor.rowcount
    return queued


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
        edition = chunk.run.edition
        lists = listed.entries_of(edition.watch_list_id, edition.number)
        found = list(_met(chunk, lists))
        customers = {one.party.customer_id for one in found}
        new_hits = record(found=found, customer_ids=customers, whole=False, now=now)
        rescreening.one_done(chunk, new_hits=new_hits, now=now)
    return True


def _next_chunk() -> RescreenChunk | None:
    left = RescreenChunk.objects.select_related("run__edition").order_by("pk")
    return left.select_for_update(of=("self",), skip_locked=True).first()


@transaction_required
def _screen(customer_ids: Collection[UUID], now: datetime) -> int:
    lists = listed.all_lists()
    read = read_parties(customer_ids)
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
