"""Rules that several services hold."""

from __future__ import annotations

from bankops.core.actor import Actor
from bankops.core.errors import ReasonRequired
from staff.errors import CannotChangeOwnRights, LastAdministrator
from staff.models import User
from staff.roles import Role


def require_reason(reason: str) -> str:
    """Return the reason without surrounding space.

    :raises ReasonRequired: when nothing is left.
    """
    if not reason.strip():
        raise ReasonRequired
    return reason.strip()


def refuse_own(actor: Actor, user: User) -> None:
    """Refuse somebody who acts on their own sign-in.

    :raises CannotChangeOwnRights: always then; there is no exception for anybody.
    """
    if actor.id == user.public_id:
        raise CannotChangeOwnRights


def refuse_last_administrator(user: User) -> None:
    """Refuse to take the bank's last active administrator away. Call under `locks.lock_administrators`.

    :raises LastAdministrator: when no other could sign in.
    """
    administrators = User.objects.active().holding(Role.ADMINISTRATOR)
    if administrators.filter(pk=user.pk).exists() and not administrators.exclude(pk=user.pk).exists():
        raise LastAdministrator(name=user.full_name)
