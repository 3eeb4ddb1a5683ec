"""Who may do what: the matrix, separation of duties, and the groups that follow from it."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from accounts.partner_access import Right
from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent
from staff import roles
from staff.roles import HELD_ALONE, Role, conflict, matrix, permissions_of
from staff.services import sync_roles

SYSTEM = Actor.system("test")
ADMINISTRATIVE_APPS = {"approvals", "core", "notifications", "partners", "staff"}
OWN = ("bankops.core", "staff", "partners", "notifications", "approvals", "accounts", "risk", "transactions")
OWN_APPS = [config.label for config in apps.get_app_configs() if config.name in OWN]


def is_view(permission: str) -> bool:
    return permission.split(".")[1].startswith("view_")


def test_the_auditor_only_views() -> None:
    assert permissions_of(Role.AUDITOR)
    assert all(map(is_view, permissions_of(Role.AUDITOR)))


def test_the_auditor_sees_every_model_that_somebody_may_see() -> None:
    assert {name for name in matrix() if is_view(name)} == permissions_of(Role.AUDITOR)


def test_the_administrator_changes_nothing_outside_people_and_settings() -> None:
    changing = {name for name in permissions_of(Role.ADMINISTRATOR) if not is_view(name)}
    assert changing
    assert {name.split(".")[0] for name in changing} <= ADMINISTRATIVE_APPS


def test_only_the_administrator_manages_people() -> None:
    for permission, holders in matrix().items():
        if permission.startswith("staff.") and not is_view(permission):
            assert holders == {Role.ADMINISTRATOR}, permission


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_nobody_can_declare_a_right_that_breaks_separation_of_duties(role: Role) -> None:
    with pytest.raises(ImproperlyConfigured):
        roles.declare("transactions.invent_money", role)
    assert "transactions.invent_money" not in matrix()


def test_a_right_is_declared_once() -> None:
    with pytest.raises(ImproperlyConfigured):
        roles.declare("staff.hire_user", Role.ADMINISTRATOR, administrative=True)


@pytest.mark.parametrize("alone", sorted(HELD_ALONE))
@pytest.mark.parametrize("other", [role for role in Role if role not in HELD_ALONE])
def test_auditor_and_administrator_stand_alone_whichever_comes_first(alone: Role, other: Role) -> None:
    assert conflict([alone], other) == alone
    assert conflict([other], alone) == other
    assert conflict([], alone) is None


def test_both_reviewers_may_be_one_person_because_requests_keep_them_apart() -> None:
    assert conflict([Role.FIRST_REVIEWER], Role.FINAL_REVIEWER) is None


@pytest.mark.django_db
def test_every_right_that_a_model_owns_is_declared_and_every_declared_one_exists() -> None:
    owned = {
        f"{app}.{codename}"
        for app, codename in Permission.objects.filter(content_type__app_label__in=OWN_APPS)
        .exclude(content_type__model__startswith="historical")
        .values_list("content_type__app_label", "codename")
    }
    # Nobody holds these by role: they are given for one account at a time (accounts.access, accounts.partner_access).
    of_one_account = {f"accounts.{right}" for right in ("view_confidential_account", *Right)}
    assert owned - of_one_account == set(matrix())


@pytest.mark.django_db
def test_no_model_has_djangos_add_change_delete_rights() -> None:
    models = [model for label in OWN_APPS for model in apps.get_app_config(label).get_models()]
    for opts in [model._meta for model in models if not model.__name__.startswith("Historical")]:
        generic = {get_permission_codename(action, opts) for action in ("add", "change", "delete")}
        generic -= {
            codename for codename, _label in opts.permissions
        }  # a verb of the bank's own, such as change_policy
        found = Permission.objects.filter(content_type__app_label=opts.app_label, codename__in=generic)
        assert not found.exists(), opts.label


@pytest.mark.django_db
def test_syncing_makes_groups_exactly_as_declared_and_the_second_time_changes_nothing() -> None:
    assert sync_roles(actor=SYSTEM, now=clock.now()) == list(Role)
    for role in Role:
        pairs = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
        assert {f"{app}.{codename}" for app, codename in pairs} == permissions_of(role)
    before = AuditEvent.objects.count()
    assert sync_roles(actor=SYSTEM, now=clock.now()) == []
    assert AuditEvent.objects.count() == before == len(Role)


@pytest.mark.django_db
def test_syncing_takes_away_what_was_added_behind_its_back_and_records_it() -> None:
    sync_roles(actor=SYSTEM, now=clock.now())
    smuggled = Permission.objects.get(content_type__app_label="staff", codename="grant_role")
    Group.objects.get(name=Role.TELLER).permissions.add(smuggled)
    assert sync_roles(actor=SYSTEM, now=clock.now()) == [Role.TELLER]
    assert not Group.objects.get(name=Role.TELLER).permissions.filter(pk=smuggled.pk).exists()
    before, after = AuditEvent.objects.latest("id").changes["permissions"]
    assert set(before) - set(after) == {"staff.grant_role"}


@pytest.mark.django_db
def test_a_declared_right_without_a_model_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(roles._declared, "staff.fly", frozenset({Role.TELLER}))
    with pytest.raises(LookupError, match=r"staff\.fly"):
        sync_roles(actor=SYSTEM, now=clock.now())
    assert not Group.objects.exists()


@pytest.mark.django_db
def test_the_page_in_the_documentation_is_current() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
    written = StringIO()
    call_command("permission_matrix", stdout=written)
    assert page.read_text().strip() == written.getvalue().strip(), (
        "run: manage.py permission_matrix --write docs/permissions.md"
    )
