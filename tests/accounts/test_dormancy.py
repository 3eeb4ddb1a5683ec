"""Accounts nobody uses fall asleep; money that leaves them again passes two pairs of eyes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured

from accounts import activity
from accounts.models import Account, AccountStatus
from accounts.services import fall_dormant, mark_dormant, wake_account
from accounts.services.dormancy import months_before
from bankops.core import operations
from bankops.core.models import AuditEvent, OutboxMessage
from bankops.core.operations import ConsentRequired
from tests.accounts.factories import NOW, TANG_LING, TODAY, cny, make_account, own_account
from tests.transactions.factories import deposit, transfer, withdraw
from tests.unchanged import nothing_changes, refused
from transactions.models import Channel

pytestmark = pytest.mark.django_db

A_YEAR_LATER = date(2027, 3, 3)  # the first day on which an account opened on 2026-03-02 is older than twelve months
BY: dict[str, Any] = {"actor": TANG_LING, "now": NOW}


def sleep(account: Account, reason: str = "nobody comes") -> Account:
    with operations.carrying_out("accounts.mark_dormant"):
        return mark_dormant(account_id=account.pk, reason=reason, **BY)


def wake(account: Account, reason: str = "was here, with passport", business_date: date = TODAY) -> Account:
    with operations.carrying_out("accounts.wake_account"):
        return wake_account(account_id=account.pk, reason=reason, business_date=business_date, **BY)


def status_of(account: Account) -> str:
    return Account.objects.get(pk=account.pk).status


def test_an_account_is_put_to_sleep_and_woken() -> None:
    account = make_account("10.00")
    assert sleep(account).status == AccountStatus.DORMANT
    assert wake(account).status == AccountStatus.ACTIVE
    account.refresh_from_db()
    assert (account.status, account.woken_date) == (AccountStatus.ACTIVE, TODAY)
    names = ["accounts.account.marked_dormant", "accounts.account.woken"]
    events = AuditEvent.objects.filter(event_type__in=names).order_by("id")
    assert [(event.event_type, event.changes["status"]) for event in events] == [
        (names[0], ["ACTIVE", "DORMANT"]),
        (names[1], ["DORMANT", "ACTIVE"]),
    ]
    assert list(OutboxMessage.objects.order_by("id").values_list("topic", flat=True))[-2:] == names


def test_a_dormant_account_takes_money_in_and_lets_none_out(consented: None) -> None:
    account = make_account("10.00", status=AccountStatus.DORMANT)
    deposit(account, cny("5.00"))
    with refused("account_dormant"):
        withdraw(account, cny("1.00"))


def test_what_makes_no_sense_is_refused() -> None:
    active, closed, cash = make_account(), make_account(status=AccountStatus.CLOSED), own_account()
    asleep = make_account(status=AccountStatus.DORMANT)
    refusals: dict[str, Callable[[], object]] = {
        "account_not_active": lambda: sleep(asleep),
        "account_not_dormant": lambda: wake(active),
        "account_not_open": lambda: sleep(closed),
        "own_account_protected": lambda: sleep(cash),
        "account_not_found": lambda: wake(Account(pk=uuid4())),
        "reason_required": lambda: wake(asleep, reason=" "),
    }
    for code, call in refusals.items():
        with refused(code):
            call()
    with pytest.raises(ConsentRequired):
        wake_account(account_id=asleep.pk, reason="quickly", business_date=TODAY, **BY)
    with pytest.raises(ConsentRequired):
        mark_dormant(account_id=active.pk, reason="quickly", **BY)


# -- At the end of the day -------------------------------------------------------------------------------------------


def test_months_are_counted_by_the_calendar() -> None:
    assert months_before(date(2027, 3, 2), 12) == date(2026, 3, 2)
    assert months_before(date(2028, 2, 29), 12) == date(2027, 2, 28)
    assert months_before(date(2026, 3, 31), 1) == date(2026, 2, 28)
    assert months_before(date(2026, 1, 15), 1) == date(2025, 12, 15)


def test_an_account_falls_asleep_a_year_after_its_customer_last_did_something(consented: None) -> None:
    idle, sent, brought = make_account("10.00"), make_account("10.00"), make_account("10.00")
    for account, movement in ((sent, withdraw), (brought, deposit)):
        movement(account, cny("1.00"), business_date=TODAY + timedelta(days=1))
    deposit(idle, cny("1.00"), business_date=TODAY - timedelta(days=1))
    Account.objects.filter(pk=idle.pk).update(opened_date=TODAY - timedelta(days=400))
    idle_since_opening = make_account()
    assert fall_dormant(business_date=date(2027, 3, 2), now=NOW) == 0  # twelve months to the day
    assert fall_dormant(business_date=A_YEAR_LATER, now=NOW) == 2
    assert [status_of(one) for one in (idle, idle_since_opening, sent, brought)] == [
        "DORMANT",
        "DORMANT",
        "ACTIVE",
        "ACTIVE",
    ]
    with nothing_changes():
        assert fall_dormant(business_date=A_YEAR_LATER, now=NOW) == 0
    assert fall_dormant(business_date=date(2027, 3, 4), now=NOW) == 2


def test_what_others_send_and_what_runs_by_itself_is_no_activity(consented: None) -> None:
    payer, payee = make_account("10.00"), make_account()
    transfer(payer, payee, cny("1.00"), business_date=A_YEAR_LATER)
    by_itself = make_account("10.00")
    transfer(by_itself, payer, cny("1.00"), business_date=A_YEAR_LATER, channel=Channel.SYSTEM)
    fall_dormant(business_date=A_YEAR_LATER, now=NOW)
    assert [status_of(one) for one in (payer, payee, by_itself)] == ["ACTIVE", "DORMANT", "DORMANT"]


def test_a_woken_account_does_not_fall_asleep_the_next_evening() -> None:
    account = make_account(status=AccountStatus.DORMANT)
    wake(account, business_date=A_YEAR_LATER)
    assert fall_dormant(business_date=A_YEAR_LATER + timedelta(days=1), now=NOW) == 0
    assert fall_dormant(business_date=A_YEAR_LATER + timedelta(days=367), now=NOW) == 1


def test_only_active_customers_accounts_fall_asleep() -> None:
    own_account()
    make_account(status=AccountStatus.CLOSED)
    make_account(status=AccountStatus.PENDING)
    with nothing_changes():
        assert fall_dormant(business_date=A_YEAR_LATER, now=NOW) == 0


def test_nobody_falls_asleep_because_nobody_looked() -> None:
    make_account()
    before = activity.install(None)
    try:
        with nothing_changes(), pytest.raises(ImproperlyConfigured):
            fall_dormant(business_date=A_YEAR_LATER, now=NOW)
    finally:
        activity.install(before)
