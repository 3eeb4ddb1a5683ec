"""Standing orders and interest in the admin: created and changed after a look at the next payments, listed, explained."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from bankops.core import clock
from staff.models import User
from tests.accounts.factories import TODAY, make_account
from tests.personas import SignIn
from tests.transactions.interest_cases import END_OF_MARCH, accrue, post, set_rate
from tests.transactions.standing_order_cases import make_order, pay
from transactions.models import OrderState, StandingOrder

pytestmark = pytest.mark.django_db


@pytest.fixture
def teller_client(signed_in_client: SignIn, teller: User) -> Client:
    return signed_in_client(teller)


def form(**more: str) -> dict[str, str]:
    first = clock.business_date() + timedelta(days=40)
    return {
        "amount": "100.00",
        "counterparty_bank": "YZ",
        "counterparty_account": "87144583",
        "purpose": "Rent",
        "first_date": first.isoformat(),
        "every": "1",
        "unit": "MONTH",
        "on_holiday": "FOLLOWING",
        "retry_days": "3",
        "idempotency_key": "form-1",
        **more,
    }


@pytest.mark.usefixtures("open_gate")
def test_the_next_five_payments_are_shown_before_an_order_is_created_once(teller_client: Client) -> None:
    li = make_account("500.00")
    door = reverse("admin:accounts_account_create_standing_order", args=[li.pk])
    asked = teller_client.post(door, form())
    assert asked.status_code == 200
    assert len(asked.context["upcoming"]) == 5
    assert not StandingOrder.objects.exists()
    for _twice in range(2):
        assert teller_client.post(door, form(confirmed="1")).status_code == 302
    row = StandingOrder.objects.get()
    page = teller_client.get(reverse("admin:transactions_standingorder_change", args=[row.pk]))
    assert "Nothing was due yet." in page.content.decode()


@pytest.mark.usefixtures("open_gate")
def test_a_refusal_comes_back_on_the_form(teller_client: Client) -> None:
    li = make_account("500.00")
    door = reverse("admin:accounts_account_create_standing_order", args=[li.pk])
    answer = teller_client.post(door, form(counterparty_account=""))
    assert answer.status_code == 422
    assert "standing_order_one_payee" in answer.content.decode()


@pytest.mark.usefixtures("open_gate")
def test_an_order_is_suspended_with_a_reason(teller_client: Client) -> None:
    row = make_order(make_account("500.00"))
    door = reverse("admin:transactions_standingorder_suspend_standing_order", args=[row.pk])
    assert teller_client.post(door, {"reason": "the customer asked", "idempotency_key": "x"}).status_code == 302
    assert StandingOrder.objects.get().state == OrderState.SUSPENDED


def test_lists_show_what_was_not_paid_and_pages_show_what_accrued(teller_client: Client) -> None:
    li = make_account("99.99")
    set_rate()
    row = make_order(li)
    pay(TODAY + timedelta(days=3))
    accrue(END_OF_MARCH)
    post(END_OF_MARCH)
    unpaid = teller_client.get(reverse("admin:transactions_standingorderrun_changelist"), {"state__exact": "RETRYING"})
    assert "insufficient_funds" in unpaid.content.decode()
    assert (
        "insufficient_funds"
        in teller_client.get(reverse("admin:transactions_standingorder_change", args=[row.pk])).content.decode()
    )
    page = teller_client.get(reverse("admin:accounts_account_change", args=[li.pk])).content.decode()
    assert "Accrued and not posted yet" in page
    assert "actual/365 fixed" in page
    for name in ("standingorder", "interestrate"):
        assert teller_client.get(reverse(f"admin:transactions_{name}_changelist")).status_code == 200
