"""Lists by consent: a refused edition taken on, somebody put on a list of the bank's own or taken off it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core import clock, ids
from bankops.core.audit import Subject
from bankops.core.operations import Description, Operation, Order
from bankops.core.texts import require_reason
from risk import errors, locks
from risk.lists.values import ValueType, canonical
from risk.models import ListEdition, OwnListMember
from risk.services import list_editions, own_lists
from staff.models import User

Payload = Mapping[str, Any]


class AcceptListEdition(Operation):
    """Payload: `{"edition": "led_…"}`; the order says why."""

    key = "risk.accept_list_edition"
    label = _("Take on a refused edition of a list")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, UnknownEdition: when it is no edition."""
        return {"edition": _edition(payload).public_id}

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, EditionNotRefused, EditionOvertaken: as the service would."""
        require_reason(order.reason)
        edition = _edition(payload)
        list_editions.refuse_acceptance(edition, edition.watch_list)

    def describe(self, payload: Payload) -> Description:
        edition = _edition(payload)
        summary = gettext("Take on edition %(number)s of %(list)s, which was refused as it came.") % {
            "number": edition.number, "list": edition.watch_list.label,
        }  # fmt: skip
        before = edition.watch_list.entries.in_force().count()
        return Description(
            summary=summary,
            changes={
                gettext("Entries"): (str(before), str(edition.entries)),
                gettext("Added, changed, removed"): (
                    "", f"{edition.added}, {edition.changed}, {edition.removed}",
                ),
            },
            warnings=[gettext("Whoever is not on it any more is screened as if they had never been listed.")]
            if edition.removed else [],
        )  # fmt: skip

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        edition = _edition(payload)
        return {"state": str(edition.state), "in_use": edition.watch_list.edition}

    def lock(self, payload: Payload) -> None:
        locks.list_for_update(_edition(payload).watch_list.key)

    def execute(self, payload: Payload, order: Order) -> ListEdition:
        return list_editions.accept_list_edition(edition_id=_edition(payload).pk, **agreed(order))

    def subject_of(self, result: Any) -> Subject:
        return list_editions.subject_of(result.watch_list)


class AddToList(Operation):
    """Payload: `{"list": "own.black", "what": "NAME", "value": "…", "until": "2026-12-31", "owner": "usr_…"}`, without a last
    day `"until": ""`; the order says why.
    """

    key = "risk.add_to_list"
    label = _("Put on a list of the bank's own")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises UnknownList, ListNotOwn, ListValueUnreadable, InvalidId: naming the fault."""
        what, until = _what(payload), _until(payload)
        return {
            "list": own_lists.own_list(str(payload.get("list", ""))).key,
            "what": what.value,
            "value": canonical(what, str(payload.get("value", ""))),
            "until": until.isoformat() if until else "",
            "owner": _owner(payload).public_id,
        }

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, LastDayPassed, AlreadyOnList: as the service would."""
        require_reason(order.reason)
        watch_list, today = own_lists.own_list(payload["list"]), clock.business_date(order.now)
        own_lists.refuse_addition(watch_list, _what(payload), payload["value"], until=_until(payload), today=today)

    def describe(self, payload: Payload) -> Description:
        watch_list = own_lists.own_list(payload["list"])
        words = {"what": _what(payload).label, "value": payload["value"], "list": watch_list.label}
        summary = gettext("Put the %(what)s “%(value)s” on the list %(list)s.") % words
        until = payload["until"] or gettext("for good")
        owner = _owner(payload).full_name
        return Description(
            summary=summary, changes={gettext("Last day"): ("", until), gettext("Who answers for it"): ("", owner)}
        )

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        return {"list": payload["list"]}

    def lock(self, payload: Payload) -> None:
        locks.list_for_update(payload["list"])

    def execute(self, payload: Payload, order: Order) -> OwnListMember:
        return own_lists.add_to_list(
            key=payload["list"],
            value_type=_what(payload),
            value=payload["value"],
            until=_until(payload),
            owner=_owner(payload),
            **agreed(order),
        )

    def subject_of(self, result: Any) -> Subject:
        return list_editions.subject_of(result.watch_list)


class RemoveFromList(Operation):
    """Payload: `{"member": "lme_…"}`; the order says why."""

    key = "risk.remove_from_list"
    label = _("Take off a list of the bank's own")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, NotOnList: when it is on no list."""
        return {"member": _member(payload).public_id}

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, NotOnList: as the service would."""
        require_reason(order.reason)
        if _member(payload).removed_at is not None:
            raise errors.NotOnList

    def describe(self, payload: Payload) -> Description:
        member = _member(payload)
        words = {
            "what": member.get_value_type_display(), "value": member.written.reveal(), "list": member.watch_list.label,
        }  # fmt: skip
        summary = gettext("Take the %(what)s “%(value)s” off the list %(list)s.") % words
        return Description(summary=summary, changes={gettext("Was on it because"): (member.reason, "")})

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        return {"on_it": _member(payload).removed_at is None}

    def lock(self, payload: Payload) -> None:
        locks.list_for_update(_member(payload).watch_list.key)

    def execute(self, payload: Payload, order: Order) -> OwnListMember:
        return own_lists.remove_from_list(member_id=_member(payload).pk, **agreed(order))

    def subject_of(self, result: Any) -> Subject:
        return list_editions.subject_of(result.watch_list)


def agreed(order: Order) -> dict[str, Any]:
    """Return what a service is told of an order that two people agreed to."""
    said = {"reason": order.reason, "actor": order.actor, "now": order.now}
    return {**said, "approval_request_id": order.request_id}


def _edition(payload: Payload) -> ListEdition:
    key = _key(payload, "edition", ListEdition.ID_PREFIX)
    edition = ListEdition.objects.select_related("watch_list").filter(pk=key).first()
    if edition is None:
        raise errors.UnknownEdition
    return edition


def _member(payload: Payload) -> OwnListMember:
    key = _key(payload, "member", OwnListMember.ID_PREFIX)
    member = OwnListMember.objects.select_related("watch_list").filter(pk=key).first()
    if member is None:
        raise errors.NotOnList
    return member


def _key(payload: Payload, field: str, prefix: str) -> UUID:
    """:raises InvalidId: when the field is no id of this kind."""
    return ids.decode(prefix, str(payload.get(field, "")))


def _what(payload: Payload) -> ValueType:
    said = str(payload.get("what", ""))
    if said not in ValueType.values:
        raise errors.ListValueUnreadable(value=said, what=", ".join(ValueType.values))
    return ValueType(said)


def _until(payload: Payload) -> date | None:
    said = str(payload.get("until") or "")
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise errors.ListValueUnreadable(value=said, what=gettext("day")) from None


def _owner(payload: Payload) -> User:
    owner = User.objects.filter(pk=_key(payload, "owner", "usr")).first()
    if owner is None:
        raise errors.UnknownOwner
    return owner
