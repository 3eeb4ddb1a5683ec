"""The standing orders of a bank that was taken over are paid here from the next month on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bankops.core import clock
from bankops.core.business_days import next_business_day
from tests.transactions.bank_import.loading import NOW, load
from tests.transactions.bank_import.small_bank import SmallBank
from tests.transactions.standing_order_cases import pay
from transactions.models import OrderState, StandingOrder, StandingOrderRun

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
