"""The standing orders of a bank that was taken over are paid here from the next month on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from bankops.core import clock
from bankops.core.business_days import next_business_day
from tests.transactions.bank_import.loading import NOW, load, written
from tests.transactions.bank_import.small_bank import SmallBank
from tests.transactions.standing_order_cases import pay
from transactions.bank_import.report import Report
from transactions.models import Channel, OrderState, StandingOrder, StandingOrderRun, Transaction

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


def test_the_command_tells_what_was_paid_and_why_not(with_small_order: Path) -> None:
    told = StringIO()
    call_command("import_bank", str(with_small_order), profile="berka", pay_standing_orders=True, stdout=told)
    assert "Standing orders due from" in told.getvalue()
