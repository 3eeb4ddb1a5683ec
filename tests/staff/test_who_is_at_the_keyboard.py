"""What every page asks first: who is there, whether a one-time code proved it in this session, and what they may do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from pytest_django import DjangoAssertNumQueries

from staff.backends import RoleBackend
from staff.models import OneTimeCodeDevice, User
from staff.roles import Role, permissions_of
from tests.personas import SignIn

HOME, SIGN_IN = "/admin/", "/sign-in/?next=%2Fadmin%2F"


def of(user: User) -> str:
    return str(user.one_time_code_device.persistent_id)


def names(client: Client, device: str) -> None:
    """Have the session name a device."""
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device
    session.save()


@pytest.mark.parametrize("named", [of, lambda _user: "staff.onetimecodedevice/0", lambda _user: "nonsense"])
def test_a_device_of_somebody_else_proves_nothing(
    signed_in_client: SignIn, teller: User, operator: User, named: Callable[[User], str]
) -> None:
    client = signed_in_client(teller)
    names(client, named(operator))
    assert client.get(HOME).headers["Location"] == SIGN_IN
    assert DEVICE_ID_SESSION_KEY not in client.session


def test_a_device_that_is_not_confirmed_proves_nothing(signed_in_client: SignIn, teller: User) -> None:
    client = signed_in_client(teller)
    OneTimeCodeDevice.objects.filter(user=teller).update(confirmed=False, confirmed_at=None)
    assert client.get(HOME).headers["Location"] == SIGN_IN


def test_without_a_device_the_session_that_named_it_proves_nothing(signed_in_client: SignIn, teller: User) -> None:
    client = signed_in_client(teller)
    OneTimeCodeDevice.objects.filter(user=teller).delete()
    assert client.get(HOME).headers["Location"] == SIGN_IN


@pytest.mark.parametrize("held", [[Role.TELLER], [Role.TELLER, Role.FIRST_REVIEWER], []])
def test_roles_give_their_rights_and_no_more(outsider: User, held: list[Role]) -> None:
    for role in held:
        User.groups.through.objects.create(user=outsider, group=Group.objects.get(name=role.value))
    person = User.objects.get(pk=outsider.pk)
    assert person.get_all_permissions() == {right for role in held for right in permissions_of(role)}
    assert RoleBackend().get_all_permissions(person, obj=person) == set()


def test_who_is_disabled_has_no_rights_and_is_nobody(teller: User) -> None:
    teller.is_active = False
    teller.save(update_fields=["is_active"])
    assert RoleBackend().get_user(teller.pk) is None
    assert RoleBackend().get_group_permissions(teller) == set()


def test_rights_are_asked_for_once(teller: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    person = User.objects.get(pk=teller.pk)
    with django_assert_num_queries(1):
        assert person.has_perm("transactions.deposit")
        assert not person.has_perm("transactions.charge_fee")
