"""The first people of a bank. Where nobody can approve yet, whoever runs the server appoints, and the audit trail says so.

These are for the server's own commands; nobody reaches them through the back office.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bankops.core.actor import Actor
from bankops.core.texts import require_reason
from staff import locks, rules
from staff.errors import AdministratorExists, CannotSignIn, NotAReviewingRole, ReviewersExist
from staff.models import User
from staff.roles import Role
from staff.selectors import active_holders
from staff.services.people import Hired, hire_user
from staff.services.roles import add_role

REVIEWING = (Role.FIRST_REVIEWER, Role.FINAL_REVIEWER)
ENOUGH = 2  # holders of a reviewing role; with fewer, one who is away or the maker would stop every review


@transaction.atomic
def hire_administrator(
    *,
    employee_number: str,
    full_name: str,
    email: str = "",
    emergency: bool = False,
    actor: Actor,
    reason: str,
    now: datetime,
) -> Hired:
    """Hire somebody as administrator, as `hire_user` does, and return them with the password to hand over.

    :param emergency: although there is an active administrator, who cannot sign in any more; the reason says how so.
    :raises RolesNeedApproval: for everybody who is not a system process.
    :raises AdministratorExists: when somebody active holds the role, unless in an emergency.
    """
    locks.lock_role(Role.ADMINISTRATOR)
    if not emergency and active_holders(Role.ADMINISTRATOR).exists():
        raise AdministratorExists
    return hire_user(
        employee_number=employee_number,
        full_name=full_name,
        email=email,
        branch=None,
        roles=[Role.ADMINISTRATOR],
        actor=actor,
        reason=reason,
        now=now,
    )


@transaction.atomic
def appoint_reviewer(*, user: User, role: Role, actor: Actor, reason: str, now: datetime) -> User:
    """Give somebody a reviewing role while too few hold it for anything to be reviewed. Writes `staff.user.role_granted`.

    :raises RolesNeedApproval: for everybody who is not a system process.
    :raises NotAReviewingRole: for any role but the two reviewers'.
    :raises ReviewersExist: when two active people hold it; from then on roles go through approvals.
    :raises CannotSignIn: when the person is disabled.
    :raises RoleAlreadyHeld: when there is nothing to give.
    :raises RolesMustStayApart: when another role of theirs forbids it.
    """
    reason = require_reason(reason)
    rules.refuse_without_approval(actor)
    if role not in REVIEWING:
        raise NotAReviewingRole(role=role.label)
    locks.lock_role(role)
    user = locks.lock_user(user)
    if not user.is_active:
        raise CannotSignIn(name=user.full_name)
    if (count := active_holders(role).count()) >= ENOUGH:
        raise ReviewersExist(count=count, role=role.label)
    add_role(user, role, actor=actor, reason=reason, now=now)
    return user
