"""Lists as they stand on the stage: an edition that was refused, a member of an own list, a strong hit on a customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bankops.matrix.people import ACTOR, REASON
from bankops.matrix.systems import least_busy
from risk.lists.known import KnownList
from risk.lists.published import Published
from risk.models import ListEdition, ListFormat, ListKind, OwnListMember, ScreeningHit, WatchList
from risk.names.entry import BirthDate, Entry, Kind, Name
from risk.services.list_editions import take_on
from risk.services.screening import screen_due

if TYPE_CHECKING:
    from bankops.matrix.stage import Stage

_KNOWN = KnownList("sanctions.stage", ListKind.SANCTIONS, ListFormat.PARTIES_CSV, "List of the stage", 400)
_ASKED = timedelta(seconds=290)  # before anybody else's codes are used; a code is good once, and lasts 30 seconds


@dataclass
class Watched:
    """What the doors are tried on."""

    own_list: WatchList
    member: OwnListMember
    refused: ListEdition
    hit: ScreeningHit


def watched(stage: Stage) -> Watched:
    """Load a list that meets a customer, have an empty edition of it refused, and put a name on the black list.

    It meets one whose payments nobody tries: an open hit stops them. Everybody is screened: who was not may not pay.
    """
    take_on(_KNOWN, Published([_entry(stage)], "1" * 64), actor=ACTOR, now=stage.now)
    while screen_due(now=stage.now):
        pass
    refused = take_on(_KNOWN, Published((), "2" * 64), actor=ACTOR, now=stage.now)
    hit = ScreeningHit.objects.select_related("customer", "watch_list", "entry").get(customer=stage.partner)
    member = _member(stage)
    return Watched(own_list=member.watch_list, member=member, refused=refused, hit=hit)


def _entry(stage: Stage) -> Entry:
    born = stage.partner.reveal_birth_date()
    dates = (BirthDate.of_day(born),) if born else ()
    return Entry("sanctions.stage:1", _KNOWN.label, "1", Kind.PERSON, (Name(stage.partner.name),), dates)


def _member(stage: Stage) -> OwnListMember:
    owner = stage.staff["risk_analyst"].public_id
    payload = {"list": "own.black", "what": "NAME", "value": "Foma Opiskin", "until": "", "owner": owner}
    at = stage.now - _ASKED
    request = stage.submit("risk_analyst", "risk.add_to_list", payload, at).request
    for place in (1, 2):
        request = stage.approve(request, least_busy(stage, request), at + timedelta(seconds=5 * place))
    member: OwnListMember = OwnListMember.objects.select_related("watch_list").get(
        approval_request_id=request.pk, reason=REASON
    )
    return member
