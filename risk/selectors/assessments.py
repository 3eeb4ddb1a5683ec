"""What was said of movements, read again."""

from __future__ import annotations

from typing import Final

from bankops.core.db import prepared
from risk.facts import Facts
from risk.models import Assessment
from risk.origin import UNKNOWN, Origin

_FACTS: Final = "SELECT facts FROM risk_assessment WHERE movement = %(movement)s"


def assessment_of(movement: str) -> Assessment | None:
    """Return the assessment of a movement by its public id; None of what nobody assessed."""
    return Assessment.objects.filter(movement=movement).first()


def facts_kept(movement: str) -> Facts | None:
    """Return the facts by which a movement was assessed, without names; None of what nobody assessed."""
    rows = prepared(_FACTS, {"movement": movement})
    return Facts.from_json(rows[0][0]) if rows else None


def origin_kept(movement: str) -> Origin:
    """Return where the customer was who ordered a movement that was assessed; of any other nothing is known."""
    kept = facts_kept(movement)
    return Origin(kept.device or "", kept.address or "", kept.country or "") if kept else UNKNOWN
