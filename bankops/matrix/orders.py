"""Standing orders and an interest rate, as they stand on the stage: what their doors are tried on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from accounts.models import Account
from bankops.core import clock
from transactions.models import DayCount, InterestRate, StandingOrder, StandingOrderRun, Transaction
from transactions.models.standing_order import OrderState, RunState, Unit


def orders(account: Account, paid_by: Transaction, now: datetime) -> dict[str, StandingOrder]:
    """Write an active order, a suspended one and one to be ended, and a payment of the first."""
    today = clock.business_date(now)
    weekly: dict[str, Any] = {"unit": Unit.WEEK, "day": None, "first_date": today}
    due: dict[str, Any] = {"next_date": today + timedelta(weeks=1), "next_due": today + timedelta(weeks=1)}
    wanted: dict[str, dict[str, Any]] = {
        "active": due,
        "changing": due,
        "ending": due,
        "suspended": {"state": OrderState.SUSPENDED},
    }
    made = {
        name: StandingOrder.objects.create(
            account=account,
            amount=10_000,
            currency=account.currency,
            counterparty_bank="YZ",
            counterparty_account=f"8714458{number}",
            **weekly,
            **more,
        )
        for number, (name, more) in enumerate(wanted.items())
    }
    StandingOrderRun.objects.create(
        order=made["active"], date=today, state=RunState.PAID, last_attempt=today, transaction=paid_by
    )
    return made


def rate(now: datetime) -> InterestRate:
    """Write a rate that counts from the day of the stage on."""
    return InterestRate.objects.create(
        product_id="SAVINGS",
        currency="CNY",
        rate=15_000,
        day_count=DayCount.ACT_365,
        valid_from=clock.business_date(now),
        created_at=now,
    )
