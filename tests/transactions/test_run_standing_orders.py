"""Standing orders are paid on their days: each once, or again on the next business days, or skipped and told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts import chart
from accounts.models import Restriction
from bankops.core.models import AuditEvent, OutboxMessage
from tests.accounts.factories import cny, freeze, ledger_of, make_account, own_account, release
from tests.concurrency.racing import execute
from tests.transactions.factories import deposit
from tests.transactions.standing_order_cases import circumstances, fresh, make_order, pay, terms
from tests.unchanged import nothing_changes, refused_by_database
from transactions import services as transaction_services
from transactions.models import Channel, Kind, OrderState, StandingOrder, StandingOrderRun, Transaction
from transactions.models.standing_order import RunState
from transactions.services import standing_order_runs
from transactions.verification import verify_books

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consented")]

FIFTH = date(2026, 3, 5)  # a Thursday
FRIDAY, MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 6), date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 11)


def test_on_its_day_it_is_paid_to_an_account_here() -> None:
    li, wang = make_account("500.00"), make_account()
    order = make_order(li, wang, purpose="Rent")
    assert pay(FIFTH - timedelta(days=1)) == {"paid": 0, "postponed": 0, "skipped": 0}
    assert pay(FIFTH) == {"paid": 1, "postponed": 0, "skipped": 0}
    assert (ledger_of(li), ledger_of(wang)) == ("400.00", "100.00")
    run = StandingOrderRun.objects.get()
    row = Transaction.objects.get(channel=Channel.SYSTEM)
    assert (run.state, run.date, run.transaction) == (RunState.PAID, FIFTH, row)
    assert (row.kind, row.narrative, row.booking_date) == (Kind.TRANSFER, "Rent", FIFTH)
    assert (row.maker_name, row.external_reference) == ("standing_orders", order.public_id)
    assert row.idempotency_key == f"so:{order.public_id}:2026-03-05"
    assert (fresh(order).next_date, fresh(order).state) == (date(2026, 4, 5), OrderState.ACTIVE)
    event = AuditEvent.objects.get(event_type="transactions.standing_order.paid")
    assert (event.subject_id, event.detail["standing_order"]) == (row.public_id, order.public_id)
    assert OutboxMessage.objects.get(topic="transactions.standing_order.paid").payload["amount"] == "100.00"
    assert verify_books().ok


def test_a_payee_at_another_bank_is_paid_through_the_balance_with_other_banks() -> None:
    li = make_account("500.00")
    make_order(li)
    pay(FIFTH)
    row = Transaction.objects.get(kind=Kind.PAYMENT_OUT)
    assert row.counterparty == "BKCHCNBJ 87144583"
    assert row.credit_account == own_account(chart.NOSTRO)
    assert ledger_of(own_account(chart.NOSTRO)) == "-100.00"


def test_run_again_it_pays_nothing_more() -> None:
    make_order(make_account("500.00"))
    pay(FIFTH)
    with nothing_changes():
        assert pay(FIFTH) == {"paid": 0, "postponed": 0, "skipped": 0}


def test_a_holiday_puts_it_off_and_the_date_stays_that_of_the_schedule() -> None:
    """5 April 2026 is a Sunday and 6 April the day of the Qingming Festival."""
    order = make_order(make_account("500.00"), first_date=date(2026, 4, 5))
    assert order.next_due == date(2026, 4, 7)
    pay(date(2026, 4, 6))
    assert not StandingOrderRun.objects.exists()
    pay(date(2026, 4, 7))
    run = StandingOrderRun.objects.get()
    assert (run.date, run.last_attempt) == (date(2026, 4, 5), date(2026, 4, 7))


def test_dates_that_were_missed_are_paid_each_as_one_transaction() -> None:
    li = make_account("500.00")
    make_order(li)
    assert pay(date(2026, 5, 7)) == {"paid": 3, "postponed": 0, "skipped": 0}
    assert ledger_of(li) == "200.00"
    assert [run.date.month for run in StandingOrderRun.objects.order_by("date")] == [3, 4, 5]


def test_the_last_payment_completes_it() -> None:
    order = make_order(make_account("500.00"), last_date=FIFTH)
    pay(FIFTH)
    assert (fresh(order).state, fresh(order).next_date) == (OrderState.COMPLETED, None)


def test_without_money_it_is_tried_again_on_business_days_and_then_skipped_and_told() -> None:
    li = make_account("99.99")
    order = make_order(li, retry_days=2)
    assert pay(FIFTH) == {"paid": 0, "postponed": 1, "skipped": 0}
    run = StandingOrderRun.objects.get()
    assert (run.state, run.refusal, run.next_attempt) == (RunState.RETRYING, "insufficient_funds", FRIDAY)
    assert fresh(order).next_date == date(2026, 4, 5)
    assert pay(FRIDAY) == {"paid": 0, "postponed": 1, "skipped": 0}
    assert pay(FRIDAY + timedelta(days=1)) == {"paid": 0, "postponed": 0, "skipped": 0}  # a Saturday
    assert pay(MONDAY) == {"paid": 0, "postponed": 0, "skipped": 1}
    run.refresh_from_db()
    assert (run.state, run.attempts, run.next_attempt) == (RunState.SKIPPED, 3, None)
    assert ledger_of(li) == "99.99"
    told = OutboxMessage.objects.get(topic="transactions.standing_order.skipped")
    assert (told.payload["refusal"], told.payload["standing_order"]) == ("insufficient_funds", order.public_id)
    assert AuditEvent.objects.filter(event_type="transactions.standing_order.postponed").count() == 2
    deposit(li, cny("100.00"))
    assert pay(TUESDAY) == {"paid": 0, "postponed": 0, "skipped": 0}


def test_money_that_comes_in_time_is_paid_at_the_next_try() -> None:
    li = make_account("99.99")
    make_order(li)
    pay(FIFTH)
    deposit(li, cny("0.01"))
    assert pay(FRIDAY) == {"paid": 1, "postponed": 0, "skipped": 0}
    run = StandingOrderRun.objects.get()
    assert (run.state, run.attempts, run.refusal, ledger_of(li)) == (RunState.PAID, 2, "", "0.00")
    assert verify_books().ok


@pytest.mark.parametrize("restriction", [Restriction.BLOCK_DEBIT, Restriction.BLOCK_ALL])
def test_a_frozen_account_pays_after_its_release_when_that_comes_in_time(restriction: Restriction) -> None:
    li = make_account("500.00")
    make_order(li)
    freeze(li, restriction)
    pay(FIFTH)
    assert (StandingOrderRun.objects.get().refusal, ledger_of(li)) == ("account_blocked", "500.00")
    release(li)
    assert pay(FRIDAY)["paid"] == 1


def test_what_cannot_be_otherwise_tomorrow_is_skipped_at_once() -> None:
    li, wang = make_account("500.00"), make_account()
    make_order(li, wang)
    execute(f"UPDATE accounts_account SET status = 'CLOSED', closed_date = '2026-03-04' WHERE id = '{wang.pk}'")
    assert pay(FIFTH) == {"paid": 0, "postponed": 0, "skipped": 1}
    assert StandingOrderRun.objects.get().refusal == "account_closed"


def test_money_held_for_others_is_not_paid_out() -> None:
    li = make_account("500.00", held="450.00")
    make_order(li)
    assert pay(FIFTH)["postponed"] == 1


def test_when_money_is_short_the_oldest_order_is_paid() -> None:
    li = make_account("150.00")
    first, second = make_order(li), make_order(li)
    assert pay(FIFTH) == {"paid": 1, "postponed": 1, "skipped": 0}
    assert StandingOrderRun.objects.get(state=RunState.PAID).order == min(first, second, key=lambda order: order.pk)


def test_suspended_it_pays_nothing_and_what_was_due_meanwhile_is_not_made_up_for() -> None:
    li = make_account("500.00")
    order = make_order(li)
    order = transaction_services.suspend_standing_order(order_id=order.pk, version=order.version, **circumstances())
    pay(date(2026, 4, 10))
    assert ledger_of(li) == "500.00"
    order = transaction_services.resume_standing_order(
        order_id=order.pk, version=order.version, **circumstances(date(2026, 4, 10))
    )
    assert order.next_date == date(2026, 5, 5)
    pay(date(2026, 5, 6))
    assert ledger_of(li) == "400.00"


def test_ended_it_is_not_tried_again() -> None:
    li = make_account("99.99")
    order = make_order(li)
    pay(FIFTH)
    transaction_services.end_standing_order(order_id=order.pk, version=order.version, **circumstances(FIFTH))
    deposit(li, cny("100.00"))
    assert pay(FRIDAY) == {"paid": 0, "postponed": 0, "skipped": 0}
    run = StandingOrderRun.objects.get()
    assert (run.state, run.refusal) == (RunState.SKIPPED, "standing_order_ended")


def test_a_changed_order_does_not_pay_a_date_twice() -> None:
    li = make_account("500.00")
    order = make_order(li)
    pay(FIFTH)
    changed = transaction_services.change_standing_order(
        order_id=order.pk, version=order.version, terms=terms(amount="30.00"), **circumstances(FIFTH)
    )
    assert (changed.next_date, changed.version) == (date(2026, 4, 5), 2)
    pay(FIFTH)
    pay(date(2026, 4, 7))
    assert ledger_of(li) == "370.00"


def test_a_change_on_a_holiday_does_not_lose_the_payment_it_put_off() -> None:
    li = make_account("500.00")
    order = make_order(li, first_date=date(2026, 4, 5))
    holiday = date(2026, 4, 6)
    transaction_services.change_standing_order(
        order_id=order.pk, version=1, terms=terms(amount="30.00", first_date=date(2026, 4, 5)), **circumstances(holiday)
    )
    pay(date(2026, 4, 7))
    assert ledger_of(li) == "470.00"


def test_killed_in_the_middle_nothing_remains_and_the_next_run_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    li = make_account("500.00")
    make_order(li)

    def killed(*_anything: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, nothing_changes():
        patch.setattr(standing_order_runs, "_move_on", killed)
        with pytest.raises(KeyboardInterrupt):
            pay(FIFTH)
    assert pay(FIFTH)["paid"] == 1
    assert ledger_of(li) == "400.00"


def test_many_orders_are_paid_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing_order_runs, "BATCH", 2)
    accounts = [make_account("500.00") for _ in range(5)]
    for account in accounts:
        make_order(account)
    assert pay(FIFTH) == {"paid": 5, "postponed": 0, "skipped": 0}
    assert [ledger_of(account) for account in accounts] == ["400.00"] * 5
    assert verify_books().ok


def test_a_last_payment_that_is_tried_again_can_still_be_stopped() -> None:
    li = make_account("99.99")
    order = make_order(li, last_date=FIFTH)
    pay(FIFTH)
    order = fresh(order)
    assert (order.state, order.next_date, order.next_due) == (OrderState.ACTIVE, None, None)
    transaction_services.end_standing_order(order_id=order.pk, version=order.version, **circumstances(FIFTH))
    deposit(li, cny("100.00"))
    assert pay(FRIDAY) == {"paid": 0, "postponed": 0, "skipped": 0}
    assert (fresh(order).state, ledger_of(li)) == (OrderState.ENDED, "199.99")


@pytest.mark.parametrize("in_time", [True, False])
def test_a_last_payment_completes_its_order_once_it_is_made_or_given_up(in_time: bool) -> None:
    li = make_account("99.99")
    order = make_order(li, last_date=FIFTH, retry_days=1)
    pay(FIFTH)
    if in_time:
        deposit(li, cny("0.01"))
    assert pay(FRIDAY)["paid" if in_time else "skipped"] == 1
    assert (fresh(order).state, fresh(order).next_date) == (OrderState.COMPLETED, None)


@pytest.mark.parametrize("state", [OrderState.SUSPENDED, OrderState.ENDED])
def test_only_an_active_order_is_tried_again(state: OrderState) -> None:
    li = make_account("99.99")
    order = make_order(li)
    pay(FIFTH)
    StandingOrder.objects.filter(pk=order.pk).update(state=state, next_date=None, next_due=None)
    deposit(li, cny("100.00"))
    assert pay(FRIDAY) == {"paid": 0, "postponed": 0, "skipped": 0}
    assert ledger_of(li) == "199.99"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("DELETE FROM transactions_standingorderrun", "append_only"),
        ("DELETE FROM transactions_standingorder", "append_only"),
        ("UPDATE transactions_standingorderrun SET attempts = 9", "append_only"),
        (
            "{run} date, 'SKIPPED', 1, date, '' FROM transactions_standingorderrun",
            "standing_order_run_once",
        ),
        (
            "{run} date + 1, 'PAID', 1, date, '' FROM transactions_standingorderrun",
            "standing_order_run_state",
        ),
        ("UPDATE transactions_standingorder SET amount = 0", "standing_order_amount_positive"),
        ("UPDATE transactions_standingorder SET state = 'MAYBE'", "standing_order_due_while_active"),
        ("UPDATE transactions_standingorder SET day = 32", "standing_order_day_of_month"),
        ("UPDATE transactions_standingorder SET every = 0", "standing_order_schedule_sane"),
        ("UPDATE transactions_standingorder SET on_holiday = 'NEVER'", "standing_order_holiday_rule_known"),
        ("UPDATE transactions_standingorder SET counterparty_account = ''", "standing_order_one_payee"),
        (
            "UPDATE transactions_standingorder SET counterparty_account = '', payee_account_id = account_id",
            "standing_order_two_accounts",
        ),
        ("UPDATE transactions_standingorder SET next_due = NULL", "standing_order_due_while_active"),
        ("UPDATE transactions_standingorder SET creation_key = 'k'", "standing_order_creation_once"),
    ],
    ids=lambda value: "" if " " in value else value,
)
def test_the_database_holds_what_was_ordered_and_paid(change: str, words: str) -> None:
    li = make_account("500.00")
    make_order(li)
    pay(FIFTH)
    if "creation_key" in change:
        make_order(li)
    run = (
        "INSERT INTO transactions_standingorderrun (id, order_id, date, state, attempts, last_attempt, refusal)"
        " SELECT gen_random_uuid(), order_id,"
    )
    with refused_by_database(words):
        execute(change.format(run=run))
