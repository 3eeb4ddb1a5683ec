"""Hire people, and say who may sign in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from axes.handlers.proxy import AxesProxyHandler
from django.core.exceptions import ValidationError
from django.db import transaction

from bankops.core import audit, operations
from bankops.core.actor import Actor
from bankops.core.texts import require_reason
from staff import events, locks, rules
from staff.errors import BranchClosed, EmployeeNumberTaken, InvalidEmployeeNumber, InvalidStaffEmail
from staff.models import Branch, User
from staff.models.user import EMPLOYEE_NUMBER
from staff.passwords import temporary_password
from staff.roles import Role
from staff.services.roles import add_role


class Hired(NamedTuple):
    """Somebody new, and the password to hand over. It is shown this once and stored only as a hash."""

    user: User
    temporary_password: str


@transaction.atomic
def hire_user(
    *,
    employee_number: str,
    full_name: str,
    email: str = "",
    branch: Branch | None,
    roles: Iterable[Role] = (),
    actor: Actor,
    reason: str,
    now: datetime,
) -> Hired:
    """Create somebody who changes the temporary password, and sets up a second factor, at the first sign-in.

    Writes `staff.user.hired`, and `staff.user.role_granted` for each role. Roles are for commands of the server, where
    nobody can approve yet; everybody else hires without and submits `staff.grant_role`.

    :raises RolesNeedApproval: when somebody else wants roles with it.
    :raises InvalidEmployeeNumber: when the number has another form; letter case does not matter.
    :raises EmployeeNumberTaken: when somebody has or had it.
    :raises InvalidStaffEmail: when nothing can be mailed to the address.
    :raises BranchClosed: when nobody works at the branch any more.
    :raises RolesMustStayApart: when the roles may not be held together.
    """
    reason = require_reason(reason)
    wanted = list(roles)
    if wanted:
        rules.refuse_without_approval(actor)
    number, address = _free_employee_number(employee_number), _mailable(email)
    if branch and not locks.lock_branch(branch).is_open:
        raise BranchClosed(branch_code=branch.code)
    password = temporary_password()
    user = User(employee_number=number, full_name=full_name.strip(), email=address, branch=branch, joined_at=now)
    user.set_password(password)
    user._change_reason = reason[:100]  # type: ignore[attr-defined]
    user.save()
    audit.record(events.HIRED, actor=actor, subject=events.about(user), now=now, reason=reason)
    for role in wanted:
        add_role(user, role, actor=actor, reason=reason, now=now)
    return Hired(user, password)


@operations.only_through_gate("staff.disable_user")
@transaction.atomic
def disable_user(*, user: User, actor: Actor, reason: str, now: datetime) -> User:
    """Keep somebody from signing in, and end every session of theirs at its next click. Writes `staff.user.disabled`.

    :raises ConsentRequired: outside the gate.
    :raises CannotChangeOwnRights: for oneself.
    :raises LastAdministrator: when no administrator would be left.
    :raises AlreadyDisabled: when done before.
    """
    reason = require_reason(reason)
    rules.refuse_own(actor, user)
    locks.lock_administrators()
    user = locks.lock_user(user)
    rules.refuse_disabling(user)
    return _set_active(user, active=False, event=events.DISABLED, actor=actor, reason=reason, now=now)


@operations.only_through_gate("staff.enable_user")
@transaction.atomic
def enable_user(*, user: User, actor: Actor, reason: str, now: datetime) -> User:
    """Let somebody sign in again, with the password and second factor they had. Writes `staff.user.enabled`.

    :raises ConsentRequired: outside the gate.
    :raises CannotChangeOwnRights: for oneself.
    :raises NotDisabled: when there is nothing to enable.
    """
    reason = require_reason(reason)
    rules.refuse_own(actor, user)
    user = locks.lock_user(user)
    rules.refuse_enabling(user)
    return _set_active(user, active=True, event=events.ENABLED, actor=actor, reason=reason, now=now)


@transaction.atomic
def unlock_user(*, user: User, actor: Actor, reason: str, now: datetime) -> User:
    """Forget somebody's failed sign-ins before their time is up. Writes `staff.user.unlocked`.

    The wait after wrong one-time codes stays: whoever could end it, again and again, could guess a reviewer's codes.

    :raises CannotChangeOwnRights: for oneself.
    """
    reason = require_reason(reason)
    rules.refuse_own(actor, user)
    forgotten = AxesProxyHandler.reset_attempts(username=user.employee_number)
    detail = {"failed_attempts": forgotten}
    audit.record(events.UNLOCKED, actor=actor, subject=events.about(user), now=now, reason=reason, detail=detail)
    return user


def _set_active(user: User, *, active: bool, event: audit.EventType, actor: Actor, reason: str, now: datetime) -> User:
    user.is_active = active
    user.session_epoch += 1
    user._change_reason = reason[:100]  # type: ignore[attr-defined]
    user.save(update_fields=["is_active", "session_epoch"])
    changes = {"is_active": (not active, active)}
    audit.record(event, actor=actor, subject=events.about(user), now=now, reason=reason, changes=changes)
    return user


def _free_employee_number(text: str) -> str:
    number = text.strip().upper()
    if not re.fullmatch(EMPLOYEE_NUMBER, number):
        raise InvalidEmployeeNumber(employee_number=text)
    if User.objects.filter(employee_number=number).exists():
        raise EmployeeNumberTaken(employee_number=number)
    return number


def _mailable(text: str) -> str:
    address = text.strip()
    try:
        return str(User._meta.get_field("email").clean(address, None))
    except ValidationError:
        raise InvalidStaffEmail(email=address) from None
