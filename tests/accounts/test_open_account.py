"""Opening an account."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Account, AccountStatus, CustomerState, Restriction
from accounts.services import open_account
from bankops.core.models import AuditEvent, OutboxMessage
from bankops.core.money import Money
from staff.services import branches
from tests.accounts.factories import NOW, TANG_LING, TODAY, cny, current_account, make_customer
from tests.committed import at_once
from tests.unchanged import refused, refused_by_database

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consented")]


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


@pytest.mark.parametrize("state", [CustomerState.PROSPECT, CustomerState.REJECTED, CustomerState.PSEUDONYMISED])
def test_a_customer_who_was_not_approved_is_refused(state: CustomerState) -> None:
    customer = make_customer(state=state)
    current_account()
    with refused("customer_not_approved"):
        open_one(customer=customer)


def test_a_closed_branch_is_refused() -> None:
    customer = make_customer()
    current_account()
    closed = branches.close_branch(branch=customer.branch, actor=TANG_LING, reason="merged", now=NOW)
    with refused("branch_closed"):
        open_one(customer=customer, branch=closed)


def test_the_same_request_twice_opens_one_account() -> None:
    customer = make_customer()
    first = open_one(customer=customer, idempotency_key="one click")
    assert open_one(customer=customer, idempotency_key="one click") == first
    assert customer.accounts.count() == 1
    assert AuditEvent.objects.filter(event_type="accounts.account.opened").count() == 1


def test_the_same_key_with_other_terms_is_refused() -> None:
    customer = make_customer()
    open_one(customer=customer, idempotency_key="one click")
    with refused("opening_conflict"):
        open_one(customer=customer, idempotency_key="one click", currency="EUR")


def test_a_key_is_its_customers_own() -> None:
    assert open_one(idempotency_key="one click") != open_one(idempotency_key="one click")


def test_without_a_key_every_request_opens_an_account() -> None:
    customer = make_customer()
    open_one(customer=customer)
    open_one(customer=customer)
    assert customer.accounts.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_open_one_account(committed_db: None) -> None:
    customer = make_customer()
    product = current_account()
    clicks = [lambda: open_one(customer=customer, product=product, idempotency_key="one click").pk for _ in range(4)]
    assert len(set(at_once(*clicks))) == 1
    assert customer.accounts.count() == 1


def test_the_database_opens_one_account_for_a_key() -> None:
    account = open_one(idempotency_key="one click")
    other = open_one(customer=account.customer)
    with refused_by_database("account_opening_once"):
        Account.objects.filter(pk=other.pk).update(opening_key="one click")
