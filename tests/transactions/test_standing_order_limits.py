"""An account's limits hold for its standing orders too: what is beyond them is tried again, then skipped."""

from __future__ import annotations

from datetime import date

import pytest

from accounts import services as account_services
from accounts.models import Account, LimitChannel, LimitPeriod
from accounts.services.limits import LimitDraft
from tests.accounts.factories import NOW, TANG_LING, cny, ledger_of, make_account
from tests.transactions.standing_order_cases import circumstances, make_order, pay, terms
from tests.unchanged import refused_by_database
from transactions import services as transaction_services
from transactions.models import Channel, StandingOrder, StandingOrderRun

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consented")]


def limited(account: Account, channel: LimitChannel, period: LimitPeriod, amount: str) -> None:
    limits = [LimitDraft(channel, period, cny(amount))]
    account_services.set_limits(account_id=account.pk, limits=limits, reason="asked for it", actor=TANG_LING, now=NOW)


def test_the_second_payment_of_a_day_beyond_the_limit_waits() -> None:
    li = make_account("500.00")
    limited(li, LimitChannel.ALL, LimitPeriod.DAILY, "150.00")
    make_order(li)
    make_order(li)
    assert pay(date(2026, 3, 5)) == {"paid": 1, "postponed": 1, "skipped": 0}
    assert ledger_of(li) == "400.00"
    assert StandingOrderRun.objects.get(transaction=None).refusal == "limit_exceeded"
    assert pay(date(2026, 3, 6)) == {"paid": 1, "postponed": 0, "skipped": 0}


def test_what_staff_entered_counts_against_the_limits_for_staff() -> None:
    li = make_account("500.00")
    limited(li, LimitChannel.STAFF, LimitPeriod.DAILY, "150.00")
    make_order(li)
    make_order(li)
    assert pay(date(2026, 3, 5)) == {"paid": 1, "postponed": 1, "skipped": 0}
    assert ledger_of(li) == "400.00"
    assert not StandingOrder.objects.exclude(channel=Channel.STAFF).exists()


def test_what_was_taken_over_does_not() -> None:
    li = make_account("500.00")
    limited(li, LimitChannel.STAFF, LimitPeriod.TRANSACTION, "50.00")
    make_order(li)
    StandingOrder.objects.update(channel=Channel.IMPORT)
    assert pay(date(2026, 3, 5))["paid"] == 1


def test_changed_by_staff_it_is_theirs() -> None:
    li = make_account("500.00")
    limited(li, LimitChannel.STAFF, LimitPeriod.TRANSACTION, "50.00")
    order = make_order(li)
    StandingOrder.objects.update(channel=Channel.IMPORT)
    transaction_services.change_standing_order(
        order_id=order.pk, version=order.version, terms=terms(amount="60.00"), **circumstances()
    )
    assert pay(date(2026, 3, 5))["postponed"] == 1
    assert StandingOrderRun.objects.get().refusal == "limit_exceeded"


def test_a_channel_is_one_that_there_is() -> None:
    make_order(make_account("500.00"))
    with refused_by_database("standing_order_channel_known"):
        StandingOrder.objects.update(channel="PIGEON")
