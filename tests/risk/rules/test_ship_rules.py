"""The shipped rules come into force on a new bank, and wait as drafts on one at work."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from django.core.management import call_command

from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent
from risk.models import Rule, RuleVersion, VersionState
from risk.rules.shipped import RULES
from risk.selectors.rules import live
from risk.services import rules, shipping
from risk.services.shipping import ship_rules
from staff.models import Branch
from staff.roles import Role
from tests.personas import hire
from tests.risk.rules.made import make_version, move
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


# -- A later release --------------------------------------------------------------------------------------------------


def before(monkeypatch: pytest.MonkeyPatch, **changed: Any) -> None:
    """Ship the rules as an earlier release had `drain`."""
    earlier = [replace(rule, **changed) if rule.key == "drain" else rule for rule in RULES]
    with monkeypatch.context() as patched:
        patched.setattr(shipping, "shipped", lambda _currency: earlier)
        ship()


def drain() -> list[tuple[int, str, int]]:
    return list(Rule.objects.get(key="drain").versions.order_by("number").values_list("number", "state", "weight"))


def test_a_new_bank_gets_what_a_later_release_made_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    before(monkeypatch, weight=10)
    assert "1 of them are new versions" in ship()
    assert drain() == [(1, "RETIRED", 10), (2, "ACTIVE", 220)]
    with nothing_changes():
        ship()


def test_a_bank_at_work_gets_it_as_a_draft_and_the_old_one_counts_until_it_has_agreed(
    shipped_bank: Shipped, branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    before(monkeypatch, weight=10)
    ask("activate_rule", hire("R1", "Rao Min", Role.RISK_ANALYST, branch), wish(create()))
    ship()
    assert drain() == [(1, "ACTIVE", 10), (2, "DRAFT", 220)]
    with nothing_changes():
        ship()


def test_a_draft_that_nobody_asked_for_gives_way(
    shipped_bank: Shipped, branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask("activate_rule", hire("R1", "Rao Min", Role.RISK_ANALYST, branch), wish(create()))
    before(monkeypatch, weight=10)
    ship()
    assert drain() == [(1, "RETIRED", 10), (2, "DRAFT", 220)]


@pytest.mark.parametrize("retires", [True, False], ids=["retired", "changed"])
def test_what_the_bank_decided_about_one_stays(monkeypatch: pytest.MonkeyPatch, *, retires: bool) -> None:
    before(monkeypatch, weight=10)
    mine = Rule.objects.get(key="drain")
    if retires:
        move(mine.versions.get(), VersionState.RETIRED)
    else:
        make_version(mine, VersionState.DRAFT, weight=33)
    with nothing_changes():
        ship()
