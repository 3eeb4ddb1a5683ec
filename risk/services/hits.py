"""Deciding hits: true, false, or more is needed. What clears a strong one comes through the gate."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from bankops.core import audit
from bankops.core.actor import Actor
from bankops.core.operations import only_through_gate
from bankops.core.texts import require_reason
from risk import errors, events, locks
from risk.models import AlertOutcome, HitState, ScreeningHit
from risk.services.alerts import settle_alert
from risk.services.hit_recording import alert_key, subject_of
from risk.services.list_editions import request_key


@transaction.atomic
def decide_hit(*, hit_id: UUID, state: HitState, seen: str, reason: str, actor: Actor, now: datetime) -> ScreeningHit:
    """Record what somebody made of a hit, and return it. Locks the hit. Writes `risk.hit.decided`.

    Decided true or false, its alert is closed. A true hit stops what the customer wants to pay (`Standing.CONFIRMED`).

    :param seen: how the hit was when it was looked at (`seen_as`).
    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownHit: when there is none.
    :raises HitMoved: when it is not as it was seen any more.
    :raises HitNotDecidable: when it lapsed, or is decided so already, or would be opened by this.
    :raises TakesTwoPeople: for clearing a strong hit, or one that was taken for true: `clear_strong_hit` does that.
    """
    reason = require_reason(reason)
    hit = _locked(hit_id)
    if seen != seen_as(hit):
        raise errors.HitMoved
    refuse_decision(hit, state)
    if state == HitState.FALSE and hit.takes_two:
        raise errors.TakesTwoPeople
    hit.approval_request_id = None  # what two people agreed to once was another decision
    return _decide(hit, state, reason=reason, actor=actor, now=now)


@only_through_gate("risk.clear_strong_hit")
@transaction.atomic
def clear_strong_hit(
    *, hit_id: UUID, reason: str, actor: Actor, now: datetime, approval_request_id: str
) -> ScreeningHit:
    """Record that a strong hit, or one that was taken for true, is somebody else, and return it. Writes `risk.hit.decided`.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownHit, HitNotDecidable: when there is nothing to clear.
    """
    reason = require_reason(reason)
    hit = _locked(hit_id)
    refuse_decision(hit, HitState.FALSE)
    hit.approval_request_id = request_key(approval_request_id)
    return _decide(hit, HitState.FALSE, reason=reason, actor=actor, now=now)


def refuse_decision(hit: ScreeningHit, state: HitState) -> None:
    """:raises HitNotDecidable: when a hit cannot be decided so."""
    decided_so = hit.state == state and state != HitState.NEEDS_MORE
    taken_back = hit.state == HitState.TRUE and state != HitState.FALSE
    if hit.lapsed_at is not None or state == HitState.OPEN or decided_so or taken_back:
        raise errors.HitNotDecidable(hit=hit.public_id, state=stands(hit))


def stands(hit: ScreeningHit) -> str:
    """Return how a hit stands, in words."""
    return str(hit.get_lapsed_because_display() if hit.lapsed_at else hit.get_state_display())


def seen_as(hit: ScreeningHit) -> str:
    """Return what tells whether a hit is still as somebody saw it: entry, customer, score and state."""
    lapsed = "lapsed" if hit.lapsed_at else "standing"
    return f"{hit.entry_id} {hit.subject_matter} {hit.score} {hit.state} {lapsed}"


def _decide(hit: ScreeningHit, state: HitState, *, reason: str, actor: Actor, now: datetime) -> ScreeningHit:
    before, hit.state = hit.state, state
    hit.decided_by, hit.decided_at, hit.reason = actor.name[:100], now, reason
    hit.decided_entry, hit.decided_subject = hit.entry.matter, hit.subject_matter
    columns = ["state", "decided_by", "decided_at", "reason", "decided_entry", "decided_subject"]
    hit.save(update_fields=[*columns, "approval_request_id"])
    audit.record(
        events.HIT_DECIDED, actor=actor, subject=subject_of(hit), now=now, reason=reason,
        changes={"state": (str(before), str(state))}, detail={"strength": str(hit.strength), "score": hit.score},
    )  # fmt: skip
    if state != HitState.NEEDS_MORE:
        outcome = AlertOutcome.CONFIRMED if state == HitState.TRUE else AlertOutcome.FALSE_POSITIVE
        settle_alert(dedupe_key=alert_key(hit), outcome=outcome, reason=reason, actor=actor, now=now)
    return hit


def _locked(hit_id: UUID) -> ScreeningHit:
    hit = locks.hit_for_update(hit_id)
    if hit is None:
        raise errors.UnknownHit
    return hit
