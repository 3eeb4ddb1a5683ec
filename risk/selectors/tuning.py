"""How the reasons of alerts do: how many alerts each leads to, and what becomes of them. For whoever tunes the rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from bankops.core.db import prepared
from bankops.core.money import Money
from risk.selectors.days import Days

_LINES = """
    SELECT r.code, count(*), count(*) FILTER (WHERE a.state = 'CLOSED'),
           count(*) FILTER (WHERE a.outcome = 'FALSE_POSITIVE'), count(*) FILTER (WHERE a.outcome = 'CONFIRMED'),
           count(*) FILTER (WHERE a.outcome = 'REPORTED'),
           percentile_disc(0.5) WITHIN GROUP (ORDER BY a.closed_at - a.raised_at) FILTER (WHERE a.state = 'CLOSED')
      FROM risk_alert a JOIN risk_alertreason r ON r.alert_id = a.id
     WHERE a.raised_at >= %(since)s AND a.raised_at < %(until)s
     GROUP BY r.code ORDER BY count(*) DESC, r.code
"""
_BLOCKED = """
    SELECT r.code, a.currency, sum(a.amount)
      FROM risk_alert a JOIN risk_alertreason r ON r.alert_id = a.id
     WHERE a.raised_at >= %(since)s AND a.raised_at < %(until)s AND a.stopped AND a.amount IS NOT NULL
     GROUP BY r.code, a.currency ORDER BY r.code, a.currency
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One reason over a range of days, by when its alerts were raised.

    Attributes:
        median: how long half of the decided ones took at most, from being raised to being decided; None without any.
        blocked: what was kept from moving, in minor units by currency; each alert counts for each of its reasons.

    """

    code: str
    alerts: int
    closed: int
    false_positive: int
    confirmed: int
    reported: int
    median: timedelta | None
    blocked: Mapping[str, int]

    @property
    def false_positive_share(self) -> int | None:
        """False positives in percent of what is decided, rounded to the nearest; None where nothing is decided."""
        return (self.false_positive * 200 + self.closed) // (2 * self.closed) if self.closed else None

    def blocked_money(self) -> list[Money]:
        """Return what was kept from moving, by currency."""
        return [Money(minor, currency) for currency, minor in sorted(self.blocked.items())]

    def median_in_words(self) -> str:
        """Return the median in days, hours and minutes; a dash without one."""
        if self.median is None:
            return "—"
        minutes = self.median // timedelta(minutes=1)
        parts = [(minutes // 1440, _("d")), (minutes // 60 % 24, _("h")), (minutes % 60, _("min"))]
        return " ".join(f"{count} {unit}" for count, unit in parts if count) or f"0 {_('min')}"

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON primitives; the median in whole seconds."""
        return {
            "code": self.code,
            "alerts": self.alerts,
            "closed": self.closed,
            "false_positive": self.false_positive,
            "confirmed": self.confirmed,
            "reported": self.reported,
            "median_seconds": None if self.median is None else self.median // timedelta(seconds=1),
            "blocked": dict(self.blocked),
        }


def lines(days: Days) -> list[Line]:
    """Return how each reason did, the one with the most alerts first; two queries."""
    told = {"since": days.since, "until": days.until}
    blocked: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for code, currency, minor in prepared(_BLOCKED, told):
        blocked[code][currency] = int(minor)
    return [_line(row, blocked[row[0]]) for row in prepared(_LINES, told)]


def _line(row: tuple[Any, ...], blocked: Mapping[str, int]) -> Line:
    code, alerts, closed, false_positive, confirmed, reported, median = row
    return Line(code, alerts, closed, false_positive, confirmed, reported, median, blocked)
