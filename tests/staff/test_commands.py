"""The first people of a bank, by command, and the demo's."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent
from staff import demo, locks
from staff.errors import NotInDemo
from staff.models import Branch, User
from staff.roles import Role
from staff.selectors import active_holders, roles_of
from staff.services import appoint_reviewer, first_people, hire_administrator, sync_roles, verify_code
from staff.services.roles import add_role
from tests.committed import at_once
from tests.elsewhere import Meeting
from tests.staff.conftest import Browser
from tests.unchanged import nothing_changes, refused


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_first_administrator_signs_in_with_the_printed_password(browser: Browser, db: None) -> None:
    printed = run("create_administrator", "e1", "Guan Li")
    password = re.search(r"once: (\S+)", printed)
    assert password
    assert browser.enter_password("E1", password[1]).headers["Location"] == "/sign-in/password/"
    assert roles_of(User.objects.get()) == [Role.ADMINISTRATOR]
    with pytest.raises(CommandError, match="employee_number_taken"):
        run("create_administrator", "E1", "Again", "--emergency", "Phone and codes lost")


def test_the_first_administrator_is_the_only_one_made_so(administrator: User) -> None:
    sync_roles(actor=Actor.system("test"), now=clock.now())
    with nothing_changes(), pytest.raises(CommandError, match=r"--emergency.*administrator_exists"):
        run("create_administrator", "E2", "Gu Ming")
    administrator.is_active = False
    administrator.save(update_fields=["is_active"])
    run("create_administrator", "E2", "Gu Ming")
    assert roles_of(User.objects.get(employee_number="E2")) == [Role.ADMINISTRATOR]


def test_in_an_emergency_the_servers_owner_makes_another_and_the_trail_says_why(administrator: User) -> None:
    run("create_administrator", "E2", "Gu Ming", "--emergency", "Guan Li lost phone and codes")
    assert roles_of(User.objects.get(employee_number="E2")) == [Role.ADMINISTRATOR]
    events = AuditEvent.objects.filter(subject_label="E2").order_by("id")
    assert [(event.event_type, event.actor_kind, event.actor_id, event.reason) for event in events] == [
        ("staff.user.hired", "system", "create_administrator", "Guan Li lost phone and codes"),
        ("staff.user.role_granted", "system", "create_administrator", "Guan Li lost phone and codes"),
    ]


def test_an_emergency_without_a_reason_is_none(administrator: User) -> None:
    sync_roles(actor=Actor.system("test"), now=clock.now())
    with nothing_changes(), pytest.raises(CommandError, match="reason_required"):
        run("create_administrator", "E2", "Gu Ming", "--emergency", " ")


def appoint(number: str, role: Role = Role.FIRST_REVIEWER, reason: str = "The bank is new") -> str:
    return run("appoint_reviewer", number, role.value, "--reason", reason)


def test_a_new_bank_appoints_two_for_each_review_and_no_third(
    roles: None, branch: Branch, teller: User, operator: User, finance: User
) -> None:
    assert "T1001 Tang Ling now holds the role First reviewer." in appoint("t1001")
    appoint("T1002")
    with nothing_changes(), pytest.raises(CommandError, match=r"Grant role.*reviewers_exist"):
        appoint("T1006")
    appoint("T1006", Role.FINAL_REVIEWER)
    assert roles_of(finance) == [Role.FINAL_REVIEWER, Role.FINANCE]
    event = AuditEvent.objects.filter(event_type="staff.user.role_granted").earliest("id")
    assert (event.actor_kind, event.actor_id, event.reason) == ("system", "appoint_reviewer", "The bank is new")
    assert event.changes == {"role": [None, "first_reviewer"]}


def test_who_cannot_sign_in_does_not_count_and_is_not_appointed(
    first_reviewer: User, teller: User, operator: User
) -> None:
    appoint("T1001")
    teller.is_active = False
    teller.save(update_fields=["is_active"])
    appoint("T1002")
    with nothing_changes(), pytest.raises(CommandError, match="cannot_sign_in"):
        appoint("T1001", Role.FINAL_REVIEWER)


@pytest.mark.usefixtures("first_reviewer", "administrator", "teller")
@pytest.mark.parametrize(
    ("number", "reason", "code"),
    [
        ("T9999", "New", "user_not_found"),
        ("T1003", "New", "role_already_held"),
        ("T1009", "New", "roles_must_stay_apart"),
        ("T1001", " ", "reason_required"),
    ],
)
def test_an_appointment_that_is_refused_changes_nothing(number: str, reason: str, code: str) -> None:
    sync_roles(actor=Actor.system("test"), now=clock.now())
    with nothing_changes(), pytest.raises(CommandError, match=code):
        appoint(number, reason=reason)


def test_the_command_appoints_reviewers_only(teller: User) -> None:
    with pytest.raises(CommandError, match="invalid choice"):
        run("appoint_reviewer", "T1001", "administrator", "--reason", "Mine")
    terms: Any = {"reason": "Mine", "now": clock.now()}
    with refused("not_a_reviewing_role"):
        appoint_reviewer(user=teller, role=Role.ADMINISTRATOR, actor=Actor.system("test"), **terms)
    with refused("roles_need_approval"):
        appoint_reviewer(user=teller, role=Role.FINAL_REVIEWER, actor=Actor("staff", "usr_1", "Guan Li"), **terms)
    with refused("roles_need_approval"):
        hire_administrator(employee_number="E2", full_name="Gu Ming", actor=Actor("staff", "usr_1", "Guan Li"), **terms)


@pytest.mark.usefixtures("committed_db", "first_reviewer")
@pytest.mark.parametrize(("locked", "holders"), [(True, 2), (False, 3)])
def test_two_appointments_at_once_do_not_make_a_third_unless_the_lock_is_removed(
    monkeypatch: pytest.MonkeyPatch, teller: User, operator: User, locked: bool, holders: int
) -> None:
    monkeypatch.setattr(first_people, "add_role", _slowly(add_role))
    if not locked:
        monkeypatch.setattr(locks, "lock_role", lambda role: None)
    at_once(_appointing(teller), _appointing(operator))
    assert active_holders(Role.FIRST_REVIEWER).count() == holders


def _slowly(add: Callable[..., None]) -> Callable[..., None]:
    """Return the same that waits for the other after the holders were counted, so that the race always happens."""
    other = Meeting(2)

    def wait_and_add(*args: Any, **terms: Any) -> None:
        other()
        add(*args, **terms)

    return wait_and_add


def _appointing(user: User) -> Callable[[], User]:
    terms: Any = {"actor": Actor.system("test"), "reason": "The bank is new", "now": clock.now()}
    return lambda: appoint_reviewer(user=user, role=Role.FIRST_REVIEWER, **terms)


def test_two_administrators_at_once_are_one(committed_db: None, roles: None) -> None:
    terms: Any = {"full_name": "Guan Li", "actor": Actor.system("test"), "reason": "New bank", "now": clock.now()}
    results = at_once(
        lambda: hire_administrator(employee_number="E1", **terms),
        lambda: hire_administrator(employee_number="E2", **terms),
    )
    assert sorted(type(result).__name__ for result in results) == ["AdministratorExists", "Hired"]


def test_the_demo_has_people_in_every_role_who_can_sign_in_and_enough_to_review(browser: Browser, db: None) -> None:
    people = demo.seed(now=clock.now())
    held = [role for user in people for role in roles_of(user)]
    assert held[: len(Role)] == list(Role), "E1001 to E1009 keep their places"
    assert {role: held.count(role) for role in Role if held.count(role) > 1} == {
        Role.FIRST_REVIEWER: 3,
        Role.FINAL_REVIEWER: 3,
        Role.ADMINISTRATOR: 2,
    }
    assert len(held) == len(people) == len({person.full_name for person in demo.PEOPLE})
    assert Branch.objects.count() == len(demo.BRANCHES)
    browser.enter_password("E1014", demo.PASSWORD)
    assert browser.enter_code(run("demo_code", "e1014").strip()).headers["Location"] == "/admin/"


def test_seeding_twice_adds_nothing(db: None) -> None:
    demo.seed(now=clock.now())
    before = (User.objects.count(), Branch.objects.count(), AuditEvent.objects.count())
    demo.seed(now=clock.now())
    assert (User.objects.count(), Branch.objects.count(), AuditEvent.objects.count()) == before


def test_a_fresh_code_can_be_used_although_the_present_one_was(db: None) -> None:
    now = clock.now()
    user = demo.seed(now=now)[0]
    now += timedelta(seconds=1)
    for _ in range(2):
        verify_code(user=user, code=demo.fresh_code("E1001", now=now), now=now)


def test_outside_the_demo_nobody_is_seeded_and_no_code_is_shown(settings: Settings, teller: User) -> None:
    settings.BANKOPS_DEMO = False
    with pytest.raises(NotInDemo):
        demo.seed(now=clock.now())
    with pytest.raises(NotInDemo):
        demo.current_code("T1001")
    with pytest.raises(CommandError, match="not_in_demo"):
        run("demo_code", "T1001")


def test_production_settings_are_not_the_demos() -> None:
    import ast
    from pathlib import Path

    tree = ast.parse((Path(__file__).resolve().parents[2] / "bankops" / "settings" / "prod.py").read_text())
    values = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "BANKOPS_DEMO"
    ]
    assert values == [False]


def test_somebody_without_a_phone_has_no_code(db: None) -> None:
    with pytest.raises(CommandError, match="no_second_factor"):
        run("demo_code", "E9999")
