"""Payees at other banks: named, held against the lists, and paid only once nobody on them is meant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from accounts import personal_data
from accounts.models import Account
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent
from bankops.core.sealed import Secret
from risk.models import Alert, AlertOutcome, Assessment
from risk.screening import listed
from risk.selectors import lists
from risk.services.alerts import settle_alert
from risk.services.screening import screen_due
from tests.accounts.factories import NOW, ledger_of, make_account, make_customer
from tests.risk.screening.lists import LINES, LISTS, SMERDYAKOV, load
from tests.transactions.standing_order_cases import circumstances, fresh, make_order, pay, terms
from tests.unchanged import refused
from transactions import services as transaction_services
from transactions.models import StandingOrder, StandingOrderRun, Transaction
from transactions.services.payee_screening import screen_due_payees
from transactions.standing_orders import payees

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consented")]

DUE = date(2026, 3, 5)
LISTED = "Dmitri Fyodorovich Karamazov"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def known_lists(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.BANKOPS_LISTS = LISTS
    settings.BANKOPS_LIST_MAX_AGE_DAYS = 30
    listed.forget()
    lists.forget()
    load(tmp_path, *LINES)
    yield
    listed.forget()
    lists.forget()


@pytest.fixture
def li() -> Account:
    customer = make_customer("Li Hua")
    assert screen_due(now=NOW), "nobody is paid, or pays, who was not screened"
    return make_account("5000.00", customer=customer)


def alert_about(order: StandingOrder) -> Alert:
    return Alert.objects.get(dedupe_key=fresh(order).payee_alert)


def decide(order: StandingOrder, outcome: AlertOutcome) -> None:
    settle(fresh(order).payee_alert, outcome)


def settle(key: str, outcome: AlertOutcome) -> None:
    actor = Actor.system("tests")
    assert settle_alert(dedupe_key=key, outcome=outcome, reason="asked the payer", actor=actor, now=NOW)


def why_stopped() -> list[str]:
    (alert,) = Alert.objects.filter(stopped=True)
    return list(alert.reasons.order_by("code").values_list("code", flat=True))


def change(order: StandingOrder, **changed: Any) -> None:
    transaction_services.change_standing_order(
        order_id=order.pk, version=fresh(order).version, terms=terms(**changed), **circumstances()
    )


def test_somebody_on_no_list_is_paid_and_the_facts_say_where(li: Account) -> None:
    order = make_order(li)
    assert screen_due_payees(now=NOW) == 1
    assert pay(DUE)["paid"] == 1
    facts = json.loads(Assessment.objects.get(movement=Transaction.objects.get(kind="PAYMENT_OUT").public_id).facts)
    assert facts["payee"] == {"account": "87144583", "ours": False, "bank": "BKCHCNBJ", "country": "CN"}
    assert (fresh(order).payee_alert, screen_due_payees(now=NOW), Alert.objects.count()) == ("", 0, 0)


def test_nobody_is_paid_who_was_not_held_against_the_lists_yet(li: Account) -> None:
    make_order(li)
    assert pay(DUE)["paid"] == 0
    assert why_stopped() == ["payee_unscreened"]
    screen_due_payees(now=NOW)
    settle(Alert.objects.get(stopped=True).dedupe_key, AlertOutcome.FALSE_POSITIVE)
    assert pay(DUE + DAY)["paid"] == 1


def test_somebody_who_may_be_listed_is_not_paid_until_somebody_has_said_who_it_is(li: Account) -> None:
    order = make_order(li, payee_name=LISTED)
    screen_due_payees(now=NOW)
    alert = alert_about(order)
    assert (alert.kind, alert.priority, alert.about_customers.get().customer) == ("SCREENING", "high", li.customer)
    told = alert.reasons.get()
    assert (told.code, told.values["listed"], told.values["order"]) == ("payee_strong", LISTED, order.public_id)
    assert pay(DUE) == {"paid": 0, "postponed": 1, "skipped": 0}
    assert not Alert.objects.filter(stopped=True).exists(), "the one about the payee decides"
    assert pay(DUE + DAY)["postponed"] == 1
    assert StandingOrderRun.objects.get().attempts == 1, "while people look it is not tried"
    decide(order, AlertOutcome.FALSE_POSITIVE)
    assert (pay(DUE + 4 * DAY)["paid"], ledger_of(li)) == (1, "4900.00")


def test_somebody_who_is_listed_is_never_paid(li: Account) -> None:
    order = make_order(li, payee_name=LISTED)
    screen_due_payees(now=NOW)
    decide(order, AlertOutcome.CONFIRMED)
    assert pay(DUE)["paid"] == 0
    pay(DUE + DAY)
    assert (StandingOrderRun.objects.get().state, ledger_of(li)) == ("SKIPPED", "5000.00")


def test_a_weak_alias_alone_is_nobody(li: Account) -> None:
    make_order(li, payee_name="The Colonel")
    screen_due_payees(now=NOW)
    assert not Alert.objects.exists()


def test_a_changed_list_has_payees_screened_again_and_decisions_stay(li: Account, tmp_path: Path) -> None:
    cleared, later = make_order(li, payee_name=LISTED), make_order(li, payee_name="Ivan Fyodorovich Karamazov")
    assert screen_due_payees(now=NOW) == 2
    decide(cleared, AlertOutcome.FALSE_POSITIVE)
    load(tmp_path, *LINES, "4,person,Ivan Fyodorovich Karamazov,,,,RU,ARSON", now=NOW + DAY)
    assert screen_due_payees(now=NOW + DAY) == 2
    assert alert_about(cleared).outcome == AlertOutcome.FALSE_POSITIVE
    assert alert_about(later).is_open
    assert Alert.objects.filter(dedupe_key=fresh(cleared).payee_alert).count() == 1


def test_an_entry_that_changed_in_what_matters_ends_a_decision(li: Account, tmp_path: Path) -> None:
    order = make_order(li, payee_name="Pavel Fyodorovich Smerdyakov")
    screen_due_payees(now=NOW)
    decide(order, AlertOutcome.FALSE_POSITIVE)
    renamed = SMERDYAKOV.replace("Smerdyakov,,", "Smerdyakov,Pavel Karamazov,")
    load(tmp_path, *(renamed if one == SMERDYAKOV else one for one in LINES), now=NOW + DAY)
    screen_due_payees(now=NOW + DAY)
    assert alert_about(order).is_open


def test_another_name_is_screened_anew_and_the_same_is_not(li: Account) -> None:
    order = make_order(li)
    screen_due_payees(now=NOW)
    change(order, amount="120.00", payee_name="")
    assert fresh(order).payee_name == Secret("Jan Dvorak")
    assert screen_due_payees(now=NOW) == 0
    change(order, payee_name=LISTED)
    assert screen_due_payees(now=NOW) == 1
    assert alert_about(order).is_open


def test_an_order_that_has_ended_is_not_screened(li: Account) -> None:
    order = make_order(li)
    transaction_services.end_standing_order(order_id=order.pk, version=1, **circumstances())
    assert screen_due_payees(now=NOW) == 0


def test_a_payee_at_another_bank_has_a_name(li: Account) -> None:
    with refused("payee_name_missing"):
        make_order(li, payee_name="")
    with refused("text_too_long"):
        make_order(li, payee_name="x" * 141)
    order = make_order(li)
    with refused("payee_name_missing"):
        change(order, counterparty_account="87144584", payee_name="")


def test_one_taken_over_without_a_name_is_paid_as_before(li: Account) -> None:
    order = make_order(li)
    order.payee_name = None
    order.save(update_fields=["payee_name"])
    assert (screen_due_payees(now=NOW), pay(DUE)["paid"]) == (0, 1)


def test_the_name_is_sealed_and_in_no_trail(li: Account) -> None:
    order = make_order(li, payee_name=LISTED)
    screen_due_payees(now=NOW)
    change(order, payee_name="Jan Dvorak")
    with connection.cursor() as cursor:
        cursor.execute("SELECT payee_name FROM transactions_standingorder")
        assert b"Dvorak" not in bytes(cursor.fetchone()[0])
    events = AuditEvent.objects.filter(subject_id=order.public_id)
    assert events.count() == 2
    assert not [one for one in events if "Dvorak" in json.dumps([one.changes, one.detail])]


def test_it_is_revealed_exported_and_erased_with_its_customer(li: Account) -> None:
    order = make_order(li)
    assert li.customer is not None
    parts = dict(personal_data.parts()["payees"].read(li.customer))
    assert list(parts.values()) == ["Jan Dvorak"]
    (told,) = next(list(records) for name, records in personal_data.sections(li.customer) if name == "payees")
    assert (told["standing_order"], told["name"]) == (order.public_id, "Jan Dvorak")
    with transaction.atomic():
        assert personal_data.erase(li.customer, NOW)["payees"] == 1
    assert not fresh(order).payee_name


def test_payees_country_comes_from_its_bank() -> None:
    assert payees.country("BKCHCNBJ", "1") == "CN"
    assert payees.country("102100099996", "1") == "CN"
    assert payees.country("", "DE89370400440532013000") == "DE"
    assert payees.country("YZ", "87144583") == ""
