"""An account's limits hold for its standing orders too: what is beyond them is tried again, then skipped."""

from __future__ import annotations

from datetime import date

import pytest

from accounts import services as account_services
from accounts.models import LimitChannel, LimitPeriod
from accounts.services.limits import LimitDraft
from tests.accounts.factories import NOW, TANG_LING, cny, ledger_of, make_account
from tests.transactions.standing_order_cases import make_order, pay
from transactions.models import StandingOrderRun

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consented")]


def test_the_second_payment_of_a_day_beyond_the_limit_waits() -> None:
    li = make_account("500.00")
    account_services.set_limits(
        account_id=li.pk,
        limits=[LimitDraft(LimitChannel.ALL, LimitPeriod.DAILY, cny("150.00"))],
        reason="asked for it",
        actor=TANG_LING,
        now=NOW,
    )
    make_order(li)
    make_order(li)
    assert pay(date(2026, 3, 5)) == {"paid": 1, "postponed": 1, "skipped": 0}
    assert ledger_of(li) == "400.00"
    assert StandingOrderRun.objects.get(transaction=None).refusal == "limit_exceeded"
    assert pay(date(2026, 3, 6)) == {"paid": 1, "postponed": 0, "skipped": 0}
