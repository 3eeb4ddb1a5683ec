"""What others ask about the people who work here."""

from __future__ import annotations

from django.contrib.postgres.aggregates import ArrayAgg

from bankops.core import ids
from staff.errors import UserNotFound
from staff.models import User
from staff.models.user import UserQuerySet
from staff.roles import Role


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


def roles_of(user: User) -> list[Role]:
    """Return the roles somebody holds now, in the order in which `Role` names them; read afresh."""
    held = set(user.groups.values_list("name", flat=True))
    return [role for role in Role if role.value in held]
