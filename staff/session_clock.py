"""How long a session may last, and be idle. Kept in the session itself, as Unix times."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

_SIGNED_IN, _SEEN = "staff.signed_in_at", "staff.seen_at"
_WRITE_EVERY = 60  # seconds: a session row is not rewritten at every click


def start(session: SessionBase, now: datetime) -> None:
    """Begin both clocks."""
    session[_SIGNED_IN] = session[_SEEN] = int(now.timestamp())


def limit_reached(session: SessionBase, now: datetime) -> str:
    """Return `idle` or `absolute` when that limit is reached, else an empty string; without clocks it is."""
    at = now.timestamp()
    if at - session.get(_SIGNED_IN, 0) >= settings.SESSION_ABSOLUTE_SECONDS:
        return "absolute"
    return "idle" if at - session.get(_SEEN, 0) >= settings.SESSION_IDLE_SECONDS else ""


def touch(session: SessionBase, now: datetime) -> None:
    """Remember that the person is there."""
    if now.timestamp() - session[_SEEN] >= min(_WRITE_EVERY, settings.SESSION_IDLE_SECONDS / 10):
        session[_SEEN] = int(now.timestamp())
