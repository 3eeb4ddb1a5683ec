"""The first administrator, and the demo's people."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from bankops.core import clock
from bankops.core.models import AuditEvent
from staff import demo
from staff.errors import NotInDemo
from staff.models import Branch, User
from staff.roles import Role
from staff.services import verify_code
from tests.staff.conftest import Browser


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_first_administrator_signs_in_with_the_printed_password(browser: Browser, db: None) -> None:
    printed = run("create_administrator", "e1", "Guan Li")
    password = re.search(r"once: (\S+)", printed)
    assert password
    assert browser.enter_password("E1", password[1]).headers["Location"] == "/sign-in/password/"
    assert list(User.objects.get().groups.values_list("name", flat=True)) == [Role.ADMINISTRATOR]
    with pytest.raises(CommandError, match="employee_number_taken"):
        run("create_administrator", "E1", "Again")


def test_the_demo_has_one_person_per_role_who_can_sign_in(browser: Browser, db: None) -> None:
    people = demo.seed(now=clock.now())
    assert [list(user.groups.values_list("name", flat=True)) for user in people] == [[role.value] for role in Role]
    assert Branch.objects.count() == len(demo.BRANCHES)
    browser.enter_password("E1001", demo.PASSWORD)
    assert browser.enter_code(run("demo_code", "e1001").strip()).headers["Location"] == "/admin/"


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
