"""What was said of movements, read again: what one was like by the first answer, what is thought of it by the last."""

from __future__ import annotations

from typing import Final

from bankops.core.db import prepared
from risk.assessment.answer import SCREENING_CONFIRMED
from risk.assessment.answer import Assessment as Answer
from risk.facts import Facts
from risk.models import Assessment
from risk.origin import UNKNOWN, Origin
from risk.outcomes import Outcome

_FACTS: Final = "SELECT facts FROM risk_assessment WHERE movement = %(movement)s AND number = 1"


def answers_about(movement: str) -> list[Assessment]:
    """Return all that was said of a movement, by its public id, in order; nothing of what nobody assessed."""
    return list(Assessment.objects.filter(movement=movement).order_by("number"))


def last_answer(movement: str) -> Assessment | None:
    """Return what was said last of a movement, by its public id; None of what nobody assessed."""
    return Assessment.objects.filter(movement=movement).order_by("number").last()


def undoes_release(said: Answer) -> bool:
    """Tell whether a new answer, not kept yet, stops a movement although people have released it.

    What is refused now does, and a party that was found to be on a list since: nobody could know of it. Everything else is what
    people have looked at.
    """
    if said.outcome == Outcome.DECLINE:
        return True
    listed = {reason.about for reason in said.reasons if reason.code == SCREENING_CONFIRMED}
    if not listed:
        return False
    told = [reason for kept in answers_about(said.facts.movement) for reason in kept.reasons]
    return bool(listed - {reason.get("about") for reason in told if reason["code"] == SCREENING_CONFIRMED})


def facts_kept(movement: str) -> Facts | None:
    """Return the facts by which a movement was assessed when it was ordered, without names; None of what nobody assessed."""
    rows = prepared(_FACTS, {"movement": movement})
    return Facts.from_json(rows[0][0]) if rows else None


def origin_kept(movement: str) -> Origin:
    """Return where the customer was who ordered a movement that was assessed; of any other nothing is known."""
    kept = facts_kept(movement)
    return Origin(kept.device or "", kept.address or "", kept.country or "") if kept else UNKNOWN
