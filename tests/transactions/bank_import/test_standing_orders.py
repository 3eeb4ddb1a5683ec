"""The standing orders of a bank that was taken over are paid here from the next month on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from bankops.core import clock, end_of_day
from bankops.core.business_days import next_business_day
from tests.accounts.factories import cny, make_account
from tests.transactions.bank_import.loading import NOW, load, written
from tests.transactions.bank_import.small_bank import SmallBank
from tests.transactions.factories import deposit
from tests.transactions.standing_order_cases import make_order, pay
from transactions.bank_import import standing_orders
from transactions.bank_import.report import Report
from transactions.models import Channel, OrderState, StandingOrder, StandingOrderRun, Transaction
from transactions.services import run_standing_orders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consented")]


def first_of_next_month() -> date:
    return (clock.business_date(NOW).replace(day=28) + timedelta(days=4)).replace(day=1)


def test_each_is_active_and_due_on_the_first_of_the_month_after_the_import(bank: SmallBank) -> None:
    load(bank.write())
    first = first_of_next_month()
    for order in StandingOrder.objects.all():
        assert (order.state, order.next_date, order.day) == (OrderState.ACTIVE, first, 1)
        assert order.next_due == next_business_day(first)
    assert StandingOrder.objects.count() == 2


def test_a_month_of_business_dates_pays_or_skips_each_once(bank: SmallBank) -> None:
    load(bank.write())
    first = first_of_next_month()
    told = [pay(first + timedelta(days=number)) for number in range(28)]
    assert sum(day["paid"] + day["skipped"] for day in told) == 2
    assert StandingOrderRun.objects.count() == 2


SMALL_ORDER = (
    '29403;1;"YZ";"87144583";100.00;"SIPO"'  # the account has 888.50; the other two orders are beyond their accounts
)


def paid_orders(report: Report) -> Any:
    return report.as_dict()["paid_orders"]


@pytest.fixture
def with_small_order(bank: SmallBank) -> Path:
    bank.rows["order.asc"].append(SMALL_ORDER)
    return bank.write()


def test_this_months_are_paid_up_to_today_when_that_is_asked_for(with_small_order: Path) -> None:
    # when: on Sunday 22 November 2026; the first of the month was a Sunday too
    told = paid_orders(load(with_small_order, pay_orders=True))

    # then: one is paid on the Monday, two were tried on that day and three more
    assert told == {
        "from": "2026-11-01",
        "through": "2026-11-22",
        "due": 3,
        "paid": 1,
        "waiting": 0,
        "skipped": 2,
        "amount_paid": "100.00",
        "refusals": {"insufficient_funds": 2},
    }
    payment = Transaction.objects.get(external_reference__startswith="so_")
    assert (payment.booking_date, payment.amount, payment.channel) == (date(2026, 11, 2), 100_00, Channel.SYSTEM)
    assert set(StandingOrderRun.objects.exclude(transaction=payment).values_list("last_attempt", "attempts")) == {
        (date(2026, 11, 5), 4)
    }
    assert set(StandingOrder.objects.values_list("next_due", flat=True)) == {date(2026, 12, 1)}
    call_command("verify_books")


def test_a_second_import_pays_nothing_again(with_small_order: Path) -> None:
    first = paid_orders(load(with_small_order, pay_orders=True))
    before = written()
    assert paid_orders(load(with_small_order, pay_orders=True)) == first
    assert (written(), StandingOrderRun.objects.count()) == (before, 3)


def test_what_is_not_paid_yet_is_tried_again_by_the_ends_of_the_days_to_come(with_small_order: Path) -> None:
    tuesday = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
    told = paid_orders(load(with_small_order, now=tuesday, pay_orders=True))
    assert (told["paid"], told["waiting"], told["skipped"]) == (1, 2, 0)
    assert [pay(date(2026, 11, day))["skipped"] for day in (4, 5)] == [0, 2]


def test_orders_that_begin_next_month_already_are_not_paid_by_asking_later(bank: SmallBank) -> None:
    load(bank.write())
    assert paid_orders(load(bank.directory, pay_orders=True))["due"] == 0
    assert not StandingOrderRun.objects.exists()


def test_orders_of_other_customers_are_left_to_the_end_of_the_day(with_small_order: Path) -> None:
    # given: one that is to be tried again, and one that is due
    payer = make_account()
    make_order(payer, make_account())
    pay(date(2026, 3, 5))
    deposit(payer, cny("100.00"))
    make_order(make_account("500.00"), make_account())
    before = _of_others()

    assert paid_orders(load(with_small_order, pay_orders=True))["due"] == 3

    assert _of_others() == before
    assert pay(date(2026, 3, 6))["paid"] == 2


def _of_others() -> list[Any]:
    ours = {"external_reference__startswith": "berka:"}
    runs = StandingOrderRun.objects.exclude(order__in=StandingOrder.objects.filter(**ours))
    return [*StandingOrder.objects.exclude(**ours).order_by("pk").values(), *runs.values()]


@pytest.mark.django_db(transaction=True)
def test_orders_are_not_paid_while_a_business_day_is_ended(bank: SmallBank) -> None:
    # given: another connection that ends a business day
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended('end_of_day', 0))")
        before = written()

        with pytest.raises(end_of_day.EndOfDayRunning):
            load(bank.write(), pay_orders=True)

        assert written() == before
        assert load(bank.directory).transactions.created == 7  # nothing is paid, so nothing has to wait
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended('end_of_day', 0))")
    finally:
        other.close()

    # then: once the day has ended orders are paid, and the lock is free again for the next
    assert paid_orders(load(bank.directory, pay_orders=True))["due"] == 0
    with end_of_day.alone():
        pass


def test_no_business_day_is_ended_while_orders_are_paid(
    with_small_order: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[bool] = []

    def run_and_look(**terms: Any) -> dict[str, int]:
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(hashtextextended('end_of_day', 0))")
                refused.append(cursor.fetchone() == (False,))
        finally:
            other.close()
        return run_standing_orders(**terms)

    monkeypatch.setattr(standing_orders, "run_standing_orders", run_and_look)
    load(with_small_order, pay_orders=True)
    assert refused == [True] * 15  # business days from 2 to 20 November


def test_the_command_tells_what_was_paid_and_why_not(with_small_order: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    told = StringIO()
    call_command("import_bank", str(with_small_order), profile="berka", pay_standing_orders=True, stdout=told)
    lines = told.getvalue().splitlines()
    paid = next(number for number, line in enumerate(lines) if line.startswith("Standing orders due from"))
    assert lines[paid : paid + 2] == [
        "Standing orders due from 2026-11-01 to 2026-11-22: 3. Paid: 1, 100.00 in all; to be tried again: 0; skipped: 2.",
        "  2: The available balance of the account was not enough.",
    ]
