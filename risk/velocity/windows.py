"""How far back a counter looks, and how exactly.

A window reaches from now back to the beginning of the slot, minute, hour or day (UTC) in which its old end lies: never less
than its name says, and more by less than one of those. What carries a later time than the reader's clock is in every window.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from risk.language.schema import WINDOWS
from risk.velocity.subjects import EPOCH, SLOT, slot_of

_GRAIN: Final = {
    "1m": SLOT,
    "10m": timedelta(minutes=1),
    "1h": timedelta(minutes=1),
    "24h": timedelta(hours=1),
    "7d": timedelta(hours=1),
    "30d": timedelta(days=1),
    "90d": timedelta(days=1),
}
_IN_SLOTS: Final = {window: (length // SLOT, _GRAIN[window] // SLOT) for window, length in WINDOWS.items()}


def began(window: str, now: datetime) -> datetime:
    """Return the first moment of a window."""
    return EPOCH + starts(now)[window] * SLOT


def starts(now: datetime) -> dict[str, int]:
    """Return the first slot of every window."""
    present = slot_of(now)
    return {window: (present - length) // grain * grain for window, (length, grain) in _IN_SLOTS.items()}
