"""Who works as what, and what that means."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import QuerySet

from bankops.core import audit, operations
from bankops.core.actor import Actor
from bankops.core.audit import Subject
from bankops.core.db import transaction_required
from bankops.core.texts import require_reason
from staff import events, locks, rules
from staff.errors import RolesNotSynced
from staff.models import User
from staff.roles import Role, permissions_of


@operations.only_through_gate("staff.grant_role")
@transaction.atomic
def grant_role(*, user: User, role: Role, actor: Actor, reason: str, now: datetime) -> User:
    """Give somebody a role; it counts from their next click. Writes `staff.user.role_granted`.

    :raises ConsentRequired: outside the gate.
    :raises CannotChangeOwnRights: for oneself.
    :raises RoleAlreadyHeld: when there is nothing to give.
    :raises RolesMustStayApart: when another role of theirs forbids it.
    """
    reason = require_reason(reason)
    rules.refuse_own(actor, user)
    user = locks.lock_user(user)
    add_role(user, role, actor=actor, reason=reason, now=now)
    return user


@operations.only_through_gate("staff.revoke_role")
@transaction.atomic
def revoke_role(*, user: User, role: Role, actor: Actor, reason: str, now: datetime) -> User:
    """Take a role from somebody; it is gone at their next click. Writes `staff.user.role_revoked`.

    :raises ConsentRequired: outside the gate.
    :raises CannotChangeOwnRights: for oneself.
    :raises RoleNotHeld: when there is nothing to take.
    :raises LastAdministrator: when no administrator would be left.
    """
    reason = require_reason(reason)
    rules.refuse_own(actor, user)
    locks.lock_administrators()
    user = locks.lock_user(user)
    rules.refuse_revocation(user, role)
    user.groups.remove(_group(role))
    changes = {"role": (role.value, None)}
    audit.record(events.ROLE_REVOKED, actor=actor, subject=events.about(user), now=now, reason=reason, changes=changes)
    return user


@transaction_required
def add_role(user: User, role: Role, *, actor: Actor, reason: str, now: datetime) -> None:
    """Add a role in the caller's transaction, which holds the person's row."""
    rules.refuse_grant(user, role)
    user.groups.add(_group(role))
    changes = {"role": (None, role.value)}
    audit.record(events.ROLE_GRANTED, actor=actor, subject=events.about(user), now=now, reason=reason, changes=changes)


@transaction.atomic
def sync_roles(*, actor: Actor, now: datetime) -> list[Role]:
    """Make every role's group hold exactly the declared rights, and return the roles that had to change.

    Writes `staff.role.synced` for each of these. A declared right that no model owns is an error of the code.

    :raises LookupError: naming the declared permissions that do not exist.
    """
    return [role for role in Role if _sync(role, actor=actor, now=now)]


def _sync(role: Role, *, actor: Actor, now: datetime) -> bool:
    group, created = Group.objects.get_or_create(name=role.value)
    wanted = _permissions(permissions_of(role))
    before, after = _names(group.permissions.all()), _names(wanted)
    if not created and before == after:
        return False
    group.permissions.set(wanted)
    changes = {"permissions": (before, after)}
    audit.record(
        events.ROLE_SYNCED, actor=actor, subject=Subject("role", role.value, role.value), now=now, changes=changes
    )
    return True


def _permissions(names: frozenset[str]) -> QuerySet[Permission]:
    found = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.values_list("pk", "content_type__app_label", "codename")
    }
    if missing := sorted(names - found.keys()):
        raise LookupError(f"declared, but no model owns them: {', '.join(missing)}")
    return Permission.objects.filter(pk__in=[found[name] for name in names])


def _names(permissions: QuerySet[Permission]) -> list[str]:
    pairs = permissions.order_by().values_list("content_type__app_label", "codename")
    return sorted(f"{app}.{codename}" for app, codename in pairs)


def _group(role: Role) -> Group:
    try:
        return Group.objects.get(name=role.value)
    except Group.DoesNotExist:
        raise RolesNotSynced(role=role.value) from None
