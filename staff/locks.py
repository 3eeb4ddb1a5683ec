"""Locks. Order: branches, then roles, then people, then devices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.models import Group
from django.db import connection, transaction

from bankops.core.db import transaction_required
from staff.models import Branch, OneTimeCodeDevice, User
from staff.roles import Role


@contextmanager
def one_guess_at_a_time(employee_number: str) -> Iterator[None]:
    """Let guesses at one number, anybody's or nobody's, wait for each other: all at once they would not be counted."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"staff.sign_in:{employee_number}"])
        yield


@transaction_required
def lock_role(role: Role) -> None:
    """Serialise whatever depends on how many hold a role."""
    list(Group.objects.select_for_update().filter(name=role))


@transaction_required
def lock_administrators() -> None:
    """Serialise everything that may take away an administrator, so that two at once cannot take the last two."""
    lock_role(Role.ADMINISTRATOR)


@transaction_required
def lock_user(user: User) -> User:
    """Lock a person's row and return it as it is now."""
    return User.objects.select_for_update(of=("self",)).get(pk=user.pk)


@transaction_required
def lock_branch(branch: Branch) -> Branch:
    """Lock a branch's row and return it as it is now."""
    return Branch.objects.select_for_update().get(pk=branch.pk)


@transaction_required
def lock_device(user: User) -> OneTimeCodeDevice | None:
    """Lock a person's device and return it as it is now, or None when there is none."""
    return OneTimeCodeDevice.objects.select_for_update(of=("self",)).filter(user=user).first()
