"""How amounts, states and moments look in lists and on pages. The colours are in static/bankops/bankops.css."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from bankops.core.money import Money

NOTHING = "—"


class Tone(StrEnum):
    """What a badge's colour adds to its words; the words alone say everything."""

    GOOD = "good"
    QUIET = "quiet"
    WARNING = "warning"
    BAD = "bad"


def amount(money: Money | None) -> SafeString | str:
    """Return an amount in figures of equal width; a dash where there is none."""
    if money is None:
        return NOTHING
    sign = " bk-amount--negative" if money.minor < 0 else ""
    return format_html('<span class="bk-amount{}">{}</span>', sign, money.format())


def title(words: object) -> str:
    """Return a title with a capital; one that begins with an address, an event's name or an id stays as it is written."""
    text = str(words)
    return text if any(mark in text.partition(" ")[0] for mark in ":._") else capfirst(text)


def badge(text: str | Promise, tone: Tone) -> SafeString:
    """Return a word on a coloured ground."""
    return format_html('<span class="bk-badge bk-badge--{}">{}</span>', tone, text)


def moment(at: datetime | None) -> SafeString | str:
    """Return a point in time as the bank's own clock showed it, to the second."""
    if at is None:
        return NOTHING
    local = timezone.localtime(at)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), date_format(local, "Y-m-d H:i:s"))
