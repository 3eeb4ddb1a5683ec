"""Lists, who is on the bank's own, and screening hits: their pages, doors and operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bankops.matrix.listing import Listed, Submitted, door, here, may, reading_room, reason
from bankops.matrix.people import Persona
from bankops.matrix.stage import Stage
from risk.models import HitState, RescreenRun
from risk.services.hits import seen_as


def lists() -> Iterator[Listed]:
    yield from reading_room("risk_watchlist", may("risk.view_watchlist"), lambda stage: stage.watched.own_list)
    yield from reading_room("risk_listedition", may("risk.view_listedition"), lambda stage: stage.watched.refused)
    yield from reading_room("risk_ownlistmember", may("risk.view_ownlistmember"), lambda stage: stage.watched.member)
    yield from reading_room(
        "risk_rescreenrun", may("risk.view_rescreenrun"), lambda _stage: RescreenRun.objects.first()
    )
    yield from door(
        "risk_watchlist_add_to_list", may("risk.add_to_list"), _member, lambda stage: [stage.watched.own_list.pk]
    )
    yield from door(
        "risk_listedition_accept_list_edition",
        may("risk.accept_list_edition"),
        _keyed,
        lambda stage: [stage.watched.refused.pk],
    )
    for verb in ("reveal_list_member", "remove_from_list"):
        yield from door(
            f"risk_ownlistmember_{verb}", may(f"risk.{verb}"), _keyed, lambda stage: [stage.watched.member.pk]
        )


def hits() -> Iterator[Listed]:
    yield from reading_room(
        "risk_screeninghit",
        may("risk.view_screeninghit"),
        lambda stage: stage.watched.hit,
        its=here("risk.view_screeninghit"),
    )
    yield from door(
        "risk_screeninghit_decide_hit", here("risk.decide_hit"), _decision, lambda stage: [stage.watched.hit.pk]
    )
    yield from door(
        "risk_screeninghit_clear_strong_hit",
        here("risk.clear_strong_hit"),
        _keyed,
        lambda stage: [stage.watched.hit.pk],
    )


def submitted() -> Iterator[Submitted]:
    """Yield the operations behind them."""
    yield Submitted("risk.add_to_list", _addition)
    yield Submitted("risk.remove_from_list", lambda stage: {"member": stage.watched.member.public_id})
    yield Submitted("risk.accept_list_edition", lambda stage: {"edition": stage.watched.refused.public_id})
    yield Submitted("risk.clear_strong_hit", lambda stage: {"hit": stage.watched.hit.public_id})


def _addition(stage: Stage) -> dict[str, Any]:
    owner = stage.staff["risk_analyst"].public_id
    return {"list": stage.watched.own_list.key, "what": "COUNTRY", "value": "XX", "until": "", "owner": owner}


def _keyed(stage: Stage, persona: Persona) -> dict[str, Any]:
    return {**reason(stage, persona), "idempotency_key": "a key of the form"}


def _member(stage: Stage, persona: Persona) -> dict[str, Any]:
    return {**_keyed(stage, persona), "what": "NAME", "value": "Nobody Otherwise", "until": ""}


def _decision(stage: Stage, persona: Persona) -> dict[str, Any]:
    hit = stage.watched.hit
    return {**_keyed(stage, persona), "state": HitState.NEEDS_MORE.value, "seen": seen_as(hit)}
