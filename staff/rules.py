"""Rules that several services hold, and that approvals look at before anybody is asked to review.

A service calls them under its locks; there they decide. A call before that only spares reviewers what is sure to fail.
"""

from __future__ import annotations

from bankops.core.actor import Actor
from staff.errors import (
    AlreadyDisabled,
    CannotChangeOwnRights,
    LastAdministrator,
    NoSecondFactor,
    NotDisabled,
    RoleAlreadyHeld,
    RoleNotHeld,
    RolesMustStayApart,
    RolesNeedApproval,
)
from staff.models import OneTimeCodeDevice, User
from staff.roles import Role, conflict


def refuse_own(actor: Actor, user: User) -> None:
    """Refuse somebody who acts on their own sign-in.

    :raises CannotChangeOwnRights: always then; there is no exception for anybody.
    """
    if actor.id == user.public_id:
        raise CannotChangeOwnRights


def refuse_last_administrator(user: User) -> None:
    """Refuse to take the bank's last active administrator away. Decides only under `locks.lock_administrators`.

    :raises LastAdministrator: when no other could sign in.
    """
    administrators = User.objects.active().holding(Role.ADMINISTRATOR)
    if administrators.filter(pk=user.pk).exists() and not administrators.exclude(pk=user.pk).exists():
        raise LastAdministrator(name=user.full_name)


def refuse_without_approval(actor: Actor) -> None:
    """Refuse roles that come with no consent, except to the server's own commands.

    :raises RolesNeedApproval: for everybody who is not a system process.
    """
    if actor.kind != "system":
        raise RolesNeedApproval


def refuse_grant(user: User, role: Role) -> None:
    """Refuse to give a role.

    :raises RoleAlreadyHeld: when there is nothing to give.
    :raises RolesMustStayApart: when another role of theirs forbids it.
    """
    held = list(user.groups.values_list("name", flat=True))
    if role in held:
        raise RoleAlreadyHeld(name=user.full_name, role=role.label)
    if other := conflict(held, role):
        raise RolesMustStayApart(wanted=role.label, held=Role(other).label)


def refuse_revocation(user: User, role: Role) -> None:
    """Refuse to take a role away.

    :raises RoleNotHeld: when there is nothing to take.
    :raises LastAdministrator: when no administrator would be left.
    """
    if not user.groups.filter(name=role).exists():
        raise RoleNotHeld(name=user.full_name, role=role.label)
    if role == Role.ADMINISTRATOR:
        refuse_last_administrator(user)


def refuse_disabling(user: User) -> None:
    """Refuse to disable a sign-in.

    :raises AlreadyDisabled: when done before.
    :raises LastAdministrator: when no administrator would be left.
    """
    if not user.is_active:
        raise AlreadyDisabled(name=user.full_name)
    refuse_last_administrator(user)


def refuse_enabling(user: User) -> None:
    """Refuse to enable a sign-in.

    :raises NotDisabled: when there is nothing to enable.
    """
    if user.is_active:
        raise NotDisabled(name=user.full_name)


def refuse_second_factor_reset(user: User) -> None:
    """Refuse to take a phone away.

    :raises NoSecondFactor: when there is none.
    """
    if not OneTimeCodeDevice.objects.filter(user=user).exists():
        raise NoSecondFactor(name=user.full_name)
