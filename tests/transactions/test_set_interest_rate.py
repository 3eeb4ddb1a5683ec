"""Setting a rate of interest: from a day that has not accrued, once, with two people's consent whatever the policies say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Product
from bankops.core import operations
from bankops.core.models import AuditEvent
from bankops.core.operations import Order
from tests.accounts.factories import NOW, TANG_LING, TODAY, current_account, make_account
from tests.transactions.interest_cases import accrue
from tests.unchanged import refused
from transactions.models import DayCount, InterestRate
from transactions.operations.interest import SetInterestRate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_gate")]

KEY = "transactions.set_interest_rate"


def payload(**more: Any) -> dict[str, Any]:
    current_account()
    wanted = {
        "product": "CURRENT",
        "currency": "CNY",
        "rate": "1.5",
        "day_count": "ACT_365",
        "valid_from": "2026-04-01",
    }
    return {**wanted, **more}


def submit(reason: str = "decided by the board", **more: Any) -> operations.Outcome:
    return operations.submit(KEY, payload(**more), Order(TANG_LING, NOW, reason=reason))


def test_a_rate_is_set() -> None:
    submit(rate="1.5000")
    row = InterestRate.objects.get()
    assert (row.rate, row.day_count, row.valid_from, row.product_id) == (
        15_000,
        DayCount.ACT_365,
        date(2026, 4, 1),
        "CURRENT",
    )
    event = AuditEvent.objects.get(event_type="transactions.interest_rate.set")
    assert event.changes == {"rate": ["", "1.50 % ACT_365"]}


def test_two_people_always_decide() -> None:
    assert SetInterestRate.always_two
    assert KEY in operations.always_two_people()


def test_reviewers_read_what_was_and_what_will_be() -> None:
    submit(valid_from=TODAY.isoformat())
    operation = operations.get(KEY)
    description = operation.describe(operation.clean(payload(rate="2")))
    assert description.changes == {"Interest rate": ("1.50 %", "2.00 %")}
    assert "2.00 % a year (actual/365 fixed) from 2026-04-01" in description.summary


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"rate": "100.5"}, "invalid_interest_rate"),
        ({"rate": "a lot"}, "invalid_interest_rate"),
        ({"day_count": "ACT_ACT"}, "unknown_day_count"),
        ({"currency": "XYZ"}, "unknown_currency"),
        ({"product": "GOLD"}, "unknown_product"),
        ({"valid_from": "2026-03-01"}, "interest_rate_in_the_past"),
        ({"valid_from": "1 April"}, "invalid_day"),
        ({"reason": ""}, "reason_required"),
        ({"product": ""}, "field_missing"),
    ],
)
def test_what_makes_no_rate_is_refused(more: dict[str, Any], code: str) -> None:
    current_account()
    with refused(code):
        submit(**more)


@pytest.mark.usefixtures("consented")
def test_a_day_that_has_accrued_gets_no_other_rate() -> None:
    make_account("10000.00")
    submit(valid_from=TODAY.isoformat())
    savings = Product.objects.get(code="SAVINGS")
    accrue(TODAY)
    with refused("interest_rate_in_the_past") as refusal:
        submit(product=savings.code, valid_from=TODAY.isoformat())
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    assert tomorrow in str(refusal.value)
    submit(product=savings.code, valid_from=tomorrow)


def test_a_rate_that_stands_is_not_set_again() -> None:
    submit()
    with refused("interest_rate_exists"):
        submit(rate="9")
