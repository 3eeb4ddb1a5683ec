"""How states of endpoints, breakers, deliveries and replays look, and links between them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bankops.core.admin.display import NOTHING, Tone, badge
from notifications.cockpit import Figures
from notifications.models import Attempt, BreakerState, Delivery, DeliveryState, Outcome, ReplayState

_DELIVERY = {DeliveryState.DELIVERED: Tone.GOOD, DeliveryState.PENDING: Tone.WARNING, DeliveryState.DEAD: Tone.BAD}
_REPLAY = {ReplayState.DONE: Tone.GOOD, ReplayState.STOPPED: Tone.BAD}
_GOOD_FROM, _BAD_BELOW = 99, 50  # percent


def breaker_badge(breaker: str) -> SafeString:
    """Return how a breaker stands, in a word: what it means is on the endpoint's page."""
    words = {BreakerState.CLOSED: _("closed"), BreakerState.OPEN: _("open"), BreakerState.HALF_OPEN: _("half open")}
    tones = {BreakerState.CLOSED: Tone.GOOD, BreakerState.OPEN: Tone.BAD, BreakerState.HALF_OPEN: Tone.WARNING}
    state = BreakerState(breaker)
    return badge(words[state], tones[state])


def delivery_badge(delivery: Delivery) -> SafeString:
    """Return how far a delivery has come."""
    state = DeliveryState(delivery.state)
    return badge(state.label, _DELIVERY[state])


def outcome_badge(attempt: Attempt) -> SafeString:
    """Return what came of an attempt, with the HTTP status where there was an answer."""
    outcome = Outcome(attempt.outcome)
    words = f"{outcome.label} · {attempt.status}" if attempt.status else outcome.label
    quiet = Tone.QUIET if outcome == Outcome.INTERRUPTED else Tone.BAD
    return badge(words, Tone.GOOD if outcome == Outcome.DELIVERED else quiet)


def replay_badge(state: str) -> SafeString:
    """Return how far a replay has come."""
    return badge(ReplayState(state).label, _REPLAY.get(ReplayState(state), Tone.QUIET))


def success_badge(figures: Figures | None) -> SafeString | str:
    """Return how many of a hundred attempts succeeded; a dash where there were none."""
    percent = figures.success_percent if figures else None
    if figures is None or percent is None:
        return NOTHING
    tone = Tone.GOOD if percent >= _GOOD_FROM else Tone.BAD if percent < _BAD_BELOW else Tone.WARNING
    words = {"good": figures.delivered, "all": figures.delivered + figures.failed}
    return format_html(
        '<span class="bk-nowrap">{} <span class="bk-quiet">{}</span></span>',
        badge(f"{percent} %", tone),
        _("%(good)s of %(all)s") % words,
    )


def age(since: datetime | None, now: datetime) -> str:
    """Return how long ago a moment was, in its two largest units; a dash where there is none."""
    if since is None:
        return NOTHING
    seconds = max(0, int((now - since) / timedelta(seconds=1)))
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    if days:
        return ngettext("%(days)s day %(hours)s h", "%(days)s days %(hours)s h", days) % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": seconds % 60}


def link(record: Model, words: Any) -> SafeString:
    """Return a link to a record's page."""
    opts = record._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[record.pk])
    return format_html('<a class="bk-link" href="{}">{}</a>', address, words)


def list_address(model: type[Model], **filters: Any) -> str:
    """Return the address of a list, narrowed."""
    opts = model._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    return f"{address}?{urlencode(filters)}" if filters else address
