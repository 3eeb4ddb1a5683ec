"""People of a bank that is measured, at their keyboards, and the stopwatch. Needs Django."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import psycopg
from django.db import connection
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY

from bankops.core import clock
from bankops.core.actor import Actor
from staff import one_time_codes, session_clock
from staff.models import Branch, User
from staff.roles import Role
from staff.services import begin_enrolment, confirm_enrolment, hire_user
from staff.services.passwords import replace_temporary_password
from staff.services.second_factor import secret_of

STEP = timedelta(seconds=one_time_codes.STEP_SECONDS)
_PASSWORD = "correct horse battery"


@contextmanager
def superuser() -> Iterator[psycopg.Cursor[Any]]:
    """Open a cursor of the embedded server's superuser; on the bank's own server there is none for us."""
    here = connection.settings_dict
    with (
        psycopg.connect(host=here["HOST"], dbname=here["NAME"], user="postgres", autocommit=True) as session,
        session.cursor() as cursor,
    ):
        yield cursor


def hire(role: Role, count: int, *, branch: Branch, actor: Actor, now: datetime) -> None:
    """Hire people of a role, past their first sign-in and with a phone."""
    for number in range(count):
        hired = hire_user(
            employee_number=f"{role.value[:5].upper()}{number}",
            full_name=f"{role.label} {number}",
            branch=branch,
            roles=[role],
            actor=actor,
            reason="benchmark",
            now=now,
        )
        replace_temporary_password(user=hired.user, new=_PASSWORD, now=now)
        device = begin_enrolment(user=hired.user)
        earlier = now - 9 * STEP
        code = one_time_codes.code_at(secret_of(device), earlier)
        confirm_enrolment(user=hired.user, code=code, now=earlier)


def people(role: Role) -> list[User]:
    """Return everybody who holds a role, by employee number."""
    return list(User.objects.filter(groups__name=role.value).order_by("employee_number"))


def signed_in(who: Role | User) -> Client:
    """Return a client at which a person, or the first of a role, is signed in with their phone."""
    user = who if isinstance(who, User) else people(who)[0]
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="staff.backends.RoleBackend")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = user.one_time_code_device.persistent_id
    session_clock.start(session, clock.now())
    session.save()
    return client


def timed(action: Callable[[], object], rounds: int) -> float:
    """Return the median milliseconds of an action that has been warmed up."""
    taken: list[float] = []
    action()
    for _ in range(rounds):
        clocked(taken, action)
    return round(median(taken), 1)


def clocked(taken: list[float], action: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Do it, note the milliseconds it took, and return its result."""
    started = time.perf_counter()
    result = action(*arguments, **named)
    taken.append((time.perf_counter() - started) * 1000)
    return result
