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
from transactions.errors import PostingRefused
from transactions.models import OrderState, StandingOrder
from transactions.standing_orders.wording import why_not

pytestmark = pytest.mark.django_db

NOT_OF_A_PAYMENT = {
    "already_reversed",
    "amount_not_positive",
    "reversal_not_a_mirror",
    "reversal_of_reversal",
    "too_few_postings",
    "unbalanced_entry",
    "unknown_entry",
}
"""What a payment is not refused for: it reverses nothing, and has two equal sides of a positive amount."""


@pytest.fixture
def teller_client(signed_in_client: SignIn, teller: User) -> Client:
    return signed_in_client(teller)


def form(**more: str) -> dict[str, str]:
    first = clock.business_date() + timedelta(days=40)
    return {
        "amount": "100.00",
        "counterparty_bank": "BKCHCNBJ",
        "counterparty_account": "87144583",
        "payee_name": "Jan Dvorak",
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
    order_page = teller_client.get(reverse("admin:transactions_standingorder_change", args=[row.pk]))
    for answer in (unpaid, order_page):
        assert "The available balance of the account was not enough." in answer.content.decode()
        assert "insufficient_funds" not in answer.content.decode()
    page = teller_client.get(reverse("admin:accounts_account_change", args=[li.pk])).content.decode()
    assert "Accrued and not posted yet" in page
    assert "actual/365 fixed" in page
    for name in ("standingorder", "interestrate"):
        assert teller_client.get(reverse(f"admin:transactions_{name}_changelist")).status_code == 200


@pytest.mark.parametrize("code", sorted({error.code for error in PostingRefused.__subclasses__()} - NOT_OF_A_PAYMENT))
def test_every_refusal_that_a_payment_can_meet_is_told_in_a_sentence(code: str) -> None:
    assert why_not(code).endswith(".")


@pytest.mark.parametrize("state", [OrderState.SUSPENDED, OrderState.ENDED])
def test_so_is_what_becomes_of_a_payment_when_its_order_is_stopped(state: OrderState) -> None:
    assert why_not(f"standing_order_{state.value.lower()}").endswith(".")


def test_a_payment_that_was_made_has_no_reason_and_an_unknown_code_is_shown_as_it_is() -> None:
    assert (why_not(""), why_not("weather")) == ("", "weather")
