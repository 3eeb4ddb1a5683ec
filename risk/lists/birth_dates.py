"""Dates of birth as OFAC writes them: “17 Feb 1974”, “Feb 1974”, “1974”, “circa 1965”, “1966 to 1968”."""

from __future__ import annotations

import calendar
import re
from datetime import date

from risk.names.entry import BirthDate

_MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}
_MOMENT = r"(?:(?:(\d{1,2}) )?([A-Z][a-z]{2}) )?(\d{4})"
_DATE = re.compile(rf"^(circa )?{_MOMENT}(?:\s*(?:to|-)\s*{_MOMENT})?$")


def parse_birth_date(text: str) -> BirthDate | None:
    """Return the days meant, or None for what is no date."""
    found = _DATE.match(text.strip().rstrip("."))
    if found is None:
        return None
    circa, *parts = found.groups()
    try:
        first = _days(*parts[:3])
        last = _days(*parts[3:]) if parts[5] else first
    except ValueError:
        return None
    if last[1] < first[0]:
        return None
    return BirthDate(first=first[0], last=last[1], circa=circa is not None)


def _days(day: str | None, month: str | None, year: str) -> tuple[date, date]:
    if month is None:
        return date(int(year), 1, 1), date(int(year), 12, 31)
    if month not in _MONTHS:
        raise ValueError(month)
    number = _MONTHS[month]
    if day is None:
        return date(int(year), number, 1), date(int(year), number, calendar.monthrange(int(year), number)[1])
    return (exact := date(int(year), number, int(day))), exact
