"""How alerts look in lists and on pages."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from bankops.core.admin.display import NOTHING, Tone, badge
from risk.bands import Band
from risk.models import Alert, AlertOutcome, AlertState

_PRIORITY_TONES = {Band.HIGH: Tone.BAD, Band.MEDIUM: Tone.WARNING, Band.LOW: Tone.QUIET}
_STATE_TONES = {
    AlertState.NEW: Tone.WARNING,
    AlertState.ASSIGNED: Tone.WARNING,
    AlertState.IN_CASE: Tone.QUIET,
    AlertState.CLOSED: Tone.GOOD,
}


def priority_badge(priority: str) -> SafeString:
    """Return a priority in a word and a colour."""
    band = Band(priority)
    return badge(band.label, _PRIORITY_TONES[band])


def outcome_badge(outcome: str) -> SafeString | str:
    """Return what something came to; a dash while it is open."""
    if not outcome:
        return NOTHING
    known = AlertOutcome(outcome)
    return badge(known.label, Tone.QUIET if known == AlertOutcome.FALSE_POSITIVE else Tone.BAD)


def state_badge(alert: Alert) -> SafeString | str:
    """Return where an alert stands: in whose hands, or what it came to."""
    state = AlertState(alert.state)
    if state == AlertState.CLOSED:
        return outcome_badge(alert.outcome)
    return badge(state.label, _STATE_TONES[state])


def due(due_at: datetime, *, is_open: bool, now: datetime) -> SafeString:
    """Return the last day on which something is decided in time, and whether that is over."""
    day = date_format(timezone.localtime(due_at - timedelta(seconds=1)), "Y-m-d")
    shown = format_html('<span class="bk-nowrap">{}</span>', day)
    return format_html("{} {}", shown, badge(_("overdue"), Tone.BAD)) if is_open and due_at <= now else shown


def sentence(alert: Alert) -> str:
    """Return what an alert is in a few words: what raised it, and how often."""
    kind = capfirst(str(alert.get_kind_display()))
    return kind if alert.raised_count == 1 else f"{kind} × {alert.raised_count}"
