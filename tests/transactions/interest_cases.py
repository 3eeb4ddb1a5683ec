"""A bank that pays interest on its current accounts, day by day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from accounts.models import Account
from bankops.core.actor import Actor
from tests.accounts.factories import NOW, TANG_LING, TODAY, cny, current_account
from transactions import services as transaction_services
from transactions.models import DayCount, InterestRate
from transactions.services.interest import Accrued, accrue_interest
from transactions.services.interest_posting import post_interest
from transactions.services.turnover import roll_up_turnover

SYSTEM = Actor.system("interest")
END_OF_MARCH = date(2026, 3, 31)


def set_rate(
    rate: int = 15_000, *, day_count: DayCount = DayCount.ACT_365, valid_from: date = TODAY, currency: str = "CNY"
) -> InterestRate:
    """Set a rate on current accounts; needs `consented`."""
    return transaction_services.set_interest_rate(
        product=current_account(),
        currency=currency,
        rate=rate,
        day_count=day_count,
        valid_from=valid_from,
        reason="decided by the board",
        actor=TANG_LING,
        now=NOW,
        business_date=TODAY,
    )


def at(day: date) -> datetime:
    """Return half past nine on a day."""
    return NOW + (day - TODAY)


def book(movement: Any, account: Account, amount: str, day: date) -> Any:
    """Deposit or withdraw with a booking date."""
    return movement(account_id=account.pk, amount=cny(amount), actor=TANG_LING, now=at(day), business_date=day)


def accrue(day: date, *, rolled_up: bool = True) -> Accrued:
    """Let interest accrue up to a day, as the end of it does."""
    if rolled_up:
        roll_up_turnover()
    return accrue_interest(business_date=day)


def post(day: date) -> dict[str, int]:
    """Post the interest of a month on its last day."""
    return post_interest(business_date=day, actor=SYSTEM, now=at(day))


def units_of(account: Account) -> int:
    """Return all that accrued on an account, ever."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(units), 0) FROM transactions_interestaccrual WHERE account_id = %s", [account.pk]
        )
        return int(cursor.fetchone()[0])


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
