"""Taking on editions of published lists: read, compared with the one in use, and refused where they look wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction

from approvals.models import ApprovalRequest
from bankops.core import audit, ids, outbox
from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from bankops.core.errors import BankOpsError
from bankops.core.operations import only_through_gate
from bankops.core.texts import require_reason
from risk import errors, events, locks
from risk.lists.difference import refuse_if_poorer, refuse_if_shrunken
from risk.lists.errors import ListEmpty, ListPoorer, ListShrunken
from risk.lists.known import KnownList, known_lists
from risk.lists.packing import pack, unpack
from risk.lists.published import Published, read_published
from risk.models import EditionState, ListEdition, RefusedContent, WatchList
from risk.names.entry import Entry
from risk.services import list_contents, rescreening
from risk.services.list_contents import Moved


def load_list(*, key: str, path: Path, actor: Actor, now: datetime) -> ListEdition:
    """Take on a list from its files and return its edition; look at `state`: it may have been refused.

    The same file as the edition in use, or as one that was refused and could still be accepted, is that edition: nothing is
    written but that its publisher still has it. Writes `risk.list.taken_on` or `risk.list.refused`. Files are read outside
    any transaction; of two who load at once the second compares with the first one's edition.

    :raises UnknownList: when neither the product nor the settings know `key`.
    :raises ListUnreadable: when it is not the list; nothing is written.
    """
    known = known_list(key)
    published = read_published(path, format_=known.format, key=key, label=known.label)
    return take_on(known, published, actor=actor, now=now)


def known_list(key: str) -> KnownList:
    """:raises UnknownList: when neither the product nor the settings know it."""
    known = known_lists()
    if key not in known:
        raise errors.UnknownList(name=key, known=", ".join(sorted(known)))
    return known[key]


@only_through_gate("risk.accept_list_edition")
@transaction.atomic
def accept_list_edition(
    *, edition_id: UUID, reason: str, actor: Actor, now: datetime, approval_request_id: str
) -> ListEdition:
    """Take on an edition that was refused, and return it. Locks the list. Writes `risk.list.accepted`.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownEdition, EditionNotRefused, EditionOvertaken: when it cannot be.
    """
    reason = require_reason(reason)
    watch_list, edition = _locked(edition_id)
    refuse_acceptance(edition, watch_list)
    entries = unpack(bytes(edition.refused_content.content), list_name=watch_list.label)
    difference = list_contents.compare(watch_list, entries)
    edition.refused_content.delete()
    _replaced(watch_list)
    _count(edition, difference)
    edition.number, edition.state = _next_number(watch_list), EditionState.CURRENT
    edition.approval_request_id = request_key(approval_request_id)
    edition.save(update_fields=["number", "state", "approval_request_id", "added", "changed", "removed"])
    _put_in_force(watch_list, edition, difference, now)
    audit.record(
        events.LIST_ACCEPTED, actor=actor, subject=subject_of(watch_list), now=now, reason=reason,
        detail={"edition": edition.number, "refused_because": edition.refused_because, **_counts(edition)},
    )  # fmt: skip
    return edition


def refuse_acceptance(edition: ListEdition, watch_list: WatchList) -> None:
    """:raises EditionNotRefused, EditionOvertaken: when an edition cannot be accepted."""
    said = {"number": edition.number, "name": watch_list.label}
    if edition.state != EditionState.REFUSED:
        raise errors.EditionNotRefused(state=EditionState(edition.state).label, **said)
    if watch_list.edition is not None and watch_list.edition > edition.number:
        raise errors.EditionOvertaken(**said)


def request_key(public_id: str) -> UUID:
    """Return the key of the approval request that is being carried out.

    :raises InvalidId: when it is none: nobody was asked.
    """
    return ids.decode(ApprovalRequest.ID_PREFIX, public_id)


def subject_of(watch_list: WatchList) -> audit.Subject:
    """Return how the audit trail names a list."""
    return audit.Subject("watch_list", watch_list.public_id, watch_list.key)


@transaction_required
def list_of(known: KnownList) -> WatchList:
    """Return the list's row, locked; made when it is loaded for the first time."""
    terms = {"max_age_days": known.max_age_days, "most_lost_percent": known.most_lost_percent}
    said = {"kind": known.kind, "format": known.format, "label": known.label, **terms}
    WatchList.objects.get_or_create(key=known.key, defaults=said)
    watch_list = locks.list_for_update(known.key)
    assert watch_list is not None  # lists are never deleted
    for name, value in terms.items():
        setattr(watch_list, name, value)
    return watch_list


@transaction.atomic
def take_on(known: KnownList, came: Published, *, actor: Actor, now: datetime) -> ListEdition:
    """Take on what was read of a list, and return its edition; see `load_list`."""
    watch_list = list_of(known)
    before = watch_list.editions.filter(sha256=came.sha256).order_by("-number").first()
    if before and before.state == EditionState.CURRENT:
        _confirm(watch_list, now)
        return before
    if before and before.state == EditionState.REFUSED and before.number > (watch_list.edition or 0):
        return before  # it still waits; one that was overtaken is compared afresh
    difference = list_contents.compare(watch_list, came.entries)
    edition = ListEdition(
        watch_list=watch_list,
        number=_next_number(watch_list),
        sha256=came.sha256,
        state=EditionState.CURRENT,
        entries=len(came.entries),
        loaded_at=now,
        loaded_by=actor.name[:100],
    )
    try:
        _refuse_implausible(watch_list, difference, len(came.entries))
    except (ListEmpty, ListShrunken, ListPoorer) as refused:
        return _refused(edition, difference, refused, came.entries, actor=actor, now=now)
    _replaced(watch_list)
    _count(edition, difference)
    edition.save(force_insert=True)
    _put_in_force(watch_list, edition, difference, now)
    audit.record(
        events.LIST_TAKEN_ON, actor=actor, subject=subject_of(watch_list), now=now,
        detail={"edition": edition.number, **_counts(edition)},
    )  # fmt: skip
    return edition


def _next_number(watch_list: WatchList) -> int:
    newest = watch_list.editions.order_by("-number").values_list("number", flat=True).first()
    return (newest or 0) + 1


def _refuse_implausible(watch_list: WatchList, moved: Moved, after: int) -> None:
    """:raises ListEmpty, ListShrunken, ListPoorer: when nobody should take it on unseen."""
    refuse_if_shrunken(
        name=watch_list.label,
        before=moved.before,
        lost=len(moved.removed),
        after=after,
        most_lost_percent=watch_list.most_lost_percent,
    )
    refuse_if_poorer(name=watch_list.label, details=moved.details, most_lost_percent=watch_list.most_lost_percent)


def _refused(
    edition: ListEdition, moved: Moved, why: BankOpsError, entries: Sequence[Entry], *, actor: Actor, now: datetime
) -> ListEdition:
    edition.state, edition.refused_because = EditionState.REFUSED, why.code
    _count(edition, moved)
    edition.save(force_insert=True)
    RefusedContent.objects.create(edition=edition, content=pack(entries))
    watch_list = edition.watch_list
    told = {"edition": edition.number, "why": why.code, **_counts(edition)}
    audit.record(events.LIST_REFUSED, actor=actor, subject=subject_of(watch_list), now=now, detail=told)
    payload = {"list": watch_list.label, "edition_id": edition.public_id, **told}
    outbox.announce(events.LIST_REFUSED.name, subject_id=watch_list.public_id, payload=payload, now=now)
    return edition


def _put_in_force(watch_list: WatchList, edition: ListEdition, moved: Moved, now: datetime) -> None:
    """Make an edition the one that counts, and have customers screened against what it changed. The list is locked."""
    list_contents.apply(watch_list, edition.number, moved)
    watch_list.edition = edition.number
    _confirm(watch_list, now)
    rescreening.begin(edition, moved, now=now)


def _replaced(watch_list: WatchList) -> None:
    watch_list.editions.filter(state=EditionState.CURRENT).update(state=EditionState.REPLACED)


def _confirm(watch_list: WatchList, now: datetime) -> None:
    watch_list.confirmed_at = now
    watch_list.save(update_fields=["edition", "confirmed_at", "max_age_days", "most_lost_percent"])


def _count(edition: ListEdition, moved: Moved) -> None:
    edition.added, edition.changed, edition.removed = len(moved.added), len(moved.changed), len(moved.removed)


def _counts(edition: ListEdition) -> dict[str, int]:
    names = ("entries", "added", "changed", "removed")
    return {name: getattr(edition, name) for name in names}


def _locked(edition_id: UUID) -> tuple[WatchList, ListEdition]:
    key = ListEdition.objects.filter(pk=edition_id).values_list("watch_list__key", flat=True).first()
    watch_list = locks.list_for_update(key) if key else None
    edition = locks.edition_for_update(edition_id)
    if watch_list is None or edition is None:
        raise errors.UnknownEdition
    return watch_list, edition
