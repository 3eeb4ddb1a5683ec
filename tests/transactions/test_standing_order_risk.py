"""Payments of standing orders that risk stops: not made, tried again, and put before somebody once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.models import Account
from risk.models import Alert, Assessment, VelocityTail, VersionState
from tests.accounts.factories import ledger_of, make_account, make_customer
from tests.risk.rules.made import move
from tests.transactions.risk_cases import stopping
from tests.transactions.standing_order_cases import make_order, pay
from transactions.models import StandingOrderRun, Transaction
from transactions.verification import verify_books

pytestmark = pytest.mark.django_db
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
    elsewhere = paid.get(kind="PAYMENT_OUT")
    assert '"account":"87144583"' in Assessment.objects.get(movement=elsewhere.public_id).facts


def test_what_risk_stops_is_tried_again_with_one_alert_and_the_others_are_paid(li: Account, wang: Account) -> None:
    version = stopping()
    make_order(li, wang, "666.00", retry_days=5)
    make_order(li, wang, "100.00")
    assert pay(DUE) == {"paid": 1, "postponed": 1, "skipped": 0}
    run = StandingOrderRun.objects.get(state="RETRYING")
    assert (run.refusal, run.transaction, ledger_of(wang)) == ("under_review", None, "100.00")
    (alert,) = Alert.objects.all()
    assert (alert.stopped, alert.movement_id, alert.amount, alert.raised_count) == (True, "", 66_600, 1)
    pay(DUE + timedelta(days=1))
    alert.refresh_from_db()
    assert (Alert.objects.count(), alert.raised_count) == (1, 2)

    move(version, VersionState.RETIRED)
    again = pay(DUE + timedelta(days=4))
    assert (again["paid"], ledger_of(wang), outgoing()) == (1, "766.00", 2)
    assert verify_books().ok
