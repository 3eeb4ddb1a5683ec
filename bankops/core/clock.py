"""The one place that reads the clock. Doors (admin, tasks, commands) read it and pass the time down to services."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    return timezone.now()


def business_date(at: datetime | None = None) -> date:
    """Return the bank's own day at `at` (default: now), in the bank's time zone."""
    return timezone.localdate(at, timezone=timezone.get_default_timezone())
