"""What kinds of movements and the ways in which they come are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from risk.facts import MovementKind

_KINDS: Final[Mapping[str, str | Promise]] = {
    MovementKind.TRANSFER: _("transfer"),
    MovementKind.DEPOSIT: _("deposit"),
    MovementKind.WITHDRAWAL: _("withdrawal"),
    MovementKind.REFUND: _("refund"),
}
_CHANNELS: Final[Mapping[str, str | Promise]] = {
    "staff": _("staff"),
    "partner": _("partner"),
    "system": _("system"),
    "import": _("taken over"),
}


def kind_in_words(kind: str) -> str:
    """Return what a kind of movement is called; what nobody knows is called as it is written."""
    return str(_KINDS.get(kind, kind))


def channel_in_words(channel: str) -> str:
    """Return what a channel is called; what nobody knows is called as it is written."""
    return str(_CHANNELS.get(channel, channel))
