"""What this app does at the end of every business day (`bankops.core.end_of_day`, docs/end-of-day.md)."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from bankops.core.end_of_day import Step, register
from risk.services.day_reports import report_day


def register_all() -> None:
    """Make the steps known; called once, when the app is ready."""
    register(
        Step(
            "risk_report",
            50,
            _report,
            label=_("Risk reported"),
            counted={"raised": _("alerts raised"), "closed": _("alerts decided"), "open": _("alerts open")},
        )
    )


def _report(business_date: date, now: datetime) -> dict[str, int]:
    made = report_day(business_date=business_date, now=now)
    return {"raised": made.raised, "closed": made.closed, "open": made.open_at_end}
