"""Payments of standing orders that risk stops: not made, put before somebody, and not made before they have looked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.models import Account
from bankops.core.actor import Actor
from risk.models import Alert, AlertOutcome, Assessment, MovedMoney, VelocityTail, VersionState
from risk.outcomes import Outcome
from risk.services.alerts import settle_alert
from tests.accounts.factories import ledger_of, make_account, make_customer
from tests.risk.assessment.movements import active
from tests.risk.rules.made import move
from tests.transactions.risk_cases import stopping
from tests.transactions.standing_order_cases import at, circumstances, make_order, pay, terms
from transactions import services
from transactions.models import StandingOrderRun, Transaction
from transactions.verification import verify_books

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consented")]
DUE = date(2026, 3, 5)


@pytest.fixture
def li() -> Account:
    return make_account("5000.00", customer=make_customer("Li Hua"))


@pytest.fixture
def wang() -> Account:
    return make_account(customer=make_customer("Wang Fang"))


def outgoing() -> int:
    return VelocityTail.objects.filter(kind="payer").count()


def test_what_nobody_objects_to_is_paid_assessed_and_counted(li: Account, wang: Account) -> None:
    make_order(li, wang, "100.00")
    make_order(li, None, "200.00")
    assert pay(DUE) == {"paid": 2, "postponed": 0, "skipped": 0}
    paid = Transaction.objects.filter(channel="SYSTEM")
    assert {Assessment.objects.get(movement=one.public_id).outcome for one in paid} == {"APPROVE"}
    assert outgoing() == 2
    assert {one.pk for one in paid} <= set(MovedMoney.objects.values_list("pk", flat=True))
    elsewhere = paid.get(kind="PAYMENT_OUT")
    assert '"account":"87144583"' in Assessment.objects.get(movement=elsewhere.public_id).facts


def looked_at(outcome: AlertOutcome) -> None:
    """Close the alert about a payment that was stopped, as its analyst does."""
    (alert,) = Alert.objects.all()
    by = Actor(kind="staff", id="usr_rao", name="Rao Min")
    assert settle_alert(dedupe_key=alert.dedupe_key, outcome=outcome, reason="looked", actor=by, now=at(DUE))


def test_what_risk_stops_waits_for_whoever_looks_and_the_others_are_paid(li: Account, wang: Account) -> None:
    version = stopping()
    make_order(li, wang, "666.00", retry_days=5)
    make_order(li, wang, "100.00")
    assert pay(DUE) == {"paid": 1, "postponed": 1, "skipped": 0}
    run = StandingOrderRun.objects.get(state="RETRYING")
    assert (run.refusal, run.transaction, ledger_of(wang)) == ("under_review", None, "100.00")
    (alert,) = Alert.objects.all()
    assert (alert.stopped, alert.movement_id, alert.amount, alert.raised_count) == (True, "", 66_600, 1)
    move(version, VersionState.RETIRED)
    waits = pay(DUE + timedelta(days=1))
    run.refresh_from_db()
    assert (waits["postponed"], run.attempts, run.refusal, ledger_of(wang)) == (1, 0, "under_review", "100.00")

    looked_at(AlertOutcome.FALSE_POSITIVE)
    again = pay(DUE + timedelta(days=4))
    assert (again["paid"], ledger_of(wang), outgoing()) == (1, "766.00", 2)
    assert MovedMoney.objects.filter(channel="system").count() == 2
    assert verify_books().ok


def test_a_false_alarm_that_the_rule_repeats_is_looked_at_again(li: Account, wang: Account) -> None:
    stopping()
    make_order(li, wang, "666.00", retry_days=5)
    pay(DUE)
    looked_at(AlertOutcome.FALSE_POSITIVE)
    assert pay(DUE + timedelta(days=1))["postponed"] == 1
    assert [alert.state for alert in Alert.objects.order_by("raised_at")] == ["CLOSED", "NEW"]


def test_a_confirmed_one_is_given_up_although_the_rule_no_longer_hits(li: Account, wang: Account) -> None:
    version = stopping()
    make_order(li, wang, "666.00", retry_days=5)
    pay(DUE)
    looked_at(AlertOutcome.CONFIRMED)
    move(version, VersionState.RETIRED)
    assert pay(DUE + timedelta(days=1))["skipped"] == 1
    run = StandingOrderRun.objects.get()
    assert (run.state, run.refusal, ledger_of(wang)) == ("SKIPPED", "payment_declined", "0.00")


def test_one_with_no_day_left_to_be_tried_on_waits_for_whoever_looks(li: Account, wang: Account) -> None:
    version = stopping()
    make_order(li, wang, "666.00", retry_days=0)
    assert pay(DUE) == {"paid": 0, "postponed": 1, "skipped": 0}
    run = StandingOrderRun.objects.get()
    assert (run.state, run.attempts, run.last_attempt) == ("RETRYING", 0, DUE)
    assert pay(DUE + timedelta(days=1))["postponed"] == 1
    move(version, VersionState.RETIRED)
    looked_at(AlertOutcome.FALSE_POSITIVE)
    assert (pay(DUE + timedelta(days=4))["paid"], ledger_of(wang)) == (1, "666.00")


def test_one_whose_tries_are_used_up_waits_too(wang: Account) -> None:
    order = make_order(make_account("100.00", customer=make_customer("Li Hua")), wang, "666.00")
    assert pay(DUE)["postponed"] == 1
    fewer = terms(wang, "666.00", retry_days=0)
    services.change_standing_order(order_id=order.pk, version=1, terms=fewer, **circumstances())
    stopping()
    assert pay(DUE + timedelta(days=1))["postponed"] == 1
    run = StandingOrderRun.objects.get()
    assert (run.attempts, run.refusal) == (1, "under_review")


def test_what_risk_held_back_is_then_tried_as_often_as_its_order_says(wang: Account) -> None:
    version = stopping()
    make_order(make_account("100.00", customer=make_customer("Li Hua")), wang, "666.00", retry_days=1)
    assert pay(DUE)["postponed"] == 1
    move(version, VersionState.RETIRED)
    looked_at(AlertOutcome.FALSE_POSITIVE)
    assert pay(DUE + timedelta(days=1))["postponed"] == 1
    assert StandingOrderRun.objects.get().refusal == "insufficient_funds"
    assert pay(DUE + timedelta(days=4))["skipped"] == 1


def test_what_risk_refuses_is_not_tried_again(li: Account, wang: Account) -> None:
    stopping(Outcome.DECLINE)
    make_order(li, wang, "666.00", retry_days=5)
    assert pay(DUE) == {"paid": 0, "postponed": 0, "skipped": 1}
    run = StandingOrderRun.objects.get()
    assert (run.refusal, Alert.objects.get().stopped, ledger_of(wang)) == ("payment_declined", True, "0.00")


def test_risk_is_told_what_the_payer_has(li: Account, wang: Account) -> None:
    make_order(li, wang, "5000.00")
    active("drained", "payer.available <= amount", outcome=Outcome.BLOCK_AND_REVIEW)
    assert pay(DUE)["postponed"] == 1
