"""What others ask about the people who work here."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import Group
from django.contrib.postgres.aggregates import ArrayAgg

from bankops.core import ids
from bankops.core.db import prepared
from staff.errors import UserNotFound
from staff.models import User
from staff.models.user import UserQuerySet
from staff.roles import Role

_RIGHT_BY_ROLE = """
    SELECT EXISTS (SELECT FROM staff_user_groups m
                     JOIN auth_group_permissions h ON h.group_id = m.group_id
                     JOIN auth_permission p ON p.id = h.permission_id
                     JOIN django_content_type c ON c.id = p.content_type_id
                    WHERE m.user_id = %(user)s AND c.app_label = %(app)s AND p.codename = %(codename)s)
"""


_ROLES = """
    SELECT g.name FROM staff_user_groups m JOIN auth_group g ON g.id = m.group_id WHERE m.user_id = %(user)s
"""


def active_holders(role: Role | str) -> UserQuerySet:
    """Return everybody who may sign in and holds a role, in no particular order."""
    return User.objects.active().holding(role)


def roles_of_active() -> list[frozenset[str]]:
    """Return the roles of each person who may sign in and holds any, in one query, in no particular order."""
    people = User.objects.active().filter(groups__isnull=False)
    return [
        frozenset(names) for names in people.annotate(names=ArrayAgg("groups__name")).values_list("names", flat=True)
    ]


def user_by_public_id(public_id: str) -> User:
    """Return the person behind an id (`usr_…`), active or not.

    :raises InvalidId: when it is not an id of a person.
    :raises UserNotFound: when nobody has it.
    """
    user = User.objects.filter(pk=ids.decode("usr", public_id)).first()
    if user is None:
        raise UserNotFound(user=public_id)
    return user


def user_by_employee_number(number: str) -> User:
    """Return the person with an employee number, in any letter case, active or not.

    :raises UserNotFound: when nobody has it.
    """
    user = User.objects.filter(employee_number=number.strip().upper()).first()
    if user is None:
        raise UserNotFound(user=number)
    return user


def holds_right(user: User, permission: str) -> bool:
    """Tell whether somebody may sign in and one of their roles has the right `app.codename`.

    The answer of `User.has_perm`, read afresh and in one query: that one reads every right there is, and remembers them.
    """
    app, _dot, codename = permission.partition(".")
    ((is_held,),) = prepared(_RIGHT_BY_ROLE, {"user": user.pk, "app": app, "codename": codename})
    return user.is_active and bool(is_held)


def active_with_right(permission: str) -> UserQuerySet:
    """Return everybody who may sign in and one of whose roles has the right `app.codename`, in no particular order."""
    app, _dot, codename = permission.partition(".")
    roles = Group.objects.filter(permissions__content_type__app_label=app, permissions__codename=codename)
    holders: UserQuerySet = User.objects.active().filter(groups__in=roles).distinct()
    return holders


def role_names_of(user_id: UUID) -> frozenset[str]:
    """Return the names of the roles that somebody holds now, in one quick query; none for nobody."""
    return frozenset(name for (name,) in prepared(_ROLES, {"user": user_id}))


def roles_of(user: User) -> list[Role]:
    """Return the roles somebody holds now, in the order in which `Role` names them; read afresh."""
    held = role_names_of(user.pk)
    return [role for role in Role if role.value in held]
