"""Hiring, granting, disabling: what an administrator does, and what nobody does to themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bankops.core.actor import Actor
from bankops.core.errors import BankOpsError, ReasonRequired
from bankops.core.models import AuditEvent
from staff import services
from staff.errors import (
    AlreadyDisabled,
    BranchClosed,
    BranchCodeTaken,
    BranchInUse,
    CannotChangeOwnRights,
    EmployeeNumberTaken,
    InvalidEmployeeNumber,
    InvalidStaffEmail,
    LastAdministrator,
    NotDisabled,
    PasswordTooWeak,
    RoleAlreadyHeld,
    RoleNotHeld,
    RolesMustStayApart,
    RolesNeedApproval,
    WrongPassword,
)
from staff.models import Branch, User
from staff.roles import Role
from tests.committed import at_once
from tests.personas import PASSWORD, hire

pytestmark = pytest.mark.usefixtures("consented")

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SYSTEM = Actor.system("test")


@pytest.fixture
def terms(administrator: User) -> dict[str, Any]:
    return {"actor": administrator.as_actor(), "reason": "Because of the test", "now": NOON}


def recorded() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.order_by("id").values_list("event_type", "reason"))


def test_hiring_gives_a_temporary_password_and_a_history(terms: dict[str, Any], branch: Branch) -> None:
    hired = services.hire_user(employee_number=" t2000 ", full_name="Xin Ren", branch=branch, **terms)
    user = User.objects.get(employee_number="T2000")
    assert user.check_password(hired.temporary_password)
    assert user.must_change_password
    assert not user.groups.exists()
    assert [event for event, _ in recorded()] == ["staff.user.hired"]
    assert hired.temporary_password not in str(list(AuditEvent.objects.values()))
    version = user.history.get()  # type: ignore[attr-defined]
    assert version.history_change_reason == "Because of the test"
    assert not hasattr(version, "password")


def test_a_command_of_the_server_hires_with_a_role(terms: dict[str, Any], branch: Branch) -> None:
    by_command = {**terms, "actor": SYSTEM}
    services.hire_user(employee_number="T2000", full_name="Xin Ren", branch=branch, roles=[Role.TELLER], **by_command)
    assert [group.name for group in User.objects.get(employee_number="T2000").groups.all()] == ["teller"]
    assert [event for event, _ in recorded()] == ["staff.user.hired", "staff.user.role_granted"]


@pytest.mark.parametrize(
    "actor", [Actor("staff", "usr_anybody", "Guan Li"), Actor("partner", "par_anybody", "Partner")], ids=str
)
def test_nobody_else_hires_somebody_into_a_role(terms: dict[str, Any], branch: Branch, actor: Actor) -> None:
    people = User.objects.count()
    with pytest.raises(RolesNeedApproval) as refusal:
        services.hire_user(
            employee_number="T2000",
            full_name="Xin Ren",
            branch=branch,
            roles=(role for role in [Role.FINAL_REVIEWER]),
            **{**terms, "actor": actor},
        )
    assert refusal.value.code == "roles_need_approval"
    assert "“Grant role”" in str(refusal.value)
    assert (User.objects.count(), recorded()) == (people, [])


@pytest.mark.parametrize(
    ("number", "wanted", "error"),
    [
        ("T1001", [], EmployeeNumberTaken),
        ("t1001", [], EmployeeNumberTaken),
        ("1001", [], InvalidEmployeeNumber),
        ("", [], InvalidEmployeeNumber),
        ("T2000", [Role.AUDITOR, Role.TELLER], RolesMustStayApart),
        ("T2000", [Role.TELLER, Role.TELLER], RoleAlreadyHeld),
    ],
)
def test_hiring_that_is_refused_leaves_nothing(
    terms: dict[str, Any], teller: User, number: str, wanted: list[Role], error: type[BankOpsError]
) -> None:
    people, by_command = User.objects.count(), {**terms, "actor": SYSTEM}
    with pytest.raises(error):
        services.hire_user(employee_number=number, full_name="Xin Ren", branch=None, roles=wanted, **by_command)
    assert (User.objects.count(), recorded()) == (people, [])


@pytest.mark.parametrize(
    "email", ["nobody", "fang@bank", "fang@bank.example\nBcc: all@bank.example", f"fang@{'ä' * 64}.example"]
)
def test_nobody_is_hired_with_an_address_to_which_nothing_can_be_mailed(terms: dict[str, Any], email: str) -> None:
    people = User.objects.count()
    with pytest.raises(InvalidStaffEmail):
        services.hire_user(employee_number="T2000", full_name="Xin Ren", email=email, branch=None, **terms)
    assert (User.objects.count(), recorded()) == (people, [])


def test_an_address_is_kept_without_the_space_around_it(terms: dict[str, Any]) -> None:
    hired = services.hire_user(
        employee_number="T2000", full_name="Xin Ren", email=" xin@bank.example\n", branch=None, **terms
    )
    assert hired.user.email == "xin@bank.example"


def test_nobody_is_hired_for_a_closed_branch(terms: dict[str, Any]) -> None:
    closed = services.open_branch(code="009", name="Old", **terms)
    closed = services.close_branch(branch=closed, **terms)
    with pytest.raises(BranchClosed):
        services.hire_user(employee_number="T2000", full_name="Xin Ren", branch=closed, **terms)


def test_nobody_is_hired_for_a_branch_that_closes_meanwhile(committed_db: None, terms: dict[str, Any]) -> None:
    lake = services.open_branch(code="009", name="Lakeside", **terms)
    hired, closed = at_once(
        lambda: services.hire_user(employee_number="T2000", full_name="Xin Ren", branch=lake, **terms),
        lambda: services.close_branch(branch=lake, **terms),
    )
    outcome = (type(hired).__name__, type(closed).__name__)
    assert outcome in {("Hired", "BranchInUse"), ("BranchClosed", "Branch")}
    assert Branch.objects.get(code="009").is_open is (outcome[0] == "Hired")


Action = Callable[..., Any]
ON_A_PERSON: list[tuple[str, Action]] = [
    ("grant_role", lambda user, **terms: services.grant_role(user=user, role=Role.TELLER, **terms)),
    ("revoke_role", lambda user, **terms: services.revoke_role(user=user, role=Role.ADMINISTRATOR, **terms)),
    ("disable_user", services.disable_user),
    ("enable_user", services.enable_user),
    ("unlock_user", services.unlock_user),
    ("reset_password", services.reset_password),
    ("reset_second_factor", services.reset_second_factor),
]
CASES = pytest.mark.parametrize("act", [act for _, act in ON_A_PERSON], ids=[name for name, _ in ON_A_PERSON])


@CASES
def test_nobody_changes_their_own_sign_in(terms: dict[str, Any], administrator: User, act: Action) -> None:
    before = User.objects.values().get(pk=administrator.pk)
    with pytest.raises(CannotChangeOwnRights) as refusal:
        act(user=administrator, **terms)
    assert refusal.value.code == "cannot_change_own_rights"
    assert (User.objects.values().get(pk=administrator.pk), recorded()) == (before, [])


@CASES
def test_a_reason_is_needed(terms: dict[str, Any], teller: User, act: Action) -> None:
    with pytest.raises(ReasonRequired):
        act(user=teller, **{**terms, "reason": "  "})
    assert recorded() == []


def test_roles_come_and_go(terms: dict[str, Any], first_reviewer: User) -> None:
    services.grant_role(user=first_reviewer, role=Role.FINAL_REVIEWER, **terms)
    with pytest.raises(RoleAlreadyHeld):
        services.grant_role(user=first_reviewer, role=Role.FINAL_REVIEWER, **terms)
    with pytest.raises(RolesMustStayApart) as refusal:
        services.grant_role(user=first_reviewer, role=Role.AUDITOR, **terms)
    assert refusal.value.code == "roles_must_stay_apart"
    services.revoke_role(user=first_reviewer, role=Role.FIRST_REVIEWER, **terms)
    with pytest.raises(RoleNotHeld):
        services.revoke_role(user=first_reviewer, role=Role.FIRST_REVIEWER, **terms)
    assert [group.name for group in first_reviewer.groups.all()] == ["final_reviewer"]
    changes = AuditEvent.objects.order_by("id").values_list("changes", flat=True)
    assert list(changes) == [{"role": [None, "final_reviewer"]}, {"role": ["first_reviewer", None]}]


def test_disabling_and_enabling(terms: dict[str, Any], teller: User) -> None:
    with pytest.raises(NotDisabled):
        services.enable_user(user=teller, **terms)
    services.disable_user(user=teller, **terms)
    with pytest.raises(AlreadyDisabled):
        services.disable_user(user=teller, **terms)
    services.enable_user(user=teller, **terms)
    assert User.objects.get(pk=teller.pk).is_active
    assert [event for event, _ in recorded()] == ["staff.user.disabled", "staff.user.enabled"]
    assert AuditEvent.objects.first().changes == {"is_active": [True, False]}  # type: ignore[union-attr]


def test_the_last_administrator_who_can_sign_in_stays(
    terms: dict[str, Any], administrator: User, branch: Branch
) -> None:
    second = hire("T1099", "Second", Role.ADMINISTRATOR, branch)
    as_second = {**terms, "actor": second.as_actor()}
    services.disable_user(user=second, **terms)
    for act in (services.disable_user, ON_A_PERSON[1][1]):
        with pytest.raises(LastAdministrator):
            act(user=administrator, **as_second)
    services.enable_user(user=second, **terms)
    services.revoke_role(user=administrator, role=Role.ADMINISTRATOR, **as_second)


def test_two_administrators_who_disable_each_other_at_once_do_not_both_go(
    committed_db: None, terms: dict[str, Any], administrator: User, branch: Branch
) -> None:
    second = hire("T1099", "Second", Role.ADMINISTRATOR, branch)
    results = at_once(
        lambda: services.disable_user(user=second, **terms),
        lambda: services.disable_user(user=administrator, **{**terms, "actor": second.as_actor()}),
    )
    assert sorted(type(result).__name__ for result in results) == ["LastAdministrator", "User"]
    assert User.objects.active().holding(Role.ADMINISTRATOR).count() == 1


def test_ones_own_password_needs_the_present_one_and_a_good_new_one(teller: User) -> None:
    with pytest.raises(WrongPassword):
        services.change_own_password(user=teller, present="no", new="a wholly new password", now=NOON)
    for weak in ("short", PASSWORD, "tang ling tang", "1234567890123"):
        with pytest.raises(PasswordTooWeak):
            services.change_own_password(user=teller, present=PASSWORD, new=weak, now=NOON)
    assert recorded() == []
    services.change_own_password(user=teller, present=PASSWORD, new="a wholly new password", now=NOON)
    assert User.objects.get(pk=teller.pk).check_password("a wholly new password")


def test_a_branch_opens_is_renamed_and_closes_when_nobody_works_there(
    terms: dict[str, Any], teller: User, branch: Branch
) -> None:
    with pytest.raises(BranchCodeTaken):
        services.open_branch(code="001", name="Twin", **terms)
    with pytest.raises(BranchInUse):
        services.close_branch(branch=branch, **terms)
    services.rename_branch(branch=branch, name="Main House", **terms)
    lake = services.open_branch(code="002", name="Lakeside", **terms)
    services.close_branch(branch=lake, **terms)
    with pytest.raises(BranchClosed):
        services.close_branch(branch=lake, **terms)
    assert list(Branch.objects.order_by("code").values_list("name", "is_open")) == [
        ("Main House", True),
        ("Lakeside", False),
    ]
    assert [event for event, _ in recorded()] == ["staff.branch.renamed", "staff.branch.opened", "staff.branch.closed"]
    assert AuditEvent.objects.first().changes == {"name": ["Head Office", "Main House"]}  # type: ignore[union-attr]
