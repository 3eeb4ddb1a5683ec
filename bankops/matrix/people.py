"""Who tries the doors: one person per role, and those in whose shoes an attacker would step.

They are hired through the services and walk through the sign-in pages with a password and a one-time code, so what the
matrix shows holds for real sessions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from http.cookies import SimpleCookie

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core import clock
from bankops.core.actor import Actor
from staff import one_time_codes, session_clock
from staff.models import Branch, OneTimeCodeDevice, User
from staff.roles import Role, holders_of
from staff.services import (
    begin_enrolment,
    confirm_enrolment,
    hire_user,
    make_recovery_codes,
    mark_recovery_codes_stored,
)
from staff.services.passwords import replace_temporary_password
from staff.services.second_factor import secret_of

ACTOR = Actor.system("approval_matrix")
REASON = "For the approval matrix"
_PASSWORD = "seven gates and no key"  # noqa: S105  # opens nothing: the database is gone when the matrix is done
_STEP = timedelta(seconds=one_time_codes.STEP_SECONDS)
# Codes of the branches: where the records stand that most doors are tried on, and another one.
HERE, ELSEWHERE = "001", "002"
_ALL_BRANCHES = "accounts.view_all_branches"


class Entry(Enum):
    """How far somebody came at the sign-in."""

    SIGNED_IN = "with password and one-time code"
    NOT_SIGNED_IN = "no session at all"
    PASSWORD_ONLY = "a session without a second factor"  # noqa: S105  # words
    DISABLED = "a session that was good until the person was disabled"


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody who tries every door.

    Attributes:
        number: employee number; empty for who is nobody here.
        branch: where they work.

    """

    key: str
    label: str | Promise
    number: str
    roles: tuple[Role, ...] = ()
    entry: Entry = Entry.SIGNED_IN
    branch: str = HERE

    @property
    def is_in(self) -> bool:
        return self.entry is Entry.SIGNED_IN

    def may(self, permission: str) -> bool:
        """Tell whether the roles as declared give the right to somebody who is signed in."""
        return self.is_in and bool(holders_of(permission).intersection(self.roles))

    def reaches(self, branch: str) -> bool:
        """Tell whether they see the customers and accounts of a branch."""
        return self.branch == branch or self.may(_ALL_BRANCHES)


PERSONAS: tuple[Persona, ...] = (
    *(Persona(role.value, role.label, f"M{1001 + place}", (role,)) for place, role in enumerate(Role)),
    Persona("two_roles", _("Teller and first reviewer"), "M1010", (Role.TELLER, Role.FIRST_REVIEWER)),
    Persona("stand_in", _("Stand-in of a first reviewer"), "M1011", (Role.FIRST_REVIEWER,)),
    Persona("elsewhere", _("Teller of another branch"), "M1015", (Role.TELLER,), branch=ELSEWHERE),
    Persona("outsider", _("Staff without a role"), "M1012"),
    Persona("disabled", _("Disabled, session open"), "M1013", (Role.OPERATOR, Role.FIRST_REVIEWER), Entry.DISABLED),
    Persona("password_only", _("Without second factor"), "M1014", (Role.OPERATOR,), Entry.PASSWORD_ONLY),
    Persona("nobody", _("Not signed in"), "", (), Entry.NOT_SIGNED_IN),
)
# Those whom the others need: the reviewer who is away, second people for each review, somebody who left.
SUPPORTING: tuple[Persona, ...] = (
    Persona("away", "", "M2001", (Role.FIRST_REVIEWER,)),
    Persona("first_reviewer_2", "", "M2002", (Role.FIRST_REVIEWER,)),
    Persona("final_reviewer_2", "", "M2003", (Role.FINAL_REVIEWER,)),
    Persona("final_reviewer_3", "", "M2004", (Role.FINAL_REVIEWER,)),
    Persona("risk_analyst_2", "", "M2008", (Role.RISK_ANALYST,)),
    Persona("finance_2", "", "M2009", (Role.FINANCE,)),
    Persona("administrator_2", "", "M2005", (Role.ADMINISTRATOR,)),
    Persona("somebody", "", "M2006", (Role.CUSTOMER_SERVICE,)),
    Persona("leaver", "", "M2007", (Role.TELLER,)),
)


def hire(persona: Persona, branch: Branch, now: datetime) -> User:
    """Hire somebody and walk them through the first sign-in, an hour ago."""
    earlier = now - timedelta(hours=1)
    user, _temporary = hire_user(
        employee_number=persona.number,
        full_name=f"{persona.key.replace('_', ' ').title()} {persona.number}",
        branch=branch,
        roles=persona.roles,
        actor=ACTOR,
        reason=REASON,
        now=earlier,
    )
    user = replace_temporary_password(user=user, new=_PASSWORD, now=earlier)
    confirm_enrolment(user=user, code=_shown(begin_enrolment(user=user), earlier), now=earlier)
    make_recovery_codes(user=user, now=earlier)
    mark_recovery_codes_stored(user=user, now=earlier)
    return user


def code_of(user: User, *, now: datetime) -> str:
    """Return a code that would be accepted at `now`: of this half minute or, when that is used up, of the next."""
    device = OneTimeCodeDevice.objects.select_related("user").get(user=user)
    return _shown(device, now + _STEP if device.last_step >= one_time_codes.step_at(now) else now)


def used_code_of(user: User) -> str:
    """Return the code that somebody used last."""
    device = OneTimeCodeDevice.objects.select_related("user").get(user=user)
    at = datetime.fromtimestamp(device.last_step * one_time_codes.STEP_SECONDS, tz=clock.now().tzinfo)
    return _shown(device, at)


def sign_in(persona: Persona, user: User | None) -> SimpleCookie:
    """Bring somebody as far as they come, and return the cookies of their browser."""
    client = Client()
    if user is None:
        return client.cookies
    if persona.entry is Entry.PASSWORD_ONLY:
        _without_second_factor(client, user)
        return client.cookies
    _through_the_pages(client, user)
    if persona.entry is Entry.DISABLED:
        # Without the service, which ends the sessions: the session must be worthless even so.
        user.is_active = False
        user.save(update_fields=["is_active"])
    return client.cookies


def stay(browsers: Iterable[SimpleCookie], now: datetime) -> None:
    """Have everybody be seen at their browser.

    Unseen for a minute, each of their tries would begin with writing down that they are there; unseen for a quarter of an
    hour, nobody would be let in any more.
    """
    for cookies in browsers:
        if settings.SESSION_COOKIE_NAME in cookies:
            session = SessionStore(cookies[settings.SESSION_COOKIE_NAME].value)
            session_clock.start(session, now)
            session.save()


def _through_the_pages(client: Client, user: User) -> None:
    client.post(reverse("staff:sign_in"), {"employee_number": user.employee_number, "password": _PASSWORD})
    client.post(reverse("staff:enter_code"), {"code": code_of(user, now=clock.now())})
    if SESSION_KEY not in client.session:
        raise RuntimeError(f"{user} could not sign in; every refusal below would prove nothing")


def _without_second_factor(client: Client, user: User) -> None:
    client.force_login(user, backend="staff.backends.RoleBackend")
    session = client.session
    session_clock.start(session, clock.now())
    session.save()


def _shown(device: OneTimeCodeDevice, at: datetime) -> str:
    return one_time_codes.code_at(secret_of(device), at)
