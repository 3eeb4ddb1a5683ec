"""The pages of rules: written without a script, read in words, and who may do what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from approvals.models import ApprovalRequest
from bankops.core import clock
from risk.facts import Facts, Party
from risk.models import AlertOutcome, Rule, RuleBacktest, RuleSnooze, RuleVersion, VersionState
from risk.services import rules
from risk.tasks import work_off_backtests
from staff.models import Branch, User
from staff.roles import Role
from tests.accounts.factories import make_account, make_customer
from tests.approvals.factories import approve_all
from tests.desk import address, key_of, words
from tests.personas import SignIn, hire
from tests.risk.rules.kept import PAST, assessed, decided, keeping, stored
from tests.risk.rules.made import NOW, make_rule, make_version
from tests.risk.rules.wishes import REN, STRICTER, create
from tests.transactions.shipped import Shipped
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db

LIST = reverse("admin:risk_rule_changelist")
NEW = reverse("admin:risk_rule_new_rule")
ASSIST = reverse("admin:risk_rule_assist")
WRITTEN = {
    "key": "many_small",
    "name": "Many small ones",
    "purpose": "Finds programs at work.",
    "family": "BEHAVIOUR",
    "source_kind": "BANK",
    "source": "Our cases",
    "reason_code": "velocity",
    "owner": "Fraud desk",
    "condition": 'amount < money("10 CNY")\nand kind == "transfer"',
    "outcome": "REVIEW",
    "weight": "120",
    "explains": "A small one.",
    "note": "First words",
    "edition": "",
    "movement": "",
}


@pytest.fixture
def analyst(shipped_bank: Shipped, branch: Branch) -> User:
    return hire("R1", "Rao Min", Role.RISK_ANALYST, branch)


@pytest.fixture
def desk(analyst: User, signed_in_client: SignIn) -> Client:
    return signed_in_client(analyst)


def test_a_rule_is_written_tried_and_asked_for(desk: Client) -> None:
    answer = desk.post(NEW, {**WRITTEN, "idempotency_key": key_of(desk.get(NEW))})
    assert answer.status_code == 302
    rule = Rule.objects.get()
    version = rule.versions.get()
    assert version.condition == 'amount < money("10 CNY") and kind == "transfer"'
    page = words(desk.get(address(rule)))
    assert "Hits when amount is less than CNY 10.00 and kind of movement is “transfer”." in page
    assert "Many small ones" in page
    answer = desk.post(
        address(rule, "activate_rule"), {"version": "1.1", "reason": "Cases", "idempotency_key": "k1"}, follow=True
    )
    assert "Waits for approval" in words(answer)
    assert "No back-test was made" in words(answer)
    approve_all(ApprovalRequest.objects.get())
    assert rule.versions.get().state == VersionState.ACTIVE


def test_every_fault_is_told_with_its_place(desk: Client) -> None:
    wrong = {**WRITTEN, "condition": 'hour < 6\nand amuont > money("5 CNY") and kind == "tranfer"'}
    with nothing_changes():
        answer = desk.post(NEW, {**wrong, "idempotency_key": "k1"})
    assert answer.status_code == 422
    page = words(answer)
    assert "2 things are wrong with it:" in page
    assert "Line 2, column 5: There is no fact “amuont”. Did you mean amount?" in page
    assert '<mark class="bk-wrong-here">amuont</mark>' in answer.content.decode()
    assert '<mark class="bk-wrong-here">&quot;tranfer&quot;</mark>' in answer.content.decode()


def test_a_draft_is_edited_in_the_edition_that_was_seen(desk: Client) -> None:
    version = create()
    door = address(version.rule, "edit_draft")
    form = desk.get(door)
    assert "amount &gt; money(&quot;50000 CNY&quot;) and hour &lt; 6" in form.content.decode()
    sent = {**WRITTEN, "edition": "1", "idempotency_key": key_of(form)}
    rules.edit_draft(version_id=version.pk, edition=1, draft=STRICTER, actor=REN, now=NOW)
    with nothing_changes():
        answer = desk.post(door, sent)
    assert (answer.status_code, "risk_rule_draft_moved" in answer.content.decode()) == (409, True)
    assert desk.post(door, {**sent, "edition": "2"}).status_code == 302
    assert RuleVersion.objects.get().weight == 120


def test_a_new_version_begins_with_what_the_last_one_says(desk: Client) -> None:
    version = make_version(state=VersionState.ACTIVE)
    door = address(version.rule, "new_version")
    assert "A large amount at night." in desk.get(door).content.decode()
    assert desk.post(door, {**WRITTEN, "idempotency_key": "k1"}).status_code == 302
    page = words(desk.get(address(version.rule)))
    assert "What is different from version 1" in page
    assert [one.number for one in version.rule.versions.order_by("number")] == [1, 2]


def test_a_condition_is_tried_on_a_past_movement(desk: Client) -> None:
    tried = {**WRITTEN, "condition": 'amount > money("20000 CNY") and hour < 6', "movement": "TR-25", "try": "1"}
    with keeping([stored(25)]), nothing_changes():
        page = words(desk.post(NEW, tried))
        assert "TR-25 : it hits." in page
        assert "amount CNY 25,000.00 is more than CNY 20,000.00: yes" in page
        assert "hour of the day (1) is less than 6: yes" in page
        assert "Nothing is kept of such a movement" in words(desk.post(NEW, {**tried, "movement": "TR-26"}))
        assert "There is no fact" in words(desk.post(NEW, {**tried, "condition": "amuont > 5"}))


def test_a_movement_is_tried_by_whoever_may_see_its_accounts_only(desk: Client) -> None:
    """To anybody else it is not there: its facts tell of the customer's money."""
    plain, hidden = make_account(), make_account()
    Account.objects.filter(pk=hidden.pk).update(is_confidential=True)
    tried = {**WRITTEN, "condition": "hour < 6", "try": "1", "movement": "TR-25"}
    for payer, payee, seen in ((plain, None, True), (hidden, None, False), (plain, hidden, False)):
        kept = stored(25)
        other = Party(account=payee.public_id, ours=True) if payee else Party(account="6222000", ours=False)
        sender = Party(account=payer.public_id, ours=True)
        facts = replace(Facts.from_json(kept.facts), payer=sender, payee=other)
        with keeping([replace(kept, facts=facts.as_json())]):
            page = words(desk.post(NEW, tried))
        assert ("TR-25 :" in page) is seen
        assert ("Nothing is kept of such a movement" in page) is not seen


def test_the_script_is_told_what_is_wrong_and_what_may_come(desk: Client) -> None:
    with nothing_changes():
        told = desk.post(ASSIST, {"condition": "amuont > 5"}).json()
    assert [(one["code"], one["position"], one["length"]) for one in told["problems"]] == [("rule_unknown_fact", 0, 6)]
    assert (told["words"], told["suggestions"]) == ("", [])
    sound = desk.post(ASSIST, {"condition": "hour < 6 and pay", "position": "16"}).json()
    assert sound["suggestions"][0]["text"].startswith("pay")
    assert {one["from"] for one in sound["suggestions"]} == {13}
    assert desk.post(ASSIST, {"condition": "hour < 6"}).json()["words"] == "hour of the day is less than 6"
    for odd in ("-1", "x", "9" * 30, "٣"):
        assert desk.post(ASSIST, {"condition": "hour", "position": odd}).json()["suggestions"] == []
    long = desk.post(ASSIST, {"condition": "hour < 6 or " * 100_000, "position": "5"}).json()
    assert [one["code"] for one in long["problems"]][:1] == ["rule_too_long"]
    assert desk.get(ASSIST).status_code == 405


@pytest.mark.parametrize("role", [Role.TELLER, Role.CUSTOMER_SERVICE, Role.OPERATOR, Role.ADMINISTRATOR])
def test_who_speaks_with_customers_is_not_told_the_rules(
    role: Role, branch: Branch, roles: None, signed_in_client: SignIn
) -> None:
    rule = make_version(state=VersionState.ACTIVE).rule
    visitor = signed_in_client(hire("X1", "Xu Na", role, branch))
    for page in (LIST, NEW, address(rule), address(rule, "edit_draft")):
        assert visitor.get(page).status_code == 403
    assert visitor.post(ASSIST, {"condition": "hour"}).status_code == 403


def test_reviewers_read_and_do_not_write(shipped_bank: Shipped, signed_in_client: SignIn) -> None:
    rule = make_version(state=VersionState.ACTIVE).rule
    reviewer = signed_in_client(shipped_bank.first[0])
    page = reviewer.get(address(rule))
    assert "A large amount at night." in words(page)
    assert "New version" not in words(page)
    with nothing_changes():
        assert reviewer.post(address(rule, "new_version"), WRITTEN).status_code == 403


def test_the_list_costs_the_same_however_many_there_are(desk: Client, django_assert_max_num_queries: Any) -> None:
    make_version(make_rule("first"), VersionState.ACTIVE)
    desk.get(LIST)
    with django_assert_max_num_queries(14) as few:
        desk.get(LIST)
    for number in range(12):
        make_version(make_rule(f"rule_{number}"), VersionState.SHADOW)
    with django_assert_max_num_queries(14) as many:
        answer = desk.get(LIST)
    assert len(many) == len(few)
    assert words(answer).count("Large amount at night") >= 13


def test_the_list_says_how_each_does(desk: Client) -> None:
    version = make_version(state=VersionState.ACTIVE)
    assert "%" not in words(desk.get(LIST)).partition("Large amount")[2]
    now = clock.now()
    for number in range(8):
        outcome = AlertOutcome.FALSE_POSITIVE if number < 5 else AlertOutcome.CONFIRMED
        decided(number, outcome, REN, now, assessed(number, now - timedelta(days=number), hits=(version,)))
    assert "1 8 63 % of 8" in words(desk.get(LIST))
    assert "63 %" in words(desk.get(address(Rule.objects.get())))
    for state in VersionState.values:
        found = words(desk.get(LIST, {"state": state}))
        assert ("Large amount at night" in found) is (state == VersionState.ACTIVE)


def test_a_rule_is_snoozed_and_the_snooze_ended(desk: Client) -> None:
    rule = make_version(state=VersionState.ACTIVE).rule
    customer = make_customer()
    door = address(rule, "snooze_rule")
    sent = {"customer": customer.number, "reason": "Buys a flat", "idempotency_key": "k1"}
    with nothing_changes():
        answer = desk.post(door, {**sent, "customer": "C-0", "last_day": clock.business_date().isoformat()})
    assert (answer.status_code, "risk_customer_not_found" in answer.content.decode()) == (404, True)
    assert desk.post(door, {**sent, "last_day": clock.business_date().isoformat()}).status_code == 302
    approve_all(ApprovalRequest.objects.get())
    snooze = RuleSnooze.objects.get()
    assert "Buys a flat" in words(desk.get(address(rule)))
    assert customer.number in words(desk.get(reverse("admin:risk_rulesnooze_changelist")))
    assert desk.post(address(snooze, "end_snooze"), {"reason": "Bought it", "idempotency_key": "k2"}).status_code == 302
    assert "ended early" in words(desk.get(address(snooze)))


def test_a_back_test_shows_how_far_it_is_and_what_it_came_to(desk: Client) -> None:
    rule = create().rule
    day = clock.business_date(PAST).isoformat()
    with keeping([stored(number) for number in range(100)]):
        answer = desk.post(address(rule, "run_backtest"), {"version": "1.1", "first_day": day, "last_day": day})
        backtest = RuleBacktest.objects.get()
        assert answer.headers["Location"] == address(backtest)
        progress = desk.get(address(backtest, "progress"), {"asked": "3"})
        assert "0 of 100 movements tried." in words(progress)
        assert "asked=4" in progress.content.decode()
        work_off_backtests()
    assert desk.get(address(backtest, "progress")).headers["HX-Refresh"] == "true"
    page = words(desk.get(address(backtest)))
    assert "100 movements: 13 hits." in page
    assert "2026-11-20" in page
    assert "Back-test of" in words(desk.get(address(rule)))
    assert backtest.public_id in words(desk.get(reverse("admin:risk_rulebacktest_changelist")))


def test_a_running_back_test_is_cancelled(desk: Client) -> None:
    rule = create().rule
    with keeping([stored(1)]):
        day = clock.business_date(PAST).isoformat()
        desk.post(address(rule, "run_backtest"), {"version": "1.1", "first_day": day, "last_day": day})
    backtest = RuleBacktest.objects.get()
    assert desk.post(address(backtest, "cancel_backtest"), {}).status_code == 302
    assert "cancelled" in words(desk.get(address(backtest)))


def test_a_version_is_discarded_and_a_rule_handed_over(desk: Client) -> None:
    rule = create().rule
    for door, sent in {
        "hand_over_rule": {"owner": "Wu Jing", "reason": "Desk moved"},
        "discard_version": {"version": "1.1", "reason": "Not worth it"},
    }.items():
        assert desk.post(address(rule, door), {**sent, "idempotency_key": door}).status_code == 302
    rule.refresh_from_db()
    assert (rule.owner, rule.versions.get().state) == ("Wu Jing", VersionState.RETIRED)


def test_shadow_and_retirement_are_asked_for_at_their_doors(desk: Client) -> None:
    draft = create()
    desk.post(address(draft.rule, "start_shadow"), {"version": "1.1", "reason": "Watch", "idempotency_key": "k1"})
    approve_all(ApprovalRequest.objects.get())
    desk.post(address(draft.rule, "retire_rule"), {"reason": "Noise", "idempotency_key": "k2"})
    approve_all(ApprovalRequest.objects.get(operation="risk.retire_rule"))
    assert RuleVersion.objects.get().state == VersionState.RETIRED
