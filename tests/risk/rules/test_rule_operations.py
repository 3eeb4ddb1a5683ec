"""Rules through the gate: two people agree to what counts, and the database holds it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import Customer
from approvals.models import ApprovalRequest
from bankops.core import clock, operations
from bankops.core.models import AuditEvent
from bankops.core.operations import Description, Outcome
from risk.models import Rule, RuleSnooze, RuleVersion, VersionState
from risk.selectors.rules import live
from risk.services import rule_states, rules, snoozes
from staff.models import Branch, User
from staff.roles import Role
from tests.accounts.factories import make_customer
from tests.approvals.factories import again, approve, approve_all
from tests.personas import hire
from tests.risk.rules.made import NOW, make_rule, make_version, move
from tests.risk.rules.wishes import DRAFT, REN, STRICTER, create, next_version
from tests.transactions.shipped import Shipped, submit
from tests.unchanged import refused, refused_by_database

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(shipped_bank: Shipped) -> Shipped:
    return shipped_bank


@pytest.fixture
def analyst(bank: Shipped, branch: Branch) -> User:
    return hire("R1", "Rao Min", Role.RISK_ANALYST, branch)


@pytest.fixture
def customer() -> Customer:
    return make_customer("Li Hua")


def wish(version: RuleVersion) -> dict[str, Any]:
    return {"rule": version.rule.key, "version": version.number, "edition": version.edition}


def ask(verb: str, by: User, payload: dict[str, Any], reason: str = "Cases of the last month") -> Outcome:
    return submit(f"risk.{verb}", by, payload, reason=reason)


def state_of(version: RuleVersion) -> str:
    return RuleVersion.objects.values_list("state", flat=True).get(pk=version.pk)


def described(verb: str, payload: dict[str, Any]) -> Description:
    return operations.get(f"risk.{verb}").describe(payload)


def active() -> list[tuple[str, str]]:
    return [(rule.key, rule.compiled.text) for rule in live(clock.now()).active]


def test_a_draft_counts_once_two_people_agreed(analyst: User) -> None:
    version = create()
    outcome = ask("activate_rule", analyst, wish(version))
    assert not outcome.done
    approve(outcome.request)
    assert (state_of(version), active()) == ("DRAFT", [])
    assert approve_all(outcome.request).state == "EXECUTED"
    assert active() == [("large_at_night", version.condition)]
    kept = RuleVersion.objects.get()
    assert kept.approval_request_id == outcome.request.public_id
    event = AuditEvent.objects.get(event_type="risk.rule.activated")
    assert (event.actor_name, event.reason) == ("Rao Min", "Cases of the last month")


def test_no_policy_lets_one_person_do_it() -> None:
    assert {"risk.activate_rule", "risk.retire_rule"} <= operations.always_two_people()
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM approvals_protectedoperation WHERE key LIKE 'risk.%' ORDER BY key")
        assert {"risk.activate_rule", "risk.retire_rule"} <= {key for (key,) in cursor.fetchall()}


def test_a_new_version_takes_the_place_of_the_one_before(analyst: User) -> None:
    first = make_version(state=VersionState.ACTIVE)
    second = next_version(first)
    told = described("activate_rule", wish(second))
    assert "in place of version 1" in told.summary
    assert ("50,000.00" in told.changes["Hits when"][0], "20,000.00" in told.changes["Hits when"][1]) == (True, True)
    assert set(told.changes) == {"Hits when", "Condition"}
    assert any("No back-test" in warning for warning in told.warnings)
    approve_all(ask("activate_rule", analyst, wish(second)).request)
    assert (state_of(first), state_of(second)) == ("RETIRED", "ACTIVE")
    assert active() == [("large_at_night", second.condition)]


def test_what_was_edited_meanwhile_is_not_what_they_agreed_to(analyst: User) -> None:
    version = create()
    request = ask("activate_rule", analyst, wish(version)).request
    rules.edit_draft(version_id=version.pk, edition=1, draft=STRICTER, actor=REN, now=NOW)
    approve_all(request)
    assert (again(request).state, state_of(version), active()) == ("STALE", "DRAFT", [])


def test_a_shadow_runs_beside_and_nothing_comes_of_it(analyst: User) -> None:
    first = make_version(state=VersionState.SHADOW)
    second = next_version(first)
    approve_all(ask("start_shadow", analyst, wish(second)).request)
    found = live(clock.now())
    assert (found.active, [rule.compiled.text for rule in found.shadow]) == ((), [second.condition])
    assert state_of(first) == "RETIRED"
    approve_all(ask("activate_rule", analyst, wish(second)).request)
    assert [rule.compiled.text for rule in live(clock.now()).active] == [second.condition]


def test_what_is_sure_to_fail_is_refused_at_once(analyst: User) -> None:
    counting = make_version(state=VersionState.ACTIVE)
    same = rules.draft_version(rule_id=counting.rule_id, draft=DRAFT, actor=REN, now=NOW)
    other = {"rule": "no_such", "version": 1, "edition": 1}
    cases = [
        ("activate_rule", wish(counting), "risk_rule_not_in_state"),
        ("start_shadow", wish(counting), "risk_rule_not_in_state"),
        ("activate_rule", wish(same), "risk_rule_unchanged"),
        ("activate_rule", {**wish(same), "edition": 2}, "risk_rule_draft_moved"),
        ("activate_rule", {**wish(same), "version": 9}, "risk_rule_version_not_found"),
        ("activate_rule", {**wish(same), "version": "1"}, "risk_rule_version_not_found"),
        ("activate_rule", other, "risk_rule_not_found"),
        ("retire_rule", other, "risk_rule_not_found"),
    ]
    for verb, payload, code in cases:
        with refused(code):
            ask(verb, analyst, payload)
    for verb in ("activate_rule", "start_shadow", "retire_rule"):
        with refused("reason_required"):
            ask(verb, analyst, wish(same), reason=" ")


def test_a_draft_that_no_longer_compiles_is_not_asked_for(analyst: User) -> None:
    broken = make_version(condition="payee.shoe_size > 45")
    with refused("rule_invalid"):
        ask("activate_rule", analyst, wish(broken))


def test_a_rule_is_retired_by_two_people(analyst: User) -> None:
    counting = make_version(state=VersionState.ACTIVE)
    told = described("retire_rule", {"rule": "large_at_night"})
    assert told.changes["What comes of it"] == ("hold back until somebody has looked", "")
    approve_all(ask("retire_rule", analyst, {"rule": "large_at_night"}).request)
    assert (state_of(counting), active()) == ("RETIRED", [])
    with refused("risk_rule_not_active"):
        ask("retire_rule", analyst, {"rule": "large_at_night"})


def test_around_the_gate_nothing_begins_to_count_or_stops(bank: Shipped, analyst: User) -> None:
    counting, draft = make_version(state=VersionState.ACTIVE), create(key="another")
    request = ask("activate_rule", analyst, wish(draft)).request
    assert ApprovalRequest.objects.exists()
    with refused_by_database("rule_under_consent"):
        move(draft, VersionState.ACTIVE)
    with refused_by_database("rule_under_consent"):
        move(counting, VersionState.RETIRED)
    approve(request)
    with refused_by_database("rule_under_consent"):
        move(RuleVersion.objects.get(pk=draft.pk), VersionState.ACTIVE)


def test_nobody_calls_the_services_themselves() -> None:
    version = make_version()
    with refused("consent_required"):
        rule_states.activate_rule(version_id=version.pk, edition=1, reason="Now", actor=REN, now=NOW)
    with refused("consent_required"):
        rule_states.start_shadow(version_id=version.pk, edition=1, reason="Now", actor=REN, now=NOW)
    with refused("consent_required"):
        rule_states.retire_rule(rule_id=version.rule_id, reason="Now", actor=REN, now=NOW)


def snooze_wish(rule: Rule, customer: Customer, days: int = 30) -> dict[str, Any]:
    last_day = clock.business_date() + timedelta(days=days)
    return {"rule": rule.key, "customer": customer.public_id, "last_day": last_day.isoformat()}


def test_a_rule_is_passed_over_for_one_customer(analyst: User, customer: Customer) -> None:
    rule = make_version(state=VersionState.ACTIVE).rule
    payload = snooze_wish(rule, customer)
    told = described("snooze_rule", payload)
    assert customer.number in told.summary
    approve_all(ask("snooze_rule", analyst, payload, reason="Buys a flat").request)
    snooze = RuleSnooze.objects.get()
    assert (snooze.reason, snooze.made_by_name) == ("Buys a flat", "Rao Min")
    assert live(clock.now()).snoozed(rule.key, customer.public_id, clock.now())
    last_day = clock.business_date(snooze.until - timedelta(seconds=1))
    assert last_day.isoformat() == payload["last_day"]
    snoozes.end_snooze(snooze_id=snooze.pk, reason="Bought it", actor=REN, now=clock.now())
    assert not live(clock.now()).snoozed(rule.key, customer.public_id, clock.now())
    with refused("risk_snooze_over"):
        snoozes.end_snooze(snooze_id=snooze.pk, reason="Again", actor=REN, now=clock.now())


def test_two_people_agree_to_a_snooze_whatever_policies_say(analyst: User, customer: Customer) -> None:
    rule = make_version(state=VersionState.ACTIVE).rule
    request = ask("snooze_rule", analyst, snooze_wish(rule, customer), reason="Buys a flat").request
    row = {"customer": customer, "since": clock.now(), "reason": "So", "made_by_id": "usr_x", "made_by_name": "Ren"}
    row |= {"until": clock.now() + timedelta(days=40), "approval_request_id": request.public_id}
    with refused_by_database("snooze_under_consent"):
        RuleSnooze.objects.create(rule=rule, **row)
    approve_all(request)
    assert RuleSnooze.objects.get().approval_request_id == request.public_id
    with refused_by_database("snooze_under_consent"):  # it was carried out, and is not consent to another one
        RuleSnooze.objects.create(rule=rule, **row)


@pytest.mark.parametrize(("family", "outcome"), [("LISTED", "REVIEW"), ("BEHAVIOUR", "DECLINE")])
def test_nobody_is_excepted_from_a_list_or_from_what_the_bank_refuses(
    analyst: User, customer: Customer, family: str, outcome: str
) -> None:
    rule = make_version(make_rule(family=family), VersionState.ACTIVE, outcome=outcome).rule
    with refused("risk_rule_not_snoozed"):
        ask("snooze_rule", analyst, snooze_wish(rule, customer))
    with refused_by_database("snooze_never"):
        RuleSnooze.objects.create(
            rule=rule, customer=customer, since=NOW, until=NOW + timedelta(days=1), reason="So", made_by_id="x", made_by_name="x"
        )  # fmt: skip


def test_a_snooze_has_an_end_that_is_near(analyst: User, customer: Customer) -> None:
    rule = make_version(state=VersionState.ACTIVE).rule
    for days in (-1, 90):
        with refused("risk_snooze_end_invalid"):
            ask("snooze_rule", analyst, snooze_wish(rule, customer, days))
    for wrong in ("tomorrow", "9999-12-31", ""):
        with refused("risk_snooze_end_invalid"):
            ask("snooze_rule", analyst, {**snooze_wish(rule, customer), "last_day": wrong})
    with refused("reason_required"):
        ask("snooze_rule", analyst, snooze_wish(rule, customer), reason="")
    with refused("invalid_id"):
        ask("snooze_rule", analyst, {**snooze_wish(rule, customer), "customer": "cus_x"})


def test_until_the_first_request_a_bank_is_set_up_without_consent() -> None:
    assert not ApprovalRequest.objects.exists()
    move(make_version(), VersionState.ACTIVE)
    assert len(active()) == 1
