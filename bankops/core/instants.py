"""How a moment is written for machines."""

from __future__ import annotations

from datetime import UTC, datetime


def instant(moment: datetime) -> str:
    """Return a moment as RFC 3339 in UTC, to the microsecond: `2026-11-22T09:30:00.000000Z`."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
