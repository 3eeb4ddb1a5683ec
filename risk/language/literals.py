"""The values that a rule writes as text: amounts, durations, moments."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from bankops.core.errors import BankOpsError
from bankops.core.money import Money

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"([0-9]{1,6})([smhd])", re.ASCII)


def read_money(text: str) -> Money | None:
    """Return the amount that `50000 CNY` or `-0.50 USD` means, None when it means none."""
    amount, _blank, currency = text.strip().partition(" ")
    try:
        return Money.parse(amount, currency.strip())
    except BankOpsError:
        return None


def read_duration(text: str) -> timedelta | None:
    """Return the duration that `30s`, `10m`, `24h` or `90d` means, None when it means none."""
    found = _DURATION.fullmatch(text.strip())
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def read_moment(text: str) -> datetime | None:
    """Return the moment that an ISO 8601 text with time and zone means, None when it means none."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def write_duration(duration: timedelta) -> str:
    """Return a whole number of the largest unit that loses nothing: `90d`, `36h`; parts of a second are left out."""
    seconds = duration // timedelta(seconds=1)
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
