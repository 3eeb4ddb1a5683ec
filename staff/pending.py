"""Somebody between the password and the end of signing in: known by a few facts in an otherwise anonymous session."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from staff.models import OneTimeCodeDevice, User

_KEY = "staff.pending_sign_in"
_LASTS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Pending:
    """What is proved so far.

    Attributes:
        until: Unix time after which the password must be entered again.
        auth_hash: the person's session hash, so that a password reset or a disabled sign-in ends this too.
        proved: how the second factor was proved: `one_time_code`, `recovery_code`, or empty.
        target: where to go afterwards, checked to be ours.
        shown_device: the unconfirmed device whose secret this browser was shown; 0 before.

    """

    user_id: str
    until: int
    auth_hash: str
    proved: str = ""
    target: str = ""
    shown_device: int = 0


def begin(request: HttpRequest, user: User, *, target: str, now: datetime) -> None:
    """Remember that the password was right, under a new session key."""
    request.session.flush()
    _store(request, Pending(str(user.pk), _until(now), user.get_session_auth_hash(), target=target))


def advance(request: HttpRequest, pending: Pending, user: User, *, now: datetime, proved: str = "") -> None:
    """Remember that a step was done, and give the next one its full time."""
    hash_now = user.get_session_auth_hash()
    _store(request, replace(pending, until=_until(now), auth_hash=hash_now, proved=proved or pending.proved))


def remember_device(request: HttpRequest, pending: Pending, device: OneTimeCodeDevice) -> None:
    """Remember which secret this browser was shown, so that a reload shows the same one."""
    _store(request, replace(pending, shown_device=device.pk))


def current(request: HttpRequest, *, now: datetime) -> tuple[Pending, User] | None:
    """Return who is signing in, or None when nobody is, or not any more."""
    stored = request.session.get(_KEY)
    if stored is None:
        return None
    pending = Pending(**stored)
    user = User.objects.active().filter(pk=UUID(pending.user_id)).first()
    if (
        user
        and pending.until > now.timestamp()
        and constant_time_compare(pending.auth_hash, user.get_session_auth_hash())
    ):
        return pending, user
    forget(request)
    return None


def forget(request: HttpRequest) -> None:
    """Forget whoever was signing in."""
    request.session.pop(_KEY, None)


def due_step(pending: Pending, user: User) -> str:
    """Return the name of the page that is due next, or an empty string when nothing is."""
    device = OneTimeCodeDevice.objects.filter(user=user, confirmed=True).first()
    if device and not pending.proved:
        return "staff:enter_code"
    if user.must_change_password:
        return "staff:choose_password"
    if device is None:
        return "staff:set_up_second_factor"
    return "" if device.recovery_codes_stored_at else "staff:store_recovery_codes"


def _until(now: datetime) -> int:
    return int((now + _LASTS).timestamp())


def _store(request: HttpRequest, pending: Pending) -> None:
    request.session[_KEY] = asdict(pending)
