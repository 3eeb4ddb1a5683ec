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
from notifications.models import Notice
from risk.models import Alert, AlertOutcome, Assessment
from risk.screening import listed
from risk.selectors import lists
from risk.services import payees as risk_payees
from risk.services.alerts import raise_alert, settle_alert
from risk.services.screening import screen_due
from risk.services.screening_delays import LATE
from risk.services.screening_queue import AGAIN
from staff.models import User
from tests.accounts.factories import NOW, ledger_of, make_account, make_customer
from tests.risk.screening.lists import LINES, LISTS, SMERDYAKOV, load
from tests.transactions.standing_order_cases import at, circumstances, fresh, make_order, pay, terms
from tests.unchanged import refused
from transactions import services as transaction_services
from transactions.models import StandingOrder, StandingOrderRun, Transaction
from transactions.services.payee_screening import look_after_payees, screen_due_payees
from transactions.standing_orders import payees, wording

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
    assert StandingOrderRun.objects.get().attempts == 0, "while people look it is not tried"
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


@pytest.mark.parametrize("last", [["new"], ["new", "old"]])
def test_decisions_outlive_the_key_of_the_bank(li: Account, tmp_path: Path, settings: Any, last: list[str]) -> None:
    settings.BANKOPS_ENCRYPTION_KEYS = ["old", *settings.BANKOPS_ENCRYPTION_KEYS]
    cleared, listed_one = make_order(li, payee_name=LISTED), make_order(li, payee_name=LISTED)
    screen_due_payees(now=NOW)
    decide(cleared, AlertOutcome.FALSE_POSITIVE)
    decide(listed_one, AlertOutcome.CONFIRMED)
    settings.BANKOPS_ENCRYPTION_KEYS = ["new", *settings.BANKOPS_ENCRYPTION_KEYS]
    for order in (cleared, listed_one):
        fresh(order).save(update_fields=["payee_name"])  # as `rotate_encryption` does
    settings.BANKOPS_ENCRYPTION_KEYS = last + settings.BANKOPS_ENCRYPTION_KEYS[2:]
    load(tmp_path, *LINES, "4,person,Ivan Karamazov,,,,RU,ARSON", now=NOW + DAY)
    assert screen_due_payees(now=NOW + DAY) == 2
    assert (fresh(cleared).payee_failure, Alert.objects.count()) == ("", 2)
    assert (alert_about(cleared).outcome, alert_about(listed_one).outcome) == ("FALSE_POSITIVE", "CONFIRMED")


def test_a_decision_is_known_again_under_an_older_key_when_the_name_comes_back(li: Account, settings: Any) -> None:
    order = make_order(li, payee_name=LISTED)
    screen_due_payees(now=NOW)
    decide(order, AlertOutcome.CONFIRMED)
    settings.BANKOPS_ENCRYPTION_KEYS = ["new", *settings.BANKOPS_ENCRYPTION_KEYS]
    change(order, payee_name="Jan Dvorak")
    change(order, payee_name=LISTED)
    screen_due_payees(now=NOW)
    assert alert_about(order).outcome == AlertOutcome.CONFIRMED


def test_the_alert_ends_with_the_order(li: Account) -> None:
    order = make_order(li, payee_name=LISTED)
    screen_due_payees(now=NOW)
    transaction_services.suspend_standing_order(order_id=order.pk, version=1, **circumstances())
    assert alert_about(order).is_open
    transaction_services.end_standing_order(order_id=order.pk, version=2, **circumstances())
    alert = alert_about(order)
    assert (alert.state, alert.outcome, alert.settled_elsewhere) == ("CLOSED", "FALSE_POSITIVE", True)
    assert alert.close_reason == "Nobody pays this payee any more."


def test_the_alert_ends_when_somebody_else_is_paid_and_comes_again_with_the_name(li: Account) -> None:
    order = make_order(li, payee_name=LISTED)
    screen_due_payees(now=NOW)
    change(order, payee_name="Jan Dvorak")
    assert Alert.objects.get().state == "CLOSED"
    change(order, payee_name=LISTED)
    screen_due_payees(now=NOW)
    assert alert_about_open(order).reasons.get().code == "payee_strong"
    assert pay(DUE)["paid"] == 0, "nobody has decided anything"


def test_the_alert_stays_when_the_same_payee_has_another_account(li: Account) -> None:
    order = make_order(li, payee_name=LISTED)
    screen_due_payees(now=NOW)
    change(order, counterparty_account="87144584", payee_name=LISTED)
    assert screen_due_payees(now=NOW) == 1
    assert (alert_about(order).is_open, Alert.objects.count()) == (True, 1)


def test_what_people_decided_is_not_touched_when_somebody_else_is_paid(li: Account) -> None:
    order = make_order(li, payee_name=LISTED)
    screen_due_payees(now=NOW)
    decide(order, AlertOutcome.FALSE_POSITIVE)
    change(order, payee_name="Jan Dvorak")
    change(order, payee_name=LISTED)
    screen_due_payees(now=NOW)
    assert (Alert.objects.count(), pay(DUE)["paid"]) == (1, 1)


def alert_about_open(order: StandingOrder) -> Alert:
    return Alert.objects.get(dedupe_key=fresh(order).payee_alert, state="NEW")


def test_an_order_whose_payee_cannot_be_read_is_named_anew_or_ended(li: Account) -> None:
    named, ended = unreadable(make_order(li)), unreadable(make_order(li))
    anew = terms(payee_name=LISTED)
    assert wording.differences(fresh(named), anew) == {"Payee's name": ("•••", LISTED)}
    change(named, payee_name=LISTED)
    assert screen_due_payees(now=NOW) == 2
    assert alert_about(named).is_open
    transaction_services.end_standing_order(order_id=ended.pk, version=1, **circumstances())
    assert fresh(ended).state == "ENDED"


def unreadable(order: StandingOrder) -> StandingOrder:
    """Let the payee's name not open any more."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE transactions_standingorder SET payee_name = %s WHERE id = %s", [b"\x00" * 60, order.pk])
    return order


def test_a_name_that_cannot_be_read_keeps_no_other_payee_waiting(li: Account, risk_analyst: User) -> None:
    broken, found = unreadable(make_order(li)), make_order(li, payee_name=LISTED)
    assert screen_due_payees(now=NOW) == 2
    assert alert_about(found).is_open
    left = fresh(broken)
    assert (left.payee_lists_version, left.payee_failure, left.payee_looked_at) == (None, "CannotDecrypt", NOW)
    told = Notice.objects.get(recipient=risk_analyst)
    assert (told.kind, told.words) == ("risk.screening.payee_failed", {"order": broken.public_id, "count": 1})
    assert told.link == f"/admin/transactions/standingorder/{broken.pk}/change/"
    assert screen_due_payees(now=NOW + AGAIN - timedelta(seconds=1)) == 0
    assert screen_due_payees(now=NOW + AGAIN) == 1


def test_it_is_not_paid_although_it_was_on_no_list_and_the_others_are(li: Account) -> None:
    broken, other = make_order(li), make_order(li, amount="200.00")
    assert screen_due_payees(now=NOW) == 2
    unreadable(broken)
    assert pay(DUE) == {"paid": 1, "postponed": 1, "skipped": 0}
    assert (StandingOrderRun.objects.get(state="PAID").order, why_stopped()) == (other, ["payee_unscreened"])


def test_one_that_cannot_be_told_of_is_taken_back_alone(li: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, found = make_order(li, payee_name=LISTED), make_order(li, payee_name=LISTED)

    def failing(**told: Any) -> Alert:
        alert = raise_alert(**told)
        if broken.public_id in told["about"].dedupe_key:
            raise ValueError("after it was written")
        return alert

    monkeypatch.setattr(risk_payees, "raise_alert", failing)
    assert screen_due_payees(now=NOW) == 2
    assert (fresh(broken).payee_failure, fresh(broken).payee_alert) == ("ValueError", "")
    assert Alert.objects.get() == alert_about(found)
    monkeypatch.undo()
    assert screen_due_payees(now=NOW + AGAIN) == 1
    assert alert_about(broken).is_open


def test_who_was_held_against_lists_of_before_is_not_paid_for_long(li: Account, tmp_path: Path) -> None:
    make_order(li)
    later = make_order(li, first_date=DUE + DAY, day=6)
    screen_due_payees(now=NOW)
    load(tmp_path, *LINES, "4,person,Ivan Karamazov,,,,RU,ARSON", now=at(DUE) - LATE)
    assert pay(DUE)["paid"] == 1
    assert pay(DUE + DAY) == {"paid": 0, "postponed": 1, "skipped": 0}
    assert why_stopped() == ["payee_unscreened"]
    screen_due_payees(now=at(DUE + DAY))
    decide_stopped = Alert.objects.get(stopped=True)
    settle(decide_stopped.dedupe_key, AlertOutcome.FALSE_POSITIVE)
    assert (pay(DUE + 4 * DAY)["paid"], StandingOrderRun.objects.get(order=later).state) == (1, "PAID")


def test_an_edition_after_another_gives_nobody_more_time(li: Account, tmp_path: Path) -> None:
    make_order(li)
    screen_due_payees(now=NOW)
    load(tmp_path, *LINES, "4,person,Ivan Karamazov,,,,RU,ARSON", now=at(DUE) - 2 * LATE)
    load(tmp_path, *LINES, "4,person,Ivan Karamazov,,,1975,RU,ARSON", now=at(DUE))
    assert (pay(DUE)["paid"], why_stopped()) == (0, ["payee_unscreened"])


def test_who_waits_too_long_is_told_of(li: Account, risk_analyst: User, tmp_path: Path) -> None:
    order = make_order(li)
    assert not look_after_payees(now=NOW + LATE)
    assert look_after_payees(now=NOW + 2 * LATE)
    told = Notice.objects.get(recipient=risk_analyst)
    assert (told.kind, told.words) == ("risk.screening.late", {"minutes": 30})
    screen_due_payees(now=NOW + 2 * LATE)
    assert not look_after_payees(now=NOW + DAY)
    load(tmp_path, *LINES, "4,person,Ivan Karamazov,,,,RU,ARSON", now=NOW + DAY)
    assert not look_after_payees(now=NOW + DAY + LATE)
    assert look_after_payees(now=NOW + DAY + 2 * LATE)
    unreadable(order)
    screen_due_payees(now=NOW + DAY + 2 * LATE)
    assert not look_after_payees(now=NOW + 2 * DAY), "that is told of already"


def test_payees_country_comes_from_its_bank() -> None:
    assert payees.country("BKCHCNBJ", "1") == "CN"
    assert payees.country("102100099996", "1") == "CN"
    assert payees.country("", "DE89370400440532013000") == "DE"
    assert payees.country("YZ", "87144583") == ""
