"""A bank to look at: three branches and people in every role, with known passwords. Refused outside the demo.

Three people for each review and a second administrator, so that reviews rotate and nobody is left to approve their own.

The services are used as everybody uses them, so the demo's audit trail reads like a real first day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from bankops.core import clock
from bankops.core.actor import Actor
from staff import one_time_codes
from staff.errors import NoSecondFactor, NotInDemo
from staff.models import Branch, OneTimeCodeDevice, User
from staff.roles import Role
from staff.services import (
    begin_enrolment,
    confirm_enrolment,
    hire_user,
    make_recovery_codes,
    mark_recovery_codes_stored,
    open_branch,
    sync_roles,
)
from staff.services.passwords import replace_temporary_password
from staff.services.second_factor import secret_of

PASSWORD = "correct horse battery"  # noqa: S105  # the demo prints it; see the README
ACTOR = Actor.system("demo")
_REASON = "The demo's first day"
_PHONES_BEFORE = timedelta(
    minutes=10
)  # so that the codes of the last minutes can still be used, which `partner_demo` does


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demo."""

    employee_number: str
    full_name: str
    role: Role
    branch_code: str


BRANCHES = (
    ("001", "Head Office", "Shanghai", "East"),
    ("002", "Riverside", "Shanghai", "East"),
    ("003", "Lakeside", "Hangzhou", "East"),
)
PEOPLE = (
    Person("E1001", "Tang Ling", Role.TELLER, "002"),
    Person("E1002", "Ou Yan", Role.OPERATOR, "002"),
    Person("E1003", "Fang Rui", Role.FIRST_REVIEWER, "001"),
    Person("E1004", "Feng Lei", Role.FINAL_REVIEWER, "001"),
    Person("E1005", "Ren Xin", Role.RISK_ANALYST, "001"),
    Person("E1006", "Fei Nan", Role.FINANCE, "001"),
    Person("E1007", "Ke Fu", Role.CUSTOMER_SERVICE, "003"),
    Person("E1008", "Shen Ji", Role.AUDITOR, "001"),
    Person("E1009", "Guan Li", Role.ADMINISTRATOR, "001"),
    Person("E1010", "Fu Shen", Role.FIRST_REVIEWER, "002"),
    Person("E1011", "Fan Yu", Role.FIRST_REVIEWER, "003"),
    Person("E1012", "Zhong Shen", Role.FINAL_REVIEWER, "001"),
    Person("E1013", "Zhang Wen", Role.FINAL_REVIEWER, "002"),
    Person("E1014", "Gu Ming", Role.ADMINISTRATOR, "001"),
)


def seed(*, now: datetime) -> list[User]:
    """Make the demo's branches and people where they are missing, and return the people in the order of `PEOPLE`.

    :raises NotInDemo: when the settings are not the demo's.
    """
    demo_only()
    sync_roles(actor=ACTOR, now=now)
    branches = {code: _branch(code, name, city, region, now) for code, name, city, region in BRANCHES}
    return [_person(person, branches[person.branch_code], now) for person in PEOPLE]


def current_code(employee_number: str, *, now: datetime | None = None) -> str:
    """Return the one-time code that somebody's phone would show at `now` (default: at once).

    A code can be used once; the next one comes with the next half minute. `fresh_code` spares the wait.

    :raises NotInDemo: when the settings are not the demo's.
    :raises NoSecondFactor: when nobody of that number has a confirmed phone.
    """
    return one_time_codes.code_at(secret_of(_device(employee_number)), now or clock.now())


def fresh_code(employee_number: str, *, now: datetime | None = None) -> str:
    """Return a code that would be accepted at `now` and has not been used: the present, or else the next step's.

    The tolerance of one step makes two sign-ins within half a minute possible, not three.

    :raises NotInDemo: when the settings are not the demo's.
    :raises NoSecondFactor: when nobody of that number has a confirmed phone.
    """
    device, at = _device(employee_number), now or clock.now()
    if device.last_step >= one_time_codes.step_at(at):
        at += timedelta(seconds=one_time_codes.STEP_SECONDS)
    return one_time_codes.code_at(secret_of(device), at)


def _device(employee_number: str) -> OneTimeCodeDevice:
    demo_only()
    number = employee_number.strip().upper()
    device = (
        OneTimeCodeDevice.objects.select_related("user").filter(user__employee_number=number, confirmed=True).first()
    )
    if device is None:
        raise NoSecondFactor(name=number)
    return device


def _branch(code: str, name: str, city: str, region: str, now: datetime) -> Branch:
    found = Branch.objects.filter(code=code).first()
    return found or open_branch(code=code, name=name, city=city, region=region, actor=ACTOR, reason=_REASON, now=now)


def _person(person: Person, branch: Branch, now: datetime) -> User:
    """Hire somebody and walk them through their first sign-in, as far as it is not done yet."""
    user = User.objects.filter(employee_number=person.employee_number).first()
    if user is None:
        user, _password = hire_user(
            employee_number=person.employee_number,
            full_name=person.full_name,
            branch=branch,
            roles=[person.role],
            actor=ACTOR,
            reason=_REASON,
            now=now,
        )
    if user.must_change_password:
        user = replace_temporary_password(user=user, new=PASSWORD, now=now)
    if not OneTimeCodeDevice.objects.filter(user=user, confirmed=True).exists():
        _set_up_phone(user, now - _PHONES_BEFORE)
    return user


def _set_up_phone(user: User, now: datetime) -> None:
    code = one_time_codes.code_at(secret_of(begin_enrolment(user=user)), now)
    confirm_enrolment(user=user, code=code, now=now)
    make_recovery_codes(user=user, now=now)
    mark_recovery_codes_stored(user=user, now=now)


def demo_only() -> None:
    """:raises NotInDemo: when the settings are not the demo's."""
    if not getattr(settings, "BANKOPS_DEMO", False):
        raise NotInDemo
