"""What this app does at the end of every business day (`bankops.core.end_of_day`, docs/end-of-day.md)."""

from __future__ import annotations

from datetime import date, datetime

from bankops.core.actor import Actor
from bankops.core.end_of_day import Step, register
from transactions.interest.amounts import is_last_of_month
from transactions.services.interest import accrue_interest
from transactions.services.interest_posting import post_interest
from transactions.services.standing_order_runs import run_standing_orders
from transactions.services.turnover import roll_up_turnover

STANDING_ORDERS = Actor.system("standing_orders")
INTEREST = Actor.system("interest")
_ACCRUAL = "interest_accrual"


def register_all() -> None:
    """Make the steps known; called once, when the app is ready."""
    register(Step("turnover", 10, _add_up))
    register(Step("standing_orders", 20, _pay_standing_orders))
    register(Step(_ACCRUAL, 30, _accrue))
    # What has not accrued to the last day cannot be posted.
    register(Step("interest_posting", 40, _post, needs=(_ACCRUAL,)))


def _add_up(_business_date: date, _now: datetime) -> dict[str, int]:
    done = roll_up_turnover()
    return {"accounts": done.accounts, "postings": done.postings}


def _pay_standing_orders(business_date: date, now: datetime) -> dict[str, int]:
    return run_standing_orders(business_date=business_date, actor=STANDING_ORDERS, now=now)


def _accrue(business_date: date, _now: datetime) -> dict[str, int]:
    days, earned, corrected = accrue_interest(business_date=business_date)
    return {"days": days, "earned": earned, "corrected": corrected}


def _post(business_date: date, now: datetime) -> dict[str, int]:
    if not is_last_of_month(business_date):
        return {}
    return post_interest(business_date=business_date, actor=INTEREST, now=now)
