"""Overdraft and limits: how they are set, and what the database keeps of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Account, AccountLimit, AccountStatus, LimitChannel, LimitPeriod
from accounts.services import LimitDraft, set_limits, set_overdraft
from accounts.services.limits import limits_of
from bankops.core import operations
from bankops.core.models import AuditEvent, OutboxMessage
from bankops.core.money import Money
from bankops.core.operations import ConsentRequired
from tests.accounts.factories import NOW, TANG_LING, cny, make_account, own_account
from tests.unchanged import check_deferred, refused, refused_by_database

pytestmark = pytest.mark.django_db

BY: dict[str, Any] = {"actor": TANG_LING, "now": NOW}
DAILY, MONTHLY, EACH = LimitPeriod.DAILY, LimitPeriod.MONTHLY, LimitPeriod.TRANSACTION


def limit(period: LimitPeriod, amount: str, channel: LimitChannel = LimitChannel.ALL) -> LimitDraft:
    return LimitDraft(channel, period, cny(amount))


def give(account: Account, *limits: LimitDraft, reason: str = "asked for it") -> Account:
    with operations.carrying_out("accounts.set_limits"):
        return set_limits(account_id=account.pk, limits=limits, reason=reason, **BY)


def allow(account: Account, overdraft: Money, reason: str = "salary comes in") -> Account:
    with operations.carrying_out("accounts.set_overdraft"):
        return set_overdraft(account_id=account.pk, limit=overdraft, reason=reason, **BY)


# -- Limits ----------------------------------------------------------------------------------------------------------


def test_limits_take_the_place_of_those_before() -> None:
    account = make_account()
    assert give(account, limit(DAILY, "100.00"), limit(EACH, "50.00", LimitChannel.PARTNER)).has_limits
    give(account, limit(DAILY, "80.00"), limit(MONTHLY, "500.00"))
    assert limits_of(account) == {("ALL", "DAILY"): cny("80.00"), ("ALL", "MONTHLY"): cny("500.00")}
    assert not give(account).has_limits
    assert limits_of(account) == {}
    check_deferred()
    written = AccountLimit.history.order_by("history_id").values_list("history_type", "period", "amount")
    assert sorted(written) == sorted(
        [
            ("+", "DAILY", 10_000),
            ("+", "TRANSACTION", 5_000),
            ("-", "TRANSACTION", 5_000),
            ("~", "DAILY", 8_000),
            ("+", "MONTHLY", 50_000),
            ("-", "DAILY", 8_000),
            ("-", "MONTHLY", 50_000),
        ]
    )


def test_the_trail_and_the_outside_hear_of_it() -> None:
    account = make_account()
    give(account, limit(DAILY, "100.00"))
    give(account, limit(DAILY, "80.00"))
    event = AuditEvent.objects.filter(event_type="accounts.account.limits_set").latest("id")
    assert (event.reason, event.changes) == ("asked for it", {"DAILY ALL": ["100.00", "80.00"]})
    told = OutboxMessage.objects.latest("id")
    assert told.payload["limits"] == [{"channel": "ALL", "period": "DAILY", "amount": "80.00"}]


def test_limits_that_make_no_sense_are_refused() -> None:
    account, closed, cash = make_account(), make_account(status=AccountStatus.CLOSED), own_account()
    wanted = limit(DAILY, "100.00")
    refusals: dict[str, Callable[[], object]] = {
        "limit_negative": lambda: give(account, limit(DAILY, "-0.01")),
        "limit_given_twice": lambda: give(account, wanted, limit(DAILY, "80.00")),
        "mixed_currencies": lambda: give(account, LimitDraft(LimitChannel.ALL, DAILY, Money(100, "USD"))),
        "limits_unchanged": lambda: give(account),
        "reason_required": lambda: give(account, wanted, reason=" "),
        "account_not_open": lambda: give(closed, wanted),
        "own_account_protected": lambda: give(cash, wanted),
        "account_not_found": lambda: give(Account(pk=uuid4()), wanted),
    }
    for code, call in refusals.items():
        with refused(code):
            call()
    with pytest.raises(ConsentRequired):
        set_limits(account_id=account.pk, limits=[wanted], reason="quickly", **BY)


# -- Overdraft -------------------------------------------------------------------------------------------------------


def test_an_overdraft_is_set() -> None:
    account = make_account("10.00", overdraft="5.00")
    assert allow(account, cny("50.00")).overdraft_limit == 5_000
    account.refresh_from_db()
    assert account.balance.available == cny("60.00")
    event = AuditEvent.objects.get(event_type="accounts.account.overdraft_set")
    assert event.changes == {"overdraft_limit": ["5.00", "50.00"]}
    assert OutboxMessage.objects.latest("id").topic == "accounts.account.overdraft_set"
    assert account.history.latest().overdraft_limit == 5_000


def test_an_overdraft_that_makes_no_sense_is_refused() -> None:
    account, closed, cash = make_account(overdraft="5.00"), make_account(status=AccountStatus.CLOSED), own_account()
    refusals: dict[str, Callable[[], object]] = {
        "overdraft_negative": lambda: allow(account, cny("-1.00")),
        "overdraft_unchanged": lambda: allow(account, cny("5.00")),
        "mixed_currencies": lambda: allow(account, Money(100, "USD")),
        "reason_required": lambda: allow(account, cny("1.00"), reason=""),
        "account_not_open": lambda: allow(closed, cny("1.00")),
        "own_account_protected": lambda: allow(cash, cny("1.00")),
        "account_not_found": lambda: allow(Account(pk=uuid4()), cny("1.00")),
    }
    for code, call in refusals.items():
        with refused(code):
            call()
    with pytest.raises(ConsentRequired):
        set_overdraft(account_id=account.pk, limit=cny("1.00"), reason="quickly", **BY)


# -- The database is the last line -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"channel": "ALL", "period": "DAILY", "amount": 1}, "limit_once"),
        ({"channel": "STAFF", "period": "DAILY", "amount": -1}, "limit_not_negative"),
        ({"channel": "PIGEON", "period": "DAILY", "amount": 1}, "limit_channel_known"),
        ({"channel": "STAFF", "period": "YEARLY", "amount": 1}, "limit_period_known"),
    ],
)
def test_a_limit_cannot_be_written_so(row: dict[str, Any], rule: str) -> None:
    account = give(make_account(), limit(DAILY, "100.00"))
    with refused_by_database(rule):
        AccountLimit.objects.bulk_create([AccountLimit(account=account, **row)])


def test_the_account_says_whether_it_has_limits() -> None:
    limited, free = give(make_account(), limit(DAILY, "100.00")), make_account()
    with refused_by_database("limits_are_said"):
        Account.objects.filter(pk=limited.pk).update(has_limits=False)
    with refused_by_database("limits_are_said"):
        Account.objects.filter(pk=free.pk).update(has_limits=True)
    with refused_by_database("limits_are_said"):
        AccountLimit.objects.filter(account=limited)._raw_delete("default")
    with refused_by_database("limits_are_said"):
        AccountLimit.objects.bulk_create([AccountLimit(account=free, channel="ALL", period="DAILY", amount=1)])
