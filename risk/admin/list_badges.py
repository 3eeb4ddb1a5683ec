"""How lists, editions and hits look: words on colours, ages, progress."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bankops.core.admin.display import NOTHING, Tone, badge
from risk.models import EditionState, HitState, HitStrength, ListEdition, ListKind, ScreeningHit, WatchList
from risk.selectors.lists import is_overdue

_EDITION_TONES: Final[Mapping[str, Tone]] = {
    EditionState.CURRENT: Tone.GOOD,
    EditionState.REFUSED: Tone.BAD,
    EditionState.REPLACED: Tone.QUIET,
}
_STRENGTH_TONES: Final[Mapping[str, Tone]] = {
    HitStrength.STRONG: Tone.BAD,
    HitStrength.POSSIBLE: Tone.WARNING,
    HitStrength.WEAK: Tone.QUIET,
}
_STATE_TONES: Final[Mapping[str, Tone]] = {
    HitState.OPEN: Tone.WARNING,
    HitState.NEEDS_MORE: Tone.WARNING,
    HitState.TRUE: Tone.BAD,
    HitState.FALSE: Tone.GOOD,
}


def edition_badge(edition: ListEdition) -> SafeString:
    return badge(edition.get_state_display(), _EDITION_TONES[edition.state])


def strength_badge(hit: ScreeningHit) -> SafeString:
    return badge(hit.get_strength_display(), _STRENGTH_TONES[hit.strength])


def state_badge(hit: ScreeningHit) -> SafeString:
    """Return how a hit stands; one that lapsed with why."""
    if hit.lapsed_at is not None:
        return badge(hit.get_lapsed_because_display(), Tone.QUIET)
    return badge(hit.get_state_display(), _STATE_TONES[hit.state])


def standing_of(watch_list: WatchList, now: datetime) -> SafeString:
    """Return whether a list can be relied on."""
    if watch_list.kind == ListKind.OWN:
        return badge(watch_list.get_colour_display(), Tone.QUIET)
    if watch_list.edition is None:
        return badge(_("never loaded"), Tone.BAD)
    return badge(_("too old"), Tone.BAD) if is_overdue(watch_list, now) else badge(_("in use"), Tone.GOOD)


def age_of(watch_list: WatchList, now: datetime) -> str:
    """Return for how many days a list was not confirmed, of how many it may be."""
    if watch_list.confirmed_at is None:
        return NOTHING
    words = {"days": (now - watch_list.confirmed_at).days, "most": watch_list.max_age_days}
    return _("%(days)s of %(most)s days") % words


def score_of(hit: ScreeningHit) -> str:
    """Return a score as people read it: 0.93."""
    return f"{hit.score // 1000}.{hit.score % 1000 // 10:02d}"


def changes_of(edition: ListEdition) -> str:
    """Return what an edition added, changed and removed: `+12 ~3 −1`."""
    return f"+{edition.added} ~{edition.changed} −{edition.removed}"


def edition_link(edition: ListEdition) -> SafeString:
    address = reverse("admin:risk_listedition_change", args=[edition.pk])
    return format_html('<a class="bk-link" href="{}">{}</a>', address, edition.number)
