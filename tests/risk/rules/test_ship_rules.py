"""The shipped rules come into force on a new bank, and wait as drafts on one at work."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent
from risk.models import Rule, RuleVersion, VersionState
from risk.rules.shipped import RULES
from risk.selectors.rules import live
from risk.services import rules
from risk.services.shipping import ship_rules
from staff.models import Branch
from staff.roles import Role
from tests.personas import hire
from tests.risk.rules.test_rule_operations import ask, wish
from tests.risk.rules.wishes import create
from tests.transactions.shipped import Shipped
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db


def ship() -> str:
    said = io.StringIO()
    call_command("ship_rules", stdout=said)
    return said.getvalue()


def test_a_new_bank_starts_with_them_and_the_trail_says_so() -> None:
    assert f"{len(RULES)} rules added, and active." in ship()
    found = live(clock.now())
    assert [rule.key for rule in found.active] == sorted(rule.key for rule in RULES)
    events = AuditEvent.objects.filter(event_type="risk.rule.activated")
    assert events.count() == len(RULES)
    assert set(events.values_list("actor_name", "reason", "approval_request_id")) == {
        ("ship_rules", "Shipped with bankops", "")
    }


def test_shipping_again_changes_nothing() -> None:
    ship()
    with nothing_changes():
        assert "0 rules added" in ship()


def test_a_bank_at_work_gets_drafts(shipped_bank: Shipped, branch: Branch) -> None:
    analyst = hire("R1", "Rao Min", Role.RISK_ANALYST, branch)
    ask("activate_rule", analyst, wish(create()))
    assert f"{len(RULES)} rules added as drafts" in ship()
    assert set(RuleVersion.objects.values_list("state", flat=True)) == {VersionState.DRAFT}
    assert live(clock.now()).active == ()


def test_what_the_bank_made_of_one_stays() -> None:
    mine = create(key="own_black")
    written = ship_rules(actor=Actor.system("tests"), now=clock.now())
    assert len(written.active) == len(RULES) - 1
    assert list(Rule.objects.get(key="own_black").versions.all()) == [mine]
    rules.hand_over_rule(
        rule_id=mine.rule_id, owner="Wu Jing", reason="Hers", actor=Actor.system("tests"), now=clock.now()
    )
    with nothing_changes():
        ship()
