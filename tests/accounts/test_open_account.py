"""Opening an account."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Account, AccountStatus, Restriction
from accounts.services import open_account
from bankops.core.models import AuditEvent, OutboxMessage
from bankops.core.money import Money
from staff.services import branches
from tests.accounts.factories import NOW, TANG_LING, TODAY, cny, current_account, make_customer
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


def open_one(**options: Any) -> Account:
    customer = options.pop("customer", None) or make_customer()
    usual: dict[str, Any] = {
        "customer": customer,
        "product": current_account(),
        "branch": customer.branch,
        "currency": "CNY",
        "actor": TANG_LING,
        "now": NOW,
        "business_date": TODAY,
    }
    return open_account(**usual | options)


def test_an_account_is_opened_with_an_empty_balance() -> None:
    account = open_one()
    account.refresh_from_db()
    assert (account.status, account.restriction) == (AccountStatus.ACTIVE, Restriction.NONE)
    assert (account.category, account.chart_line_id, account.currency) == ("LIABILITY", "2010", "CNY")
    assert (account.overdraft_limit, account.opened_date, account.closed_date) == (0, TODAY, None)
    assert (account.balance.ledger, account.balance.held, account.balance.version) == (0, 0, 0)
    assert account.history.get().history_type == "+"


def test_the_trail_and_the_outside_hear_of_it() -> None:
    account = open_one()
    event = AuditEvent.objects.get(event_type="accounts.account.opened")
    message = OutboxMessage.objects.get()
    assert (event.subject_id, event.subject_label, event.actor_id) == (account.public_id, account.number, "usr_tang")
    assert (message.topic, message.subject_id) == ("accounts.account.opened", account.public_id)
    assert message.payload == event.detail
    assert message.payload["currency"] == "CNY"


def test_an_overdraft_limit_is_available_from_the_first_day() -> None:
    account = open_one(overdraft_limit=cny("500.00"))
    assert account.balance.available == cny("500.00")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"currency": "XXX"}, "unknown_currency"),
        ({"currency": "cny"}, "unknown_currency"),
        ({"overdraft_limit": cny("-0.01")}, "overdraft_negative"),
        ({"overdraft_limit": Money(100, "JPY")}, "mixed_currencies"),
        ({"currency": "XXX", "overdraft_limit": cny("1.00")}, "mixed_currencies"),
    ],
)
def test_terms_that_make_no_sense_are_refused(options: dict[str, Any], code: str) -> None:
    customer = make_customer()
    current_account()
    with refused(code):
        open_one(customer=customer, **options)


def test_a_product_that_is_not_offered_is_refused() -> None:
    customer, product = make_customer(), current_account()
    product.is_offered = False
    with refused("product_not_offered"):
        open_one(customer=customer, product=product)


def test_a_closed_branch_is_refused() -> None:
    customer = make_customer()
    current_account()
    closed = branches.close_branch(branch=customer.branch, actor=TANG_LING, reason="merged", now=NOW)
    with refused("branch_closed"):
        open_one(customer=customer, branch=closed)
