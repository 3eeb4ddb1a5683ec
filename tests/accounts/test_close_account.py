"""Closing an account with nothing left undecided, and opening it again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts import chart
from accounts.models import Account, AccountStatus, Customer, Restriction
from accounts.services import close_account, reopen_account
from accounts.services.lifecycle import subject_of
from approvals.models import RequestConcern
from bankops.core import operations
from bankops.core.models import AuditEvent, OutboxMessage
from bankops.core.operations import ConsentRequired
from tests.accounts.factories import (
    NOW,
    TANG_LING,
    TODAY,
    close,
    cny,
    freeze,
    ledger_of,
    make_account,
    own_account,
    release,
)
from tests.concurrency.racing import execute
from tests.transactions.factories import deposit, withdraw
from tests.transactions.interest_cases import END_OF_MARCH, accrue, post, set_rate
from tests.transactions.requests import make_request
from tests.unchanged import refused
from transactions.interest.amounts import UNITS
from transactions.models import InterestPosting, Transaction
from transactions.verification import verify_books

pytestmark = pytest.mark.django_db


def reopen(account: Account, reason: str = "closed by mistake") -> Account:
    with operations.carrying_out("accounts.reopen_account"):
        return reopen_account(account_id=account.pk, reason=reason, actor=TANG_LING, now=NOW, business_date=TODAY)


def test_an_empty_account_is_closed() -> None:
    account = close(make_account())
    account.refresh_from_db()
    assert (account.status, account.closed_date) == (AccountStatus.CLOSED, TODAY)
    assert account.history.latest().status == "CLOSED"
    event = AuditEvent.objects.get(event_type="accounts.account.closed")
    assert (event.subject_id, event.reason, event.changes) == (
        account.public_id,
        "moved away",
        {"status": ["ACTIVE", "CLOSED"]},
    )
    assert OutboxMessage.objects.latest("id").topic == "accounts.account.closed"


def test_the_balance_is_paid_out_in_the_same_breath() -> None:
    account, payee = make_account("80.50"), make_account("1.00")
    close(account, payee_id=payee.pk)
    account.refresh_from_db()
    assert (account.status, ledger_of(account), ledger_of(payee)) == ("CLOSED", "0.00", "81.50")
    paid = Transaction.objects.get(debit_account=account)
    assert (paid.kind, paid.money, paid.credit_account) == ("TRANSFER", cny("80.50"), payee)
    assert account.number in paid.narrative
    assert verify_books().ok


def test_what_the_books_do_not_pay_out_closes_nothing() -> None:
    account, blocked = make_account("80.50"), make_account(restriction=Restriction.BLOCK_CREDIT)
    with refused("payout_refused"):
        close(account, payee_id=blocked.pk)
    asleep = make_account("10.00", status=AccountStatus.DORMANT)
    with refused("payout_refused"):
        close(asleep, payee_id=account.pk)


def test_the_payee_is_another_open_account_in_the_same_currency() -> None:
    account, dollars, cash = make_account("80.50"), make_account(currency="USD"), own_account()
    closed = make_account(status=AccountStatus.CLOSED)
    for payee, code in (
        (account, "payee_unfit"),
        (dollars, "payee_unfit"),
        (closed, "account_not_open"),
        (cash, "own_account_protected"),
    ):
        with refused(code):
            close(account, payee_id=payee.pk)
    with refused("account_not_found"):
        close(account, payee_id=uuid4())


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"balance": "0.01"}, "balance_not_zero"),
        ({"balance": "1.00", "held": "1.00"}, "account_has_pending"),
        ({"overdraft": "5.00", "held": "1.00"}, "account_has_pending"),
        ({"restriction": Restriction.BLOCK_CREDIT}, "account_restricted"),
    ],
)
def test_an_account_with_something_unsettled_is_not_closed(state: dict[str, Any], code: str) -> None:
    account = make_account(**state)
    with refused(code):
        close(account)


def test_what_is_undecided_is_named() -> None:
    account = make_account("100.00", held="60.00")
    request = make_request(cny("60.00"))
    subject = subject_of(account)
    RequestConcern.objects.create(request=request, subject_type=subject.type, subject_id=subject.id, subject_label="")
    with refused("account_has_pending") as refusal:
        close(account)
    assert request.reference in str(refusal.value)
    assert "60.00" in str(refusal.value)


# -- With interest ---------------------------------------------------------------------------------------------------


@pytest.fixture
def saved(consented: None) -> Account:
    """An account with CNY 10,000.00 that earned 1.50 % for two days: 82.19 fen."""
    account = make_account("10000.00")
    set_rate()
    accrue(TODAY + timedelta(days=1))
    return account


CLOSING_DAY = TODAY + timedelta(days=2)


def test_interest_that_has_accrued_is_paid_out_with_the_balance(saved: Account) -> None:
    payee = make_account()
    close(saved, payee_id=payee.pk, business_date=CLOSING_DAY)
    assert (ledger_of(saved), ledger_of(payee)) == ("0.00", "10000.82")
    interest = Transaction.objects.get(kind="INTEREST")
    assert (interest.money, interest.idempotency_key) == (cny("0.82"), f"int:{saved.pk.hex}:{CLOSING_DAY:%Y%m%d}")
    posting = InterestPosting.objects.get()
    assert posting.accrued == posting.amount * UNITS + posting.carried
    assert ledger_of(own_account(chart.INTEREST_EXPENSE)) == "0.82"
    assert verify_books().ok


def test_without_a_payee_interest_is_not_forfeited(saved: Account) -> None:
    withdraw(saved, cny("10000.00"))
    with refused("balance_not_zero") as refusal:
        close(saved, business_date=CLOSING_DAY)
    assert "0.82" in str(refusal.value)


def test_interest_that_cannot_be_credited_closes_nothing(saved: Account) -> None:
    expense, payee = own_account(chart.INTEREST_EXPENSE), make_account()
    execute(f"UPDATE accounts_account SET status = 'CLOSED', closed_date = '{TODAY}' WHERE id = '{expense.pk}'")
    with refused("payout_refused") as refusal:
        close(saved, payee_id=payee.pk, business_date=CLOSING_DAY)
    assert "takes no bookings" in str(refusal.value)


def test_reopened_it_earns_and_is_credited_as_any_other(saved: Account) -> None:
    close(saved, payee_id=make_account().pk, business_date=CLOSING_DAY)
    reopen(saved)
    deposit(saved, cny("10000.00"), business_date=CLOSING_DAY)
    accrue(END_OF_MARCH)
    assert post(END_OF_MARCH)["posted"] == 2  # it and its payee
    assert InterestPosting.objects.filter(account=saved).count() == 2
    assert verify_books().ok


def test_a_debt_cannot_be_paid_out() -> None:
    account, payee = make_account("10.00", overdraft="50.00"), make_account()
    with operations.carrying_out("transactions.withdraw"):
        withdraw(account, cny("20.00"))
    with refused("balance_not_zero"):
        close(account, payee_id=payee.pk)


def test_what_cannot_be_closed_is_refused() -> None:
    account, closed, cash = make_account(), make_account(status=AccountStatus.CLOSED), own_account()
    with refused("reason_required"):
        close(account, reason=" ")
    with refused("account_not_open"):
        close(closed)
    with refused("own_account_protected"):
        close(cash)
    with refused("account_not_found"):
        close(Account(pk=uuid4()))
    with pytest.raises(ConsentRequired):
        close_account(account_id=account.pk, reason="x", actor=TANG_LING, now=NOW, business_date=TODAY)


def test_a_released_account_is_closed() -> None:
    account = make_account()
    freeze(account)
    release(account)
    assert close(account).status == AccountStatus.CLOSED


# -- Reopening -------------------------------------------------------------------------------------------------------


def test_a_closed_account_is_reopened_as_empty_as_it_was_left() -> None:
    account = reopen(close(make_account()))
    account.refresh_from_db()
    assert (account.status, account.closed_date, account.woken_date) == (AccountStatus.ACTIVE, None, TODAY)
    assert ledger_of(account) == "0.00"
    event = AuditEvent.objects.get(event_type="accounts.account.reopened")
    assert event.changes == {"status": ["CLOSED", "ACTIVE"]}


def test_what_cannot_be_reopened_is_refused() -> None:
    account, active, cash = make_account(status=AccountStatus.CLOSED), make_account(), own_account()
    with refused("reason_required"):
        reopen(account, reason=" ")
    with refused("account_not_closed"):
        reopen(active)
    with refused("own_account_protected"):
        reopen(cash)
    with refused("account_not_found"):
        reopen(Account(pk=uuid4()))
    Customer.objects.filter(accounts=account).update(state="PSEUDONYMISED", name="Former customer", version=2)
    with refused("customer_not_approved"):
        reopen(account)
    with pytest.raises(ConsentRequired):
        reopen_account(account_id=account.pk, reason="x", actor=TANG_LING, now=NOW, business_date=TODAY)
