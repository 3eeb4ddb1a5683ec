"""The people of the tests: one per role, ready to work, and `signed_in_client` to put one of them at a keyboard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY

from bankops.core import clock, encryption
from staff import one_time_codes, session_clock
from staff.models import Branch, OneTimeCodeDevice, User
from staff.roles import Role, permissions_of
from staff.services.second_factor import secret_of

PASSWORD = "a test of four words"
_SECRET = b"12345678901234567890"  # RFC 6238's own, so that codes can be checked by hand

SignIn = Callable[[User], Client]


_MAKE_GROUPS = "INSERT INTO auth_group (name) SELECT unnest(%s::text[]) ON CONFLICT (name) DO NOTHING"
_GIVE_RIGHTS = """
INSERT INTO auth_group_permissions (group_id, permission_id)
SELECT g.id, p.id
  FROM unnest(%s::text[], %s::text[]) AS declared (role, name)
  JOIN auth_group g ON g.name = declared.role
  JOIN django_content_type t ON t.app_label = split_part(declared.name, '.', 1)
  JOIN auth_permission p ON p.content_type_id = t.id AND p.codename = split_part(declared.name, '.', 2)
    ON CONFLICT DO NOTHING
"""


@pytest.fixture
def roles(db: None) -> None:
    make_roles()


def make_roles() -> None:
    """Make the groups as `sync_roles` would, without its audit events, which would stand in every test's trail.

    In two statements: most tests begin with this.
    """
    declared = [(role.value, name) for role in Role for name in permissions_of(role)]
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_GROUPS, [[role.value for role in Role]])
        cursor.execute(_GIVE_RIGHTS, [[role for role, _name in declared], [name for _role, name in declared]])


@pytest.fixture
def branch(db: None) -> Branch:
    return head_office()


def head_office() -> Branch:
    about = {"name": "Head Office", "city": "Shanghai", "created_at": clock.now()}
    return Branch.objects.get_or_create(code="001", defaults=about)[0]


def hire(number: str, name: str, role: Role | None, branch: Branch, *, phone: bool = True) -> User:
    """Create somebody past the first sign-in: an own password (`PASSWORD`), a phone, recovery codes put away."""
    now = clock.now()
    user = User(employee_number=number, full_name=name, branch=branch, must_change_password=False, joined_at=now)
    user.set_password(PASSWORD)
    user.save()
    if role:
        User.groups.through.objects.create(user=user, group=Group.objects.get(name=role.value))
    if phone:
        give_phone(user, now)
    return user


def give_phone(user: User, now: datetime) -> OneTimeCodeDevice:
    """Give somebody a confirmed device."""
    sealed = encryption.encrypt(_SECRET, context=f"staff.device:{user.public_id}")
    return OneTimeCodeDevice.objects.create(
        user=user, confirmed=True, confirmed_at=now, recovery_codes_stored_at=now, encrypted_secret=sealed
    )


def code_of(user: User, now: datetime | None = None) -> str:
    """Return the code that somebody's phone shows."""
    return one_time_codes.code_at(secret_of(OneTimeCodeDevice.objects.get(user=user)), now or clock.now())


@pytest.fixture
def teller(roles: None, branch: Branch) -> User:
    return hire("T1001", "Tang Ling", Role.TELLER, branch)


@pytest.fixture
def operator(roles: None, branch: Branch) -> User:
    return hire("T1002", "Ou Yan", Role.OPERATOR, branch)


@pytest.fixture
def first_reviewer(roles: None, branch: Branch) -> User:
    return hire("T1003", "Fang Rui", Role.FIRST_REVIEWER, branch)


@pytest.fixture
def final_reviewer(roles: None, branch: Branch) -> User:
    return hire("T1004", "Feng Lei", Role.FINAL_REVIEWER, branch)


@pytest.fixture
def risk_analyst(roles: None, branch: Branch) -> User:
    return hire("T1005", "Ren Xin", Role.RISK_ANALYST, branch)


@pytest.fixture
def finance(roles: None, branch: Branch) -> User:
    return hire("T1006", "Fei Nan", Role.FINANCE, branch)


@pytest.fixture
def customer_service(roles: None, branch: Branch) -> User:
    return hire("T1007", "Ke Fu", Role.CUSTOMER_SERVICE, branch)


@pytest.fixture
def auditor(roles: None, branch: Branch) -> User:
    return hire("T1008", "Shen Ji", Role.AUDITOR, branch)


@pytest.fixture
def administrator(roles: None, branch: Branch) -> User:
    return hire("T1009", "Guan Li", Role.ADMINISTRATOR, branch)


@pytest.fixture
def outsider(roles: None, branch: Branch) -> User:
    """Somebody who may sign in and holds no role."""
    return hire("T1010", "Lu Ren", None, branch)


@pytest.fixture
def signed_in_client(db: None) -> SignIn:
    """Return a function that puts somebody at a browser, signed in with a one-time code; each call is a new browser.

    The session is what the sign-in pages leave behind; those themselves are tested in tests/staff.
    """

    def sign_in(user: User) -> Client:
        client, session = Client(), SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "staff.backends.RoleBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session[DEVICE_ID_SESSION_KEY] = user.one_time_code_device.persistent_id
        session_clock.start(session, clock.now())
        session.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
        return client

    return sign_in
