"""Who is on the bank's own lists: put on and taken off by what two people agreed to."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from bankops.core import audit, clock, ids
from bankops.core.actor import Actor
from bankops.core.operations import only_through_gate
from bankops.core.texts import require_reason
from risk import errors, events, locks
from risk.lists.values import ValueType, canonical, compared
from risk.models import ListKind, OwnListMember, WatchList
from risk.services.list_editions import request_key, subject_of
from staff.models import User


@only_through_gate("risk.add_to_list")
@transaction.atomic
def add_to_list(
    *,
    key: str,
    value_type: ValueType,
    value: str,
    until: date | None,
    owner: User,
    reason: str,
    actor: Actor,
    now: datetime,
    approval_request_id: str,
) -> OwnListMember:
    """Put something on a list of the bank's own, and return it. Locks the list. Writes `risk.list.member_added`.

    :param until: the last day on which it counts; None for good.
    :param owner: who answers for it.
    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownList, ListNotOwn, ListValueUnreadable, LastDayPassed, AlreadyOnList: naming the fault.
    """
    reason = require_reason(reason)
    watch_list = _own(locks.list_for_update(key), key)
    refuse_addition(watch_list, value_type, value, until=until, today=clock.business_date(now))
    written = canonical(value_type, value)
    member = OwnListMember(
        id=ids.uuid7(),
        watch_list=watch_list,
        value_type=value_type,
        reason=reason,
        owner=owner,
        until=until,
        added_at=now,
        added_by=actor.name[:100],
        approval_request_id=request_key(approval_request_id),
    )
    member.written, member.value = written, compared(value_type, written)
    member.save(force_insert=True)
    _record(events.MEMBER_ADDED, member, actor=actor, now=now, reason=reason)
    return member


@only_through_gate("risk.remove_from_list")
@transaction.atomic
def remove_from_list(
    *, member_id: UUID, reason: str, actor: Actor, now: datetime, approval_request_id: str
) -> OwnListMember:
    """Take something off a list of the bank's own, and return it. Locks the list. Writes `risk.list.member_removed`.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises NotOnList: when it is not on it any more.
    """
    reason = require_reason(reason)
    key = OwnListMember.objects.filter(pk=member_id).values_list("watch_list__key", flat=True).first()
    if key is not None:
        locks.list_for_update(key)
    member = locks.member_for_update(member_id)
    if member is None or member.removed_at is not None:
        raise errors.NotOnList
    member.removed_at, member.removed_by, member.removed_because = now, actor.name[:100], reason
    member.removal_request_id = request_key(approval_request_id)
    member.save(update_fields=["removed_at", "removed_by", "removed_because", "removal_request_id"])
    _record(events.MEMBER_REMOVED, member, actor=actor, now=now, reason=reason)
    return member


@transaction.atomic
def reveal_member(*, member: OwnListMember, reason: str, actor: Actor, now: datetime) -> str:
    """Return what stands on a list, in clear. Writes `risk.list.member_revealed`: who saw it, and why.

    :raises ReasonRequired: when `reason` is blank.
    """
    _record(events.MEMBER_REVEALED, member, actor=actor, now=now, reason=require_reason(reason))
    return member.written.reveal()


def own_list(key: str) -> WatchList:
    """:raises UnknownList, ListNotOwn: when there is no list of the bank's own under this key."""
    return _own(WatchList.objects.filter(key=key).first(), key)


def refuse_addition(
    watch_list: WatchList, value_type: ValueType, value: str, *, until: date | None, today: date
) -> None:
    """:raises ListValueUnreadable, LastDayPassed, AlreadyOnList: when it cannot be put on the list."""
    written = canonical(value_type, value)
    if until is not None and until < today:
        raise errors.LastDayPassed(day=until.isoformat())
    there = OwnListMember.objects.in_force(today).filter(watch_list=watch_list, value_type=value_type)
    if there.filter(value_index__matches=compared(value_type, written)).exists():
        raise errors.AlreadyOnList(name=watch_list.label)


def _own(watch_list: WatchList | None, key: str) -> WatchList:
    if watch_list is None:
        known = WatchList.objects.filter(kind=ListKind.OWN).order_by("key").values_list("key", flat=True)
        raise errors.UnknownList(name=key, known=", ".join(known))
    if watch_list.kind != ListKind.OWN:
        raise errors.ListNotOwn(name=watch_list.label)
    return watch_list


def _record(event: audit.EventType, member: OwnListMember, *, actor: Actor, now: datetime, reason: str) -> None:
    """What was put on or taken off stays out of the trail: it may name a person. Its id leads to it."""
    detail = {"member": member.public_id, "what": str(member.value_type)}
    audit.record(event, actor=actor, subject=subject_of(member.watch_list), now=now, reason=reason, detail=detail)
