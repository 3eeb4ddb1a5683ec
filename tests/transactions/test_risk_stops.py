"""What risk stops on its way through the gate: held back or declined, told, released by two people, posted once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Account, Balance
from approvals.models import ApprovalRequest
from approvals.services.amendments import amend_request
from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.business_days import end_of_business_day
from bankops.core.models import AuditEvent
from bankops.core.operations import Outcome as Submitted
from risk.bands import Band
from risk.checks import held_until_looked_at
from risk.models import Alert, Assessment, RuleHit, VelocityTail
from risk.outcomes import Outcome
from risk.services.cases import open_case
from risk.services.urgency import due_at
from staff.models import Branch, User
from staff.roles import Role
from tests.accounts.factories import cny, ledger_of, make_account, make_customer
from tests.api.callers import LIMITS, give
from tests.approvals.factories import again, also, approve, approve_all, assigned, policy, send_back
from tests.desk import address, words
from tests.partners.factories import make_credential, make_partner
from tests.personas import SignIn
from tests.risk.assessment.movements import active
from tests.transactions.factories import park_transfer
from tests.transactions.raw_books import execute
from tests.transactions.risk_cases import alert_of, analyst, ask_release, decline, said_of, stopping
from tests.transactions.shipped import Shipped, order_transfer, order_withdrawal, parked_in, submit
from tests.transactions.test_duplicate_operations import held_by, pay, system
from tests.unchanged import nothing_changes, refused
from transactions import services as transaction_services
from transactions.duplicates.errors import StoppedByRisk
from transactions.models import HeldBecause, State, Transaction
from transactions.services.held import expire_held, held_until
from transactions.verification import verify_books

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def consent() -> None:
    """Without: here the gate itself lets services run."""


@pytest.fixture
def bank(shipped_bank: Shipped) -> Shipped:
    return shipped_bank


@pytest.fixture
def rao(bank: Shipped, branch: Branch) -> User:
    return analyst(branch)


@pytest.fixture
def li() -> Account:
    return make_account("200000.00", customer=make_customer("Li Hua"))


@pytest.fixture
def wang() -> Account:
    return make_account(customer=make_customer("Wang Fang"))


def held(bank: Shipped, li: Account, wang: Account, **order: Any) -> Transaction:
    row = order_transfer(bank.maker, li, wang, "666.00", **order).result
    assert isinstance(row, Transaction)
    return row


def amend(request: ApprovalRequest, by: User, **changed: str) -> ApprovalRequest:
    payload = {**request.versions.get(number=1).payload, **changed}
    return amend_request(request_id=request.pk, maker=by, payload=payload, reason="typed wrong", now=clock.now())


def counted() -> int:
    return VelocityTail.objects.filter(kind="payer").count()


def test_what_nobody_objects_to_is_posted_assessed_and_counted_once(bank: Shipped, li: Account, wang: Account) -> None:
    row = order_transfer(bank.maker, li, wang, "60.00").result
    said = said_of(row)
    assert (row.state, said.outcome, said.score, said.reference) == (State.POSTED, Outcome.APPROVE, 0, row.reference)
    assert (counted(), Alert.objects.count()) == (1, 0)


def test_a_transfer_that_hits_a_rule_is_held_alerted_released_by_two_and_posted_once(
    bank: Shipped, rao: User, li: Account, wang: Account
) -> None:
    version = stopping()
    outcome = order_transfer(bank.maker, li, wang, "666.00", idempotency_key="form-1")
    row = outcome.result
    assert (outcome.done, outcome.request, row.state, row.held_because) == (
        False,
        None,
        State.HELD,
        HeldBecause.RISK_REVIEW,
    )
    assert (ledger_of(wang), Balance.objects.get(pk=li.pk).held, counted()) == ("0.00", 0, 0)

    said, alert = said_of(row), alert_of(row)
    assert (said.outcome, said.score, said.band) == (Outcome.BLOCK_AND_REVIEW, 400, "medium")
    assert [reason["rule"] for reason in said.reasons] == [version.rule.key]
    assert (alert.score, alert.stopped, alert.amount, alert.assessment_id) == (400, True, 66_600, said.pk)
    assert RuleHit.objects.get().version == version.pk

    with nothing_changes():
        same = order_transfer(bank.maker, li, wang, "666.00", idempotency_key="form-1")
    assert (same.done, same.result) == (False, row)

    asked = ask_release(row, rao)
    assert (asked.done, asked.request.stage_count) == (False, 2)
    approve(asked.request)
    row.refresh_from_db()
    assert row.state == State.HELD, "one of two is not enough"
    approve(asked.request)
    row.refresh_from_db()
    assert (row.state, row.risk_release, row.approval_request) == (State.POSTED, asked.request, asked.request)
    assert (ledger_of(wang), counted(), Assessment.objects.filter(movement=row.public_id).count()) == ("666.00", 1, 2)
    assert verify_books().ok


def test_a_reviewed_one_goes_on_and_somebody_is_told(bank: Shipped, li: Account, wang: Account) -> None:
    stopping(Outcome.REVIEW)
    outcome = order_transfer(bank.maker, li, wang, "666.00")
    alert = alert_of(outcome.result)
    assert (outcome.done, ledger_of(wang), alert.stopped) == (True, "666.00", False)


def test_a_declined_one_is_on_record_and_never_moves(bank: Shipped, rao: User, li: Account, wang: Account) -> None:
    stopping(Outcome.DECLINE)
    outcome = order_transfer(bank.maker, li, wang, "666.00", idempotency_key="form-2")
    row = outcome.result
    assert (outcome.done, outcome.request, row.state, row.held_because) == (False, None, State.DECLINED, "")
    assert (ledger_of(wang), alert_of(row).stopped) == ("0.00", True)
    assert AuditEvent.objects.filter(subject_id=row.public_id, event_type="transactions.transfer.declined").exists()
    with nothing_changes():
        assert order_transfer(bank.maker, li, wang, "666.00", idempotency_key="form-2").result == row
    with refused("not_held"):
        ask_release(row, rao)


@pytest.mark.parametrize("outcome", [Outcome.BLOCK_AND_REVIEW, Outcome.DECLINE])
def test_reviewers_are_not_asked_for_what_risk_stops(
    bank: Shipped, li: Account, wang: Account, outcome: Outcome
) -> None:
    active("large", 'amount > money("50000 CNY")', outcome=outcome)
    stopped = order_transfer(bank.maker, li, wang, "60000.00")
    assert (stopped.done, stopped.request, ApprovalRequest.objects.count()) == (False, None, 0)
    assert Balance.objects.get(pk=li.pk).held == 0


def test_what_was_parked_is_assessed_when_it_is_ordered_and_counted_when_it_is_posted(
    bank: Shipped, li: Account, wang: Account
) -> None:
    request = order_transfer(bank.maker, li, wang, "60000.00").request
    row = parked_in(request)
    assert (said_of(row).outcome, counted()) == (Outcome.APPROVE, 0)
    assert approve_all(request).state == "EXECUTED"
    assert (counted(), Assessment.objects.filter(movement=row.public_id).count()) == (1, 2)


def test_what_is_amended_into_what_risk_stops_is_not_parked(bank: Shipped, li: Account, wang: Account) -> None:
    """An amended request asks for something that the gate did not see when it came in."""
    stopping()
    request = order_transfer(bank.maker, li, wang, "60000.00").request
    with refused("stopped_by_risk"):
        park_transfer(li, wang, cny("666.00"), request)


def risky_are_reviewed() -> None:
    risky = {"field": "risk_band", "operator": "at_least", "value": "high"}
    policy(name="Risky payments", operations=["transactions.transfer"], blocks=[[risky]])


def test_an_unsure_assessment_makes_policies_ask_by_its_band(bank: Shipped, li: Account, wang: Account) -> None:
    """What only raises an alert still tells the policies how risky it is."""
    risky_are_reviewed()
    stopping(Outcome.REVIEW, weight=800)
    request = order_transfer(bank.maker, li, wang, "666.00").request
    assert (parked_in(request).state, said_of(parked_in(request)).band) == (State.AWAITING_APPROVAL, "high")
    assert order_transfer(bank.maker, li, wang, "60.00").done
    assert ledger_of(wang) == "60.00"


def test_its_maker_reads_that_it_waits_and_not_how_risky_it_is(
    bank: Shipped, li: Account, wang: Account, signed_in_client: SignIn
) -> None:
    risky_are_reviewed()
    stopping(Outcome.REVIEW, weight=800)
    request = order_transfer(bank.maker, li, wang, "666.00").request
    page = words(signed_in_client(bank.maker).get(address(request)))
    assert "the bank's own checks ask for it" in page
    assert not [word for word in ("risk high", "at least high", "800") if word in page]


def test_an_amended_one_is_assessed_before_policies_are_asked(bank: Shipped, li: Account, wang: Account) -> None:
    """Without an answer of risk a policy about it counts as met, whatever is asked for."""
    risky_are_reviewed()
    stopping(Outcome.REVIEW, weight=800)
    request = order_transfer(bank.maker, li, wang, "60000.00").request
    send_back(request)
    asked = amend(request, bank.maker, amount="70000.00")
    assert "Risky payments" not in [fired["policy_name"] for fired in asked.versions.get(number=2).fired]


def test_amended_into_what_risk_stops_it_is_refused(bank: Shipped, li: Account, wang: Account) -> None:
    stopping()
    request = order_transfer(bank.maker, li, wang, "60000.00").request
    send_back(request)
    with pytest.raises(StoppedByRisk):
        amend(request, bank.maker, amount="666.00")
    assert (again(request).state, again(request).version, ledger_of(wang)) == ("RETURNED", 1, "0.00")
    assert Alert.objects.get(stopped=True).amount == 66_600


def test_a_withdrawal_is_stopped_too(bank: Shipped, rao: User, li: Account) -> None:
    stopping()
    outcome = order_withdrawal(bank.maker, li, "666.00")
    assert (outcome.done, outcome.result.held_because) == (False, HeldBecause.RISK_REVIEW)
    assert approve_all(ask_release(outcome.result, rao).request).state == "EXECUTED"
    assert ledger_of(li) == "199334.00"
    assert verify_books().ok


def test_a_refund_is_stopped_counts_meanwhile_and_is_released(
    bank: Shipped, rao: User, li: Account, wang: Account
) -> None:
    paid = order_transfer(bank.maker, li, wang, "1000.00").result
    stopping()
    wanted = {"transaction": paid.public_id, "amount": "666.00", "currency": "CNY"}
    outcome = submit("transactions.refund", bank.maker, wanted)
    assert (outcome.done, outcome.result.state) == (False, State.HELD)
    with refused("refund_too_large"):
        submit("transactions.refund", bank.maker, {**wanted, "amount": "500.00"})
    assert approve_all(ask_release(outcome.result, rao).request).state == "EXECUTED"
    assert ledger_of(wang) == "334.00"
    assert verify_books().ok


def test_risk_declines_what_it_held(bank: Shipped, rao: User, li: Account, wang: Account) -> None:
    stopping()
    row = held(bank, li, wang)
    assert decline(row, rao).done
    row.refresh_from_db()
    assert (row.state, row.is_declined_by_risk, ledger_of(wang)) == (State.DECLINED, True, "0.00")
    with refused("not_held"):
        ask_release(row, rao)


@pytest.fixture
def risky(bank: Shipped, li: Account, wang: Account) -> Transaction:
    """A payment held for an alert of high priority, which nobody closes alone."""
    stopping(weight=800)
    return held(bank, li, wang)


@pytest.mark.parametrize(
    ("verb", "outcome", "reason"),
    [("release", "FALSE_POSITIVE", "talked to them"), ("decline", "CONFIRMED", "a mule")],
)
def test_its_alert_is_decided_with_it_and_what_was_found_out_stays_with_risk(
    rao: User, risky: Transaction, verb: str, outcome: str, reason: str
) -> None:
    row = risky
    if verb == "release":
        assert approve_all(ask_release(row, rao).request).state == "EXECUTED"
    else:
        decline(row, rao)
    alert = alert_of(row)
    assert (alert.state, alert.outcome, alert.close_reason) == ("CLOSED", outcome, reason)
    assert (alert.settled_elsewhere, alert.closed_by_id) == (True, rao.public_id)
    review = AuditEvent.objects.get(event_type="transactions.transaction.risk_reviewed")
    assert (review.subject_type, review.subject_id, review.reason) == ("risk_review", row.public_id, reason)
    of_row = AuditEvent.objects.filter(subject_type="transaction", subject_id=row.public_id)
    assert reason not in {one.reason for one in of_row} | {one.reason for one in row.events.all()}


def test_an_alert_in_a_case_is_decided_with_its_case(bank: Shipped, rao: User, li: Account, wang: Account) -> None:
    stopping()
    row = held(bank, li, wang)
    alert = alert_of(row)
    case = open_case(alert_ids=[alert.pk], person=rao, reason="they belong together", now=clock.now())
    decline(row, rao)
    alert.refresh_from_db()
    assert (alert.state, alert.case_id) == ("IN_CASE", case.pk)


@pytest.mark.parametrize("verb", [ask_release, decline])
def test_whoever_made_it_decides_nothing_about_it_in_another_role_either(
    bank: Shipped, rao: User, li: Account, wang: Account, verb: Callable[..., Submitted]
) -> None:
    stopping()
    row = held(bank, li, wang)
    maker = also(bank.maker, Role.RISK_ANALYST)
    with refused("not_by_its_maker"):
        verb(row, maker)


def test_whoever_made_it_agrees_to_nothing_about_it(bank: Shipped, rao: User, li: Account, wang: Account) -> None:
    stopping()
    row = held(bank, li, wang)
    maker = also(bank.maker, Role.FIRST_REVIEWER)
    request = ask_release(row, rao).request
    assert maker not in assigned(request)
    with refused("concerns_reviewer"):
        approve(request, maker)
    assert maker.pk in request.concerns.values_list("person", flat=True)


def test_nobody_but_risk_asks_for_either(bank: Shipped, li: Account, wang: Account) -> None:
    stopping()
    row = held(bank, li, wang)
    for verb in (ask_release, decline):
        with refused("permission_refused"):
            verb(row, bank.maker)


def test_a_possible_duplicate_is_none_of_risks(bank: Shipped, rao: User, li: Account, wang: Account) -> None:
    row = held_by(system(li, wang), li, wang)
    with refused("not_held_by_risk"):
        ask_release(row, rao)


def test_confirming_it_as_genuine_releases_nothing_that_risk_holds(
    bank: Shipped, rao: User, li: Account, wang: Account
) -> None:
    stopping()
    row = held(bank, li, wang)
    with refused("under_review"):
        submit("transactions.release", rao, {"transaction": row.public_id}, reason="both are wanted")


# -- Both causes -------------------------------------------------------------------------------------------------------


@pytest.fixture
def both(bank: Shipped, li: Account, wang: Account) -> Transaction:
    """A partner's payment that looks like another one and that risk stops."""
    credential = system(li, wang)
    pay(credential, li, wang, "666.00")
    stopping()
    row = pay(credential, li, wang, "666.00").result
    assert isinstance(row, Transaction)
    return row


def test_it_is_visible_as_both(both: Transaction) -> None:
    assert (both.held_because, both.twin is not None, both.state) == (HeldBecause.BOTH, True, State.HELD)
    assert both.waits_for_word
    assert both.waits_for_risk


def test_its_partners_word_does_not_post_past_risk(both: Transaction, rao: User, wang: Account) -> None:
    outcome = submit("transactions.release", rao, {"transaction": both.public_id}, reason="both are wanted")
    both.refresh_from_db()
    assert (outcome.done, both.state, both.waits_for_risk, both.waits_for_word) == (False, State.HELD, True, False)
    assert ledger_of(wang) == "666.00"
    assert approve_all(ask_release(both, rao).request).state == "EXECUTED"
    both.refresh_from_db()
    assert (both.state, ledger_of(wang)) == (State.POSTED, "1332.00")
    assert verify_books().ok


def test_risks_release_does_not_post_past_the_duplicate(both: Transaction, rao: User, wang: Account) -> None:
    assert approve_all(ask_release(both, rao).request).state == "EXECUTED"
    both.refresh_from_db()
    assert (both.state, both.waits_for_risk, both.waits_for_word) == (State.HELD, False, True)
    assert both.risk_release is not None
    assert ledger_of(wang) == "666.00"
    assert submit("transactions.release", rao, {"transaction": both.public_id}, reason="two invoices").done
    assert ledger_of(wang) == "1332.00"
    assert verify_books().ok


# -- Repeats -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("bank")
def test_a_known_reference_is_refused_before_anything_is_kept(li: Account, wang: Account) -> None:
    credential = system(li, wang)
    pay(credential, li, wang, "60.00", external_reference="INV-1")
    stopping()
    with refused("duplicate_reference"):
        pay(credential, li, wang, "666.00", external_reference="INV-1")


# -- How it ends -------------------------------------------------------------------------------------------------------


def test_what_nobody_decides_expires(bank: Shipped, rao: User, li: Account, wang: Account, settings: Any) -> None:
    stopping()
    row = held(bank, li, wang)
    settings.BANKOPS_RISK_HELD_DAYS = 2
    over = end_of_business_day(row.created_at, 2)
    assert expire_held(now=over - timedelta(minutes=1), actor=Actor.system("expiry")) == 0
    assert expire_held(now=over, actor=Actor.system("expiry")) == 1
    row.refresh_from_db()
    assert (row.state, alert_of(row).state) == (State.EXPIRED, "NEW")
    with refused("not_held"):
        ask_release(row, rao)


def test_it_waits_out_the_long_holidays(bank: Shipped, li: Account, wang: Account) -> None:
    """The last of September 2026 is a Wednesday; the bank opens again on the eighth of October."""
    stopping()
    row = held(bank, li, wang)
    row.created_at = datetime(2026, 9, 30, 2, 0, tzinfo=UTC)
    alert_due = due_at(Band.LOW, row.created_at)
    assert held_until(row) >= alert_due > row.created_at + timedelta(days=10)


def test_said_to_be_no_duplicate_late_risk_has_its_days_from_then_on(both: Transaction) -> None:
    both.confirmed_genuine_at = both.created_at + timedelta(days=40)
    assert held_until(both) > both.confirmed_genuine_at + timedelta(days=5)


@pytest.mark.parametrize(("days", "faults"), [(5, []), (4, ["risk.E001"])])
def test_it_never_expires_before_its_alert_is_due(settings: Any, days: int, faults: list[str]) -> None:
    settings.BANKOPS_RISK_HELD_DAYS = days
    assert [one.id for one in held_until_looked_at()] == faults


def test_cancelled_while_its_release_waits_the_request_is_stale(
    bank: Shipped, rao: User, li: Account, wang: Account
) -> None:
    stopping()
    row = held(bank, li, wang)
    request = ask_release(row, rao).request
    approve(request)
    transaction_services.cancel_held(
        transaction_id=row.pk, reason="no longer wanted", actor=bank.maker.as_actor(), now=clock.now()
    )
    approve(request)
    assert (again(request).state, ledger_of(wang)) == ("STALE", "0.00")


# -- Around the services -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ("state = 'POSTED', entry_id = 1", "transaction_risk_held_is_released"),
        ("risk_release_id = '{request}', risk_decided_at = now()", "risk_release_given"),
        ("risk_decided_at = now(), risk_release_id = NULL, held_because = ''", "transaction_fixed"),
    ],
)
def test_the_database_posts_nothing_that_risk_held(
    bank: Shipped, li: Account, wang: Account, change: str, refusal: str
) -> None:
    stopping()
    row = held(bank, li, wang)
    request = order_transfer(bank.maker, li, wang, "60000.00").request
    entry = order_transfer(bank.maker, li, wang, "60.00").result.entry_id
    told = change.replace("{request}", str(request.pk)).replace("entry_id = 1", f"entry_id = {entry}")
    with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
        execute(f"UPDATE transactions_transaction SET {told} WHERE id = %s", row.pk)


def test_the_database_takes_no_decision_of_risk_about_anything_else(bank: Shipped, li: Account, wang: Account) -> None:
    """What nobody held back cannot be decided about, and one release is for one payment."""
    stopping()
    one, other = held(bank, li, wang), order_transfer(bank.maker, li, wang, "666.01").result
    posted = order_transfer(bank.maker, li, wang, "60.00").result
    execute("SET LOCAL session_replication_role = replica")
    with pytest.raises(IntegrityError, match="transaction_risk_decides_of_held"), transaction.atomic():
        execute("UPDATE transactions_transaction SET risk_decided_at = now() WHERE id = %s", posted.pk)
    execute("UPDATE transactions_transaction SET risk_decided_at = now(), risk_release_id = id WHERE id = %s", one.pk)
    again_ = f"UPDATE transactions_transaction SET risk_decided_at = now(), risk_release_id = '{one.pk}' WHERE id = %s"
    with pytest.raises(IntegrityError, match="transaction_risk_release_once"), transaction.atomic():
        execute(again_, other.pk)
    execute("UPDATE transactions_transaction SET risk_decided_at = NULL, risk_release_id = NULL WHERE id = %s", one.pk)


def test_a_release_without_consent_is_refused_by_the_service(bank: Shipped, li: Account, wang: Account) -> None:
    stopping()
    row = held(bank, li, wang)
    with refused("consent_required"):
        transaction_services.release_risk_held(
            transaction_id=row.pk,
            reason="quickly",
            actor=bank.maker.as_actor(),
            now=clock.now(),
            business_date=clock.business_date(clock.now()),
            approval_request_id="",
        )


def test_an_assessment_never_changes(bank: Shipped, li: Account, wang: Account) -> None:
    stopping()
    held(bank, li, wang)
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    for statement in (
        "UPDATE risk_assessment SET score = 0",
        "DELETE FROM risk_rulehit",
        "TRUNCATE risk_rulehit",
        "TRUNCATE risk_assessment CASCADE",
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            execute(statement)


@pytest.mark.usefixtures("bank")
def test_a_partner_of_any_kind_is_stopped(li: Account, wang: Account) -> None:
    stopping()
    credential = make_credential(make_partner(limits=LIMITS))
    for account in (li, wang):
        give(credential.partner, account)
    outcome = pay(credential, li, wang, "666.00")
    assert (outcome.done, outcome.result.partner_id) == (False, credential.partner_id)
