"""What the audit trail hears about signing in and out."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bankops.core import audit
from bankops.core.actor import Actor
from staff import events
from staff.models import User

_DOOR = Actor.system("sign-in")


@transaction.atomic
def record_signed_in(*, user: User, method: str, address: str, now: datetime) -> None:
    """Write `staff.user.signed_in`.

    :param method: `one_time_code` or `recovery_code`.
    :param address: the network address, as far as the proxies in front tell it.
    """
    detail = {"method": method, "address": address}
    audit.record(events.SIGNED_IN, actor=user.as_actor(), subject=events.about(user), now=now, detail=detail)


@transaction.atomic
def record_sign_in_failed(*, user: User | None, why: str, address: str, now: datetime) -> None:
    """Write `staff.user.sign_in_failed`. The actor is the sign-in page: who tried is exactly what is not known.

    :param user: whose sign-in was tried, or None when there is nobody of that number.
    :param why: a stable code: `unknown_user`, `wrong_password`, `disabled`, `locked`, or a refused code's.
    """
    _record(events.SIGN_IN_FAILED, user, {"why": why, "address": address}, now)


@transaction.atomic
def record_locked_out(*, user: User | None, address: str, now: datetime) -> None:
    """Write `staff.user.locked_out`, once, when the last allowed failure happens."""
    _record(events.LOCKED_OUT, user, {"address": address}, now)


@transaction.atomic
def record_signed_out(*, user: User, now: datetime) -> None:
    """Write `staff.user.signed_out`."""
    audit.record(events.SIGNED_OUT, actor=user.as_actor(), subject=events.about(user), now=now)


@transaction.atomic
def record_session_ended(*, user: User, limit: str, now: datetime) -> None:
    """Write `staff.user.session_ended`.

    :param limit: `idle` or `absolute`.
    """
    actor = Actor.system("session-limits")
    audit.record(events.SESSION_ENDED, actor=actor, subject=events.about(user), now=now, detail={"limit": limit})


def _record(event: audit.EventType, user: User | None, detail: dict[str, str], now: datetime) -> None:
    subject = events.about(user) if user else events.NOBODY
    audit.record(event, actor=_DOOR, subject=subject, now=now, detail=detail)
