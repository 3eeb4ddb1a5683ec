"""How rules do: how often they hit, and how often people found nothing behind it.

Hits stand beside assessments; what was behind them is what people decided of the alerts that assessments raised, or added to.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bankops.core.db import prepared


class Verdict(StrEnum):
    """What people found behind a movement."""

    CONFIRMED = "confirmed"
    FALSE_POSITIVE = "false_positive"


@dataclass(frozen=True, slots=True)
class Hits:
    """How often a rule hit, whichever of its versions counted."""

    day: int
    month: int


@dataclass(frozen=True, slots=True)
class Quality:
    """How many alerts that a rule gave reason for were decided within thirty days, and how many of them were false."""

    decided: int
    false: int

    @property
    def false_percent(self) -> int | None:
        """The share of false alerts, rounded half up; None when none was decided."""
        return (200 * self.false + self.decided) // (2 * self.decided) if self.decided else None


_HITS = """
    SELECT r.key, count(*) FILTER (WHERE h.hit_at > %(day)s), count(*)
      FROM risk_rule r JOIN risk_ruleversion v ON v.rule_id = r.id
      JOIN risk_rulehit h ON h.version = v.id AND h.hit_at > %(month)s AND h.hit_at <= %(now)s AND h.how <> 'SNOOZED'
     WHERE r.key = ANY (%(keys)s) GROUP BY r.key
"""
_QUALITY = """
    SELECT h.rule, count(DISTINCT a.id), count(DISTINCT a.id) FILTER (WHERE a.outcome = 'FALSE_POSITIVE')
      FROM risk_alert a CROSS JOIN LATERAL (
           SELECT reasons FROM risk_assessment WHERE id = a.assessment_id
           UNION ALL
           SELECT reasons FROM risk_assessment
            WHERE movement = a.movement_id AND number > 1 AND assessed_at > a.raised_at AND assessed_at <= a.closed_at) s
      JOIN LATERAL (SELECT DISTINCT reason ->> 'rule' AS rule FROM jsonb_array_elements(s.reasons) reason) h ON true
     WHERE a.closed_at > %(month)s AND a.closed_at <= %(now)s AND h.rule = ANY (%(keys)s)
     GROUP BY h.rule
"""
_VERDICTS = """
    SELECT movement_id, bool_or(outcome <> 'FALSE_POSITIVE') FROM risk_alert
     WHERE movement_id = ANY (%(movements)s) AND movement_id <> '' AND state = 'CLOSED' GROUP BY movement_id
"""
DAY, MONTH = timedelta(hours=24), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Figures:
    """How a rule does."""

    hits: Hits
    quality: Quality


def figures_of(keys: Collection[str], now: datetime) -> dict[str, Figures]:
    """Return the figures of rules by their keys: two statements, whatever the number of rules.

    Hits are of all versions, those in shadow too; what was snoozed is not counted. Alerts count that were decided within the
    last thirty days.
    """
    asked = {"keys": list(keys), "now": now, "day": now - DAY, "month": now - MONTH}
    hits = {key: Hits(day, month) for key, day, month in prepared(_HITS, asked)}
    quality = {key: Quality(decided, false) for key, decided, false in prepared(_QUALITY, asked)}
    return {key: Figures(hits.get(key, Hits(0, 0)), quality.get(key, Quality(0, 0))) for key in keys}


def verdicts_of(movements: Collection[str]) -> dict[str, Verdict]:
    """Return what people found behind movements, by public id, where they did: confirmed, when any of its alerts was."""
    rows = prepared(_VERDICTS, {"movements": list(movements)})
    return {movement: Verdict.CONFIRMED if confirmed else Verdict.FALSE_POSITIVE for movement, confirmed in rows}
