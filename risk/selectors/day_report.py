"""What a business day was like for the people of risk: counted from the alerts and cases, for any day that has come."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core.db import prepared
from bankops.core.money import Money
from risk.models import Alert, AlertOutcome, Case
from risk.selectors.days import Days
from risk.selectors.tuning import Line, lines

AGES: Final[tuple[tuple[str, int | None, str | Promise], ...]] = (
    ("day", 1, _("up to a day")),
    ("three_days", 3, _("up to three days")),
    ("week", 7, _("up to a week")),
    ("month", 30, _("up to thirty days")),
    ("older", None, _("older")),
)
"""The ages that open alerts are counted by: name, days at most (calendar days), and what people call it."""

# What is part of a case that was opened again is due with it, anew.
_AGEING = """
    SELECT CASE WHEN age <= interval '1 day' THEN 'day' WHEN age <= interval '3 days' THEN 'three_days'
                WHEN age <= interval '7 days' THEN 'week' WHEN age <= interval '30 days' THEN 'month' ELSE 'older' END,
           count(*), count(*) FILTER (WHERE due_at <= %(end)s::timestamptz)
      FROM (SELECT %(end)s::timestamptz - a.raised_at AS age, coalesce(c.due_at, a.due_at) AS due_at
              FROM risk_alert a LEFT JOIN risk_case c ON c.id = a.case_id AND c.reopened_count > 0
             WHERE a.state <> 'CLOSED' AND a.raised_at < %(end)s::timestamptz
            UNION ALL
            SELECT %(end)s::timestamptz - raised_at, due_at FROM risk_alert
             WHERE closed_at >= %(end)s::timestamptz AND raised_at < %(end)s::timestamptz) open
     GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class DayFigures:
    """A day's figures; see `risk.models.RiskDayReport`, which keeps them under the same names."""

    date: date
    raised: int
    closed: int
    confirmed: int
    false_positive: int
    reported: int
    open_at_end: int
    overdue_at_end: int
    cases_opened: int
    cases_closed: int
    ageing: dict[str, int] = field(default_factory=dict)
    blocked: dict[str, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    def blocked_money(self) -> list[Money]:
        """Return the money that was kept from moving, by currency."""
        return [Money(minor, currency) for currency, minor in sorted(self.blocked.items())]

    def ages(self) -> list[tuple[str | Promise, int]]:
        """Return each age in words, and how many open alerts were so old."""
        return [(label, self.ageing.get(name, 0)) for name, _days, label in AGES]

    def columns(self) -> dict[str, Any]:
        """Return what the report keeps, by its columns."""
        kept = asdict(self) | {"lines": [line.as_json() for line in self.lines]}
        kept.pop("date")
        return kept


def figures(on: date) -> DayFigures:
    """Return a business day's figures as they are known now; the end of a day that is not over is its midnight."""
    day = Days(on, on)
    raised = Alert.objects.filter(raised_at__gte=day.since, raised_at__lt=day.until)
    closed = Alert.objects.filter(closed_at__gte=day.since, closed_at__lt=day.until)
    outcomes = {outcome: closed.filter(outcome=outcome).count() for outcome in AlertOutcome}
    ages = prepared(_AGEING, {"end": day.until})
    stopped = raised.filter(stopped=True, amount__isnull=False).values_list("currency")
    return DayFigures(
        date=on,
        raised=raised.count(),
        closed=sum(outcomes.values()),
        confirmed=outcomes[AlertOutcome.CONFIRMED],
        false_positive=outcomes[AlertOutcome.FALSE_POSITIVE],
        reported=outcomes[AlertOutcome.REPORTED],
        open_at_end=sum(count for _age, count, _overdue in ages),
        overdue_at_end=sum(overdue for _age, _count, overdue in ages),
        cases_opened=Case.objects.filter(_within("opened_at", day)).count(),
        cases_closed=Case.objects.filter(_within("closed_at", day)).count(),
        ageing={age: count for age, count, _overdue in ages},
        blocked={currency: int(sum_) for currency, sum_ in stopped.annotate(Sum("amount")).order_by("currency")},
        lines=lines(day),
    )


def is_over(on: date, today: date) -> bool:
    """Tell whether a day's figures will not change by what is still to come of it."""
    return on <= today - timedelta(days=1)


def _within(column: str, day: Days) -> Q:
    return Q(**{f"{column}__gte": day.since, f"{column}__lt": day.until})
