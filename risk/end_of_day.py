"""What this app does at the end of every business day (`bankops.core.end_of_day`, docs/end-of-day.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from bankops.core.end_of_day import Step, register
from risk.services.day_reports import report_day
from risk.services.monitoring import monitor


def register_all() -> None:
    """Make the steps known; called once, when the app is ready."""
    for step in _steps():
        register(step)


def _steps() -> Iterator[Step]:
    yield Step(
        "monitoring",
        80,
        _monitor,
        label=_("Patterns looked for"),
        counted={
            "movements": _("movements looked at"),
            "left_out": _("without a rate, left out"),
            "found": _("patterns found"),
            "grown": _("patterns that grew"),
        },
    )
    yield Step(
        "risk_report",
        90,  # after whatever raises alerts
        _report,
        label=_("Risk reported"),
        counted={"raised": _("alerts raised"), "closed": _("alerts decided"), "open": _("alerts open")},
    )


def _monitor(_business_date: date, now: datetime) -> dict[str, int]:
    done = monitor(now=now)
    return {"movements": done.movements, "left_out": done.left_out, "found": done.found, "grown": done.grown}


def _report(business_date: date, now: datetime) -> dict[str, int]:
    made = report_day(business_date=business_date, now=now)
    return {"raised": made.raised, "closed": made.closed, "open": made.open_at_end}
