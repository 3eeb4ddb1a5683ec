"""Row locks of this app, in the house's order (docs/architecture.md)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from bankops.core.db import busy_is_an_answer, transaction_required
from risk.models import ListEdition, OwnListMember, ScreeningHit, WatchList


@transaction_required
def list_for_update(key: str) -> WatchList | None:
    """Lock one list's row and return it as it is now: its editions and members change only under this lock.

    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        return WatchList.objects.select_for_update(no_key=True).filter(key=key).first()


@transaction_required
def edition_for_update(edition_id: UUID) -> ListEdition | None:
    """Lock an edition and return it as it is now. Its list is locked first.

    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        return ListEdition.objects.select_for_update(no_key=True).filter(pk=edition_id).first()


@transaction_required
def member_for_update(member_id: UUID) -> OwnListMember | None:
    """Lock a member of an own list and return it as it is now. Its list is locked first.

    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        return OwnListMember.objects.select_for_update(no_key=True).filter(pk=member_id).first()


@transaction_required
def hit_for_update(hit_id: UUID) -> ScreeningHit | None:
    """Lock a hit and return it as it is now, with its customer, list and entry.

    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    related = ScreeningHit.objects.select_related("customer", "watch_list", "entry")
    with busy_is_an_answer():
        return related.select_for_update(of=("self",), no_key=True).filter(pk=hit_id).first()


@transaction_required
def hits_for_update(customer_ids: Collection[UUID]) -> list[ScreeningHit]:
    """Lock the hits of customers, in the order of their keys, and return them as they are now, each with its entry.

    :raises Busy: when PostgreSQL gave up waiting for one of them.
    """
    theirs = ScreeningHit.objects.select_related("entry").filter(customer__in=list(customer_ids)).order_by("pk")
    with busy_is_an_answer():
        return list(theirs.select_for_update(of=("self",), no_key=True))
