"""What this app does at the end of every business day (`bankops.core.end_of_day`, docs/end-of-day.md)."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from bankops.core.end_of_day import Step, register
from risk.services.monitoring import monitor


def register_all() -> None:
    """Make the steps known; called once, when the app is ready."""
    register(
        Step(
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
    )


def _monitor(_business_date: date, now: datetime) -> dict[str, int]:
    done = monitor(now=now)
    return {"movements": done.movements, "left_out": done.left_out, "found": done.found, "grown": done.grown}
