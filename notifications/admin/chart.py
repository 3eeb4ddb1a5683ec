"""The chart of an endpoint's last day: a picture in the page itself, drawn by the template from these numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from notifications.cockpit import Bar

STEP, HEIGHT = 5, 120
"""Of a bar in the picture's own units: how wide it is with the gap beside it, and how high the highest."""
_HOURS_BETWEEN = 4


@dataclass(frozen=True, slots=True)
class Drawn:
    """One bar as the picture has it: what failed stands on what was delivered. `words` for whoever points at it, or listens."""

    x: int
    delivered_y: float
    delivered_height: float
    failed_y: float
    failed_height: float
    words: str


def chart_of(bars: Sequence[Bar]) -> dict[str, Any]:
    """Return the picture: its size, bars, and the hours below; `delivered` and `failed` are the sums."""
    highest = max([bar.total for bar in bars], default=0)
    return {
        "width": STEP * len(bars),
        "height": HEIGHT,
        "bar_width": STEP - 1,
        "highest": highest,
        "delivered": sum(bar.delivered for bar in bars),
        "failed": sum(bar.failed for bar in bars),
        "bars": [_drawn(place, bar, highest) for place, bar in enumerate(bars) if bar.total],
        "hours": list(_hours(bars)),
    }


def _drawn(place: int, bar: Bar, highest: int) -> Drawn:
    good, bad = (round(HEIGHT * count / highest, 1) for count in (bar.delivered, bar.failed))
    words = {"at": _clock(bar), "delivered": bar.delivered, "failed": bar.failed}
    told = _("%(at)s: %(delivered)s delivered, %(failed)s failed") % words
    return Drawn(place * STEP, round(HEIGHT - good, 1), good, round(HEIGHT - good - bad, 1), bad, told)


def _hours(bars: Sequence[Bar]) -> list[tuple[int, str]]:
    whole = [(place * STEP, bar) for place, bar in enumerate(bars) if timezone.localtime(bar.begins_at).minute == 0]
    return [(x, _clock(bar)) for x, bar in whole if timezone.localtime(bar.begins_at).hour % _HOURS_BETWEEN == 0]


def _clock(bar: Bar) -> str:
    return date_format(timezone.localtime(bar.begins_at), "H:i")
