"""Screening customers and their owners: those whose turn it is, and all of them when a list changes.

What is to be done stands in the database, and is taken away in the transaction that did it: a worker that is killed leaves
it to the next one, and doing it twice changes nothing. What fails for one customer is done for the others
(`risk.services.screening_queue`).

Names are compared before anything is locked. Behind the locks customers and lists are looked at again: of those that have
changed since nothing is written, for somebody who screened them as they are now may have found more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q, QuerySet

from accounts.models import BeneficialOwner, Customer, CustomerState
from bankops.core.db import transaction_required
from bankops.core.errors import BankOpsError, Busy
from risk import locks
from risk.models import RescreenChunk, ScreeningState
from risk.names.entry import Subject
from risk.screening import listed
from risk.screening.listed import Lists
from risk.screening.parties import Party, Read, kind_of, owners_of, read_parties, versions_of
from risk.services import rescreening, screening_queue
from risk.services.hit_recording import Found, record

log = structlog.get_logger(__name__)

_LOGGED: Final = 5
AT_ONCE = 200
"""How many customers whose turn it is are screened in one transaction."""
_TRIES: Final = 3

_NOTE = """
    INSERT INTO risk_screeningstate AS s (customer_id, customer_version, lists_version, screened_at)
    SELECT n.customer, n.version, %s, %s FROM unnest(%s::uuid[], %s::int[]) n (customer, version)
        ON CONFLICT (customer_id) DO UPDATE
       SET customer_version = excluded.customer_version,
           lists_version = excluded.lists_version,
           screened_at = excluded.screened_at
     WHERE s.customer_version <= excluded.customer_version AND s.lists_version <= excluded.lists_version
"""


class _Screened(NamedTuple):
    """What came of it: how many hits are open that were not before, and for whom something changed meanwhile."""

    new_hits: int
    moved: frozenset[UUID]


def screen_due(*, now: datetime) -> int:
    """Screen the customers who wait longest, and return how many it were: 0 when nobody waits, or others have them.

    Customers who changed again meanwhile have another turn; where the lists did, they keep this one.
    """
    if not screening_queue.somebody_waits(now):
        return 0
    listed.all_lists()  # built before anything is locked
    with transaction.atomic():
        taken = screening_queue.take(most=AT_ONCE, now=now)
        customers = set(taken.values())
        moved, faults = _screen_all(customers, now)
        screening_queue.end({key: whose for key, whose in taken.items() if whose not in moved}, faults, now)
    return len(customers)


@transaction.atomic
def screen_customers(*, customer_ids: Collection[UUID], now: datetime) -> int:
    """Screen customers against all lists as they are, and return how many hits are open that were not before.

    Their turns are over by it, but for those that a worker has in hand.

    :raises Busy: when they or the lists changed each time they were compared, or PostgreSQL gave up waiting for their hits.
    """
    new_hits, left = 0, frozenset(customer_ids)
    for _try in range(_TRIES):
        screening_queue.take_away(left)
        found, left = _screen(left, now)
        new_hits += found
        if not left:
            return new_hits
    raise Busy


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
        new_hits = _rescreened(chunk, now)
        if new_hits is not None:
            rescreening.one_done(chunk, new_hits=new_hits, now=now)
    return True


def _rescreened(chunk: RescreenChunk, now: datetime) -> int | None:
    """Screen a part at once. Where somebody of it cannot be, everybody of it gets a turn, in which the others are screened.

    None where the lists changed meanwhile: the part is to be screened again. Customers who did have a turn of their own.
    """
    edition = chunk.run.edition
    lists = listed.entries_of(edition.watch_list_id, edition.number)
    try:
        with transaction.atomic():
            read = _close(chunk, lists)
            found = list(_hits(read.parties, lists))
            if not found:
                return 0
            met = {one.party.customer_id for one in found}
            hits = locks.hits_for_update(met)
            if _is_old(lists):
                return None
            moved = _moved(met, read)
            still = [one for one in found if one.party.customer_id not in moved]
            return record(found=still, hits=hits, whole=False, now=now)
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
def _screen_all(customer_ids: Collection[UUID], now: datetime) -> tuple[set[UUID], dict[UUID, str]]:
    """Screen customers at once, or one by one where that fails.

    Return who has to be screened again because something changed meanwhile, and who could not be, with the code of the fault.
    """
    moved = set[UUID]()
    if not customer_ids or _fault_of(customer_ids, moved, now) is None:
        return moved, {}
    faults = {one: _fault_of([one], moved, now) for one in sorted(customer_ids)}
    return moved, {one: fault for one, fault in faults.items() if fault is not None}


def _fault_of(customer_ids: Collection[UUID], moved: set[UUID], now: datetime) -> str | None:
    """Screen customers in a savepoint; return None, or the code of what made it impossible. Who has moved is added to `moved`."""
    try:
        with transaction.atomic():
            moved |= _screen(customer_ids, now).moved
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
def _screen(customer_ids: Collection[UUID], now: datetime) -> _Screened:
    """Screen customers against all lists, but for those who are not as they were read any more once their hits are locked."""
    lists = listed.all_lists()
    read = read_parties(customer_ids)
    found = list(_hits(read.parties, lists))
    hits = locks.hits_for_update(customer_ids)
    moved = frozenset(customer_ids) if _is_old(lists) else _moved(customer_ids, read)
    still = set(customer_ids) - moved
    ScreeningState.objects.filter(customer__in=still - read.versions.keys()).delete()  # nobody any more
    new_hits = record(
        found=[one for one in found if one.party.customer_id in still],
        hits=[hit for hit in hits if hit.customer_id in still],
        whole=True,
        now=now,
    )
    screened = sorted(still & read.versions.keys())
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [lists.version, now, screened, [read.versions[one] for one in screened]])
    return _Screened(new_hits, moved)


def _is_old(lists: Lists) -> bool:
    """Whether the lists have another version than the one that was compared with. Behind the lock of the hits."""
    return lists.version != listed.version_now()


def _moved(customer_ids: Collection[UUID], read: Read) -> frozenset[UUID]:
    """Return which customers are not as they were read any more. Behind the lock of their hits."""
    now = versions_of(customer_ids)
    return frozenset(one for one in customer_ids if now.get(one) != read.versions.get(one))


def _hits(parties: Iterable[Party], lists: Lists) -> Iterator[Found]:
    for party in parties:
        for hit in lists.screener.screen(party.subject):
            yield Found(party, hit, lists.rows[hit.entry.key])


def _close(chunk: RescreenChunk, lists: Lists) -> Read:
    """Read whoever of a part could be met by name. Dates of birth and countries are read only of them."""
    close = {party for party in _names_of(chunk) if lists.screener.could_meet(party[1])}
    return read_parties({customer_id for customer_id, _subject in close})


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
