"""Limits count: what is booked and what waits, by channel, in a day and in a month."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, LimitChannel, LimitPeriod
from accounts.services import LimitDraft, set_limits
from approvals.models import ApprovalRequest
from bankops.core import operations
from bankops.core.money import Money
from staff.models import Branch
from tests.accounts.factories import NOW, TANG_LING, TODAY, close, cny, ledger_of, make_account
from tests.transactions.factories import deposit, park_transfer, reverse, transfer, withdraw
from tests.transactions.requests import allow, finish, make_request
from tests.transactions.shipped import order_transfer, order_withdrawal, parked_in, ship
from tests.unchanged import refused
from transactions import limits
from transactions import services as transaction_services
from transactions.models import Channel, HoldPurpose, State
from transactions.verification import verify_books

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consented")]

DAILY, MONTHLY, EACH = LimitPeriod.DAILY, LimitPeriod.MONTHLY, LimitPeriod.TRANSACTION
TOMORROW = TODAY + timedelta(days=1)
NEXT_MONTH = date(2026, 4, 1)


def limited(
    *drafts: tuple[LimitPeriod, str] | tuple[LimitPeriod, str, LimitChannel], balance: str = "1000.00"
) -> Account:
    account = make_account(balance)
    limit(account, *drafts)
    return Account.objects.get(pk=account.pk)


def limit(account: Account, *drafts: Any) -> None:
    wanted = [
        LimitDraft(rest[0] if rest else LimitChannel.ALL, period, cny(amount)) for period, amount, *rest in drafts
    ]
    with operations.carrying_out("accounts.set_limits"):
        set_limits(account_id=account.pk, limits=wanted, reason="asked for it", actor=TANG_LING, now=NOW)


def used(account: Account, *, channel: Channel = Channel.STAFF, day: date = TODAY) -> dict[str, Money]:
    rooms = limits.rooms(Account.objects.get(pk=account.pk), channel=channel, business_date=day)
    return {str(room.limit.period): room.used for room in rooms}


def test_the_refusal_names_the_limit_what_is_used_and_what_is_left() -> None:
    account = limited((DAILY, "100.00"))
    withdraw(account, cny("70.00"))
    with refused("limit_exceeded") as refusal:
        withdraw(account, cny("30.01"))
    for words in (account.number, "daily, all channels together", "CNY 100.00", "Used: CNY 70.00", "left: CNY 30.00"):
        assert words in str(refusal.value)
    withdraw(account, cny("30.00"))
    assert ledger_of(account) == "900.00"


def test_a_limit_for_each_payment_counts_nothing_together() -> None:
    account = limited((EACH, "50.00"))
    with refused("limit_exceeded"):
        withdraw(account, cny("50.01"))
    for _ in range(3):
        withdraw(account, cny("50.00"))


def test_days_and_months_begin_anew() -> None:
    account = limited((DAILY, "100.00"), (MONTHLY, "150.00"))
    withdraw(account, cny("100.00"))
    with refused("limit_exceeded") as refusal:
        withdraw(account, cny("60.00"), business_date=TOMORROW)
    assert "monthly" in str(refusal.value)
    withdraw(account, cny("50.00"), business_date=TOMORROW)
    withdraw(account, cny("100.00"), business_date=NEXT_MONTH)
    assert used(account, day=NEXT_MONTH) == {"DAILY": cny("100.00"), "MONTHLY": cny("100.00")}


def test_a_limit_of_one_channel_leaves_the_others_alone() -> None:
    account = limited((DAILY, "10.00", LimitChannel.PARTNER), (DAILY, "100.00"))
    payee = make_account()
    transfer(account, payee, cny("50.00"))
    with refused("limit_exceeded"):
        transfer(account, payee, cny("10.01"), channel=Channel.PARTNER)
    transfer(account, payee, cny("10.00"), channel=Channel.PARTNER)
    with refused("limit_exceeded") as refusal:
        transfer(account, payee, cny("40.01"))
    assert "Used: CNY 60.00" in str(refusal.value)


def test_what_its_customer_did_not_send_does_not_count() -> None:
    account, other = limited((DAILY, "10.00")), make_account("50.00")
    deposit(account, cny("500.00"))
    transfer(other, account, cny("50.00"))
    transaction_services.charge_fee(
        account_id=account.pk, amount=cny("20.00"), actor=TANG_LING, now=NOW, business_date=TODAY
    )
    transaction_services.place_hold(
        account_id=account.pk, amount=cny("90.00"), purpose=HoldPurpose.MANUAL, actor=TANG_LING, now=NOW
    )
    assert used(account)["DAILY"] == cny("0.00")


def test_what_was_reversed_does_not_count() -> None:
    account, payee = limited((DAILY, "100.00")), make_account()
    original = transfer(account, payee, cny("100.00"))
    reverse(original)
    assert used(account)["DAILY"] == cny("0.00")
    transfer(account, payee, cny("100.00"))


def test_a_repeat_is_answered_even_when_nothing_is_left() -> None:
    account = limited((DAILY, "100.00"))
    first = withdraw(account, cny("100.00"), idempotency_key="k")
    assert withdraw(account, cny("100.00"), idempotency_key="k") == first
    with refused("idempotency_conflict"):
        withdraw(account, cny("1.00"), idempotency_key="k")


# -- What waits ------------------------------------------------------------------------------------------------------


@pytest.fixture
def request_() -> ApprovalRequest:
    return make_request(cny("60.00"))


def test_what_waits_counts_whatever_the_day(request_: ApprovalRequest) -> None:
    account, payee = limited((DAILY, "100.00")), make_account()
    park_transfer(account, payee, cny("60.00"), request_)
    assert used(account) == used(account, day=TOMORROW) == {"DAILY": cny("60.00")}
    with refused("limit_exceeded"):
        withdraw(account, cny("40.01"), business_date=TOMORROW)
    withdraw(account, cny("40.00"))
    another = make_request(cny("60.00"))
    with refused("limit_exceeded"):
        park_transfer(account, payee, cny("60.00"), another)


def test_what_waited_is_posted_within_the_limit_it_was_counted_against(request_: ApprovalRequest) -> None:
    account, payee = limited((DAILY, "100.00")), make_account()
    park_transfer(account, payee, cny("60.00"), request_)
    withdraw(account, cny("40.00"))
    allow(request_)
    transfer(account, payee, cny("60.00"), approval_request_id=request_.public_id)
    finish(request_)
    assert used(account)["DAILY"] == cny("100.00")
    assert verify_books().ok


def test_a_limit_lowered_meanwhile_stops_what_waits(request_: ApprovalRequest) -> None:
    account, payee = limited((DAILY, "100.00")), make_account()
    row = park_transfer(account, payee, cny("60.00"), request_)
    limit(account, (DAILY, "59.99"))
    allow(request_)
    with refused("limit_exceeded"):
        transfer(account, payee, cny("60.00"), approval_request_id=request_.public_id)
    row.refresh_from_db()
    assert row.state == State.AWAITING_APPROVAL


def test_an_announced_payment_counts_from_its_announcement() -> None:
    account, payee = limited((DAILY, "100.00")), make_account()
    by: dict[str, Any] = {"purpose": HoldPurpose.PAYMENT, "payee_id": payee.pk, "actor": TANG_LING, "now": NOW}
    hold = transaction_services.place_hold(account_id=account.pk, amount=cny("60.00"), **by)
    with refused("limit_exceeded"):
        transaction_services.place_hold(account_id=account.pk, amount=cny("40.01"), **by)
    with operations.carrying_out("transactions.capture_hold"):
        transaction_services.capture_hold(
            hold_id=hold.pk, amount=cny("50.00"), actor=TANG_LING, now=NOW, business_date=TODAY
        )
    assert used(account)["DAILY"] == cny("50.00")


def test_it_is_refused_before_reviewers_are_asked(roles: None, branch: Branch) -> None:
    bank = ship(branch)
    account, payee = limited((DAILY, "70000.00"), balance="200000.00"), make_account()
    request = order_transfer(bank.maker, account, payee, "60000.00").request
    assert parked_in(request).state == State.AWAITING_APPROVAL
    with refused("limit_exceeded"):
        order_transfer(bank.maker, account, payee, "50000.00")
    with refused("limit_exceeded"):
        order_withdrawal(bank.maker, account, "10000.01")
    assert order_withdrawal(bank.maker, account, "10000.00").done


def test_closing_pays_the_whole_balance_out() -> None:
    account, payee = limited((DAILY, "10.00"), balance="80.00"), make_account()
    close(account, payee_id=payee.pk)
    assert ledger_of(payee) == "80.00"


def test_an_account_without_limits_costs_no_query() -> None:
    account = make_account("10.00")
    with CaptureQueriesContext(connection) as queries:
        limits.check(account, cny("5.00"), channel=Channel.STAFF, business_date=TODAY)
    assert len(queries) == 0
