"""Passwords: one's own, and somebody's who forgot theirs."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from bankops.core import audit
from bankops.core.actor import Actor
from bankops.core.texts import require_reason
from staff import events, locks, rules
from staff.errors import NoTemporaryPassword, PasswordTooWeak, WrongPassword
from staff.models import User
from staff.passwords import temporary_password


@transaction.atomic
def reset_password(*, user: User, actor: Actor, reason: str, now: datetime) -> str:
    """Replace somebody's password by a temporary one and return it, to be handed over once.

    Ends their sessions. They must change it at the next sign-in, which still asks for their second factor. Writes
    `staff.user.password_reset`.

    :raises CannotChangeOwnRights: for oneself.
    """
    reason = require_reason(reason)
    rules.refuse_own(actor, user)
    user = locks.lock_user(user)
    password = temporary_password()
    user.set_password(password)
    user.must_change_password = True
    user.session_epoch += 1
    user._change_reason = reason[:100]  # type: ignore[attr-defined]
    user.save(update_fields=["password", "must_change_password", "session_epoch"])
    audit.record(events.PASSWORD_RESET, actor=actor, subject=events.about(user), now=now, reason=reason)
    return password


@transaction.atomic
def change_own_password(*, user: User, present: str, new: str, now: datetime) -> User:
    """Change one's own password and return the person. Ends their other sessions. Writes `staff.user.password_changed`.

    :raises WrongPassword: when `present` is not it.
    :raises PasswordTooWeak: with every problem found; a password is not replaced by itself either.
    """
    user = locks.lock_user(user)
    if not user.check_password(present):
        raise WrongPassword
    return _change(user, new, now)


@transaction.atomic
def replace_temporary_password(*, user: User, new: str, now: datetime) -> User:
    """Replace the password somebody was handed, after they entered it. Writes `staff.user.password_changed`.

    :raises NoTemporaryPassword: when theirs is their own already; the present one would have to be asked for.
    :raises PasswordTooWeak: with every problem found.
    """
    user = locks.lock_user(user)
    if not user.must_change_password:
        raise NoTemporaryPassword
    return _change(user, new, now)


def _change(user: User, new: str, now: datetime) -> User:
    if problems := _problems(user, new):
        raise PasswordTooWeak(problems=" ".join(problems))
    user.set_password(new)
    user.must_change_password = False
    user.session_epoch += 1
    user.save(update_fields=["password", "must_change_password", "session_epoch"])
    audit.record(events.PASSWORD_CHANGED, actor=user.as_actor(), subject=events.about(user), now=now)
    return user


def _problems(user: User, new: str) -> list[str]:
    try:
        validate_password(new, user)
    except ValidationError as error:
        return list(error.messages)
    return [gettext("It is the same as before.")] if user.check_password(new) else []
