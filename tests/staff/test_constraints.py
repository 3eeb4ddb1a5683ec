"""The database refuses by itself, whoever writes past the services."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError

from bankops.core import ids
from staff.errors import SuperusersDoNotExist
from staff.models import OneTimeCodeDevice, RecoveryCode, User
from staff.roles import Role
from tests.committed import at_once


def execute(sql: str, *params: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


def test_there_are_no_superusers(teller: User) -> None:
    with pytest.raises(IntegrityError, match="user_no_superusers"):
        execute("UPDATE staff_user SET is_superuser = true WHERE id = %s", teller.pk)
    with pytest.raises(SuperusersDoNotExist):
        User.objects.create_superuser("T1", "password")


@pytest.mark.parametrize("options", [{}, {"interactive": False}])
def test_createsuperuser_says_what_to_do_instead(db: None, options: dict[str, bool]) -> None:
    with pytest.raises(CommandError, match="create_administrator"):
        call_command("createsuperuser")
    assert not User.objects.exists()


@pytest.mark.parametrize("number", ["t1001", "1001", "T", "T 1", "T1001\n", ""])
def test_an_employee_number_has_one_form(teller: User, number: str) -> None:
    with pytest.raises(IntegrityError, match="user_employee_number_form"):
        execute("UPDATE staff_user SET employee_number = %s WHERE id = %s", number, teller.pk)


def test_an_employee_number_is_one_persons(teller: User, operator: User) -> None:
    with pytest.raises(IntegrityError, match="employee_number"):
        execute("UPDATE staff_user SET employee_number = %s WHERE id = %s", teller.employee_number, operator.pk)


def test_a_branch_has_a_code_of_its_own(teller: User) -> None:
    with pytest.raises(IntegrityError, match="branch_code_not_empty"):
        execute("UPDATE staff_branch SET code = ''")
    with pytest.raises(IntegrityError, match="code"):
        execute(
            "INSERT INTO staff_branch (id, code, name, city, region, is_open, created_at)"
            " VALUES (%s, '001', 'Twin', '', '', true, now())",
            ids.uuid7(),
        )


def test_a_device_is_confirmed_at_a_time_or_not_at_all(teller: User) -> None:
    with pytest.raises(IntegrityError, match="device_confirmed_when"):
        execute("UPDATE staff_onetimecodedevice SET confirmed_at = NULL WHERE user_id = %s", teller.pk)
    with pytest.raises(IntegrityError, match="device_confirmed_when"):
        execute("UPDATE staff_onetimecodedevice SET confirmed = false WHERE user_id = %s", teller.pk)


def test_one_person_has_one_device(teller: User, operator: User) -> None:
    with pytest.raises(IntegrityError, match="user_id"):
        execute("UPDATE staff_onetimecodedevice SET user_id = %s WHERE user_id = %s", teller.pk, operator.pk)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_the_roles_that_stand_alone_stand_alone(teller: User, role: Role) -> None:
    group = Group.objects.get(name=role)
    with pytest.raises(IntegrityError, match="staff_roles_apart"):
        execute("INSERT INTO staff_user_groups (user_id, group_id) VALUES (%s, %s)", teller.pk, group.pk)
    teller_group = Group.objects.get(name=Role.TELLER)
    with pytest.raises(IntegrityError, match="staff_roles_apart"):
        execute(
            "WITH a AS (SELECT id FROM auth_group WHERE name = %s)"
            " INSERT INTO staff_user_groups (user_id, group_id) SELECT %s, id FROM a",
            role.value,
            teller.pk,
        )
    assert list(teller.groups.all()) == [teller_group]


def test_two_transactions_that_add_a_role_each_cannot_both_pass(committed_db: None, outsider: User) -> None:
    groups = [Group.objects.get(name=role) for role in (Role.TELLER, Role.AUDITOR)]
    results = at_once(
        *[
            lambda group=group: execute(
                "INSERT INTO staff_user_groups (user_id, group_id) VALUES (%s, %s)", outsider.pk, group.pk
            )
            for group in groups
        ]
    )
    assert [type(result).__name__ for result in results].count("IntegrityError") == 1
    assert outsider.groups.count() == 1


def test_no_right_is_given_to_one_person(teller: User) -> None:
    right = Permission.objects.get(content_type__app_label="staff", codename="hire_user")
    with pytest.raises(DatabaseError, match="staff_rights_from_roles_only"), transaction.atomic():
        teller.user_permissions.add(right)
    assert not teller.has_perm("staff.hire_user")


def test_a_right_given_to_one_person_past_the_trigger_opens_nothing(teller: User) -> None:
    right = Permission.objects.get(content_type__app_label="staff", codename="hire_user")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        teller.user_permissions.add(right)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    assert not User.objects.get(pk=teller.pk).has_perm("staff.hire_user")


def test_people_and_branches_are_not_deleted_while_anything_points_to_them(teller: User) -> None:
    assert teller.branch
    with pytest.raises(ProtectedError):
        teller.branch.delete()
    with pytest.raises(ProtectedError):
        teller.delete()
    with pytest.raises(IntegrityError):
        execute("DELETE FROM staff_branch; SET CONSTRAINTS ALL IMMEDIATE")
    assert OneTimeCodeDevice.objects.filter(user=teller).exists()


def test_a_recovery_code_is_kept_once(teller: User) -> None:
    codes = [RecoveryCode(user=teller, digest="0" * 64, created_at=teller.joined_at) for _ in range(2)]
    with pytest.raises(IntegrityError, match="recovery_code_once"), transaction.atomic():
        RecoveryCode.objects.bulk_create(codes)
    assert not RecoveryCode.objects.exists()
