"""Who may sign in as what, and who is behind an id."""

from __future__ import annotations

import pytest

from bankops.core import ids
from staff.models import Branch, User
from staff.roles import Role
from staff.selectors import active_holders, roles_of, user_by_employee_number, user_by_public_id
from tests.personas import hire
from tests.unchanged import refused


def test_holders_are_those_who_may_sign_in(first_reviewer: User, teller: User, branch: Branch) -> None:
    gone = hire("T1031", "Gone", Role.FIRST_REVIEWER, branch)
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    assert list(active_holders(Role.FIRST_REVIEWER)) == [first_reviewer]
    assert list(active_holders("teller")) == [teller]
    assert list(active_holders(Role.FINANCE)) == []


def test_a_person_is_found_by_id_and_by_number_active_or_not(teller: User) -> None:
    teller.is_active = False
    teller.save(update_fields=["is_active"])
    assert user_by_public_id(teller.public_id) == user_by_employee_number(" t1001 ") == teller


@pytest.mark.django_db
def test_whoever_does_not_exist_is_not_found() -> None:
    with refused("user_not_found"):
        user_by_public_id(ids.encode("usr", ids.uuid7()))
    with refused("user_not_found"):
        user_by_employee_number("T9999")
    with refused("invalid_id"):
        user_by_public_id("E1001")


def test_roles_come_in_the_order_of_the_house(outsider: User, first_reviewer: User, finance: User) -> None:
    assert roles_of(outsider) == []
    first_reviewer.groups.add(*finance.groups.all())
    assert roles_of(first_reviewer) == [Role.FIRST_REVIEWER, Role.FINANCE]
