"""Standing orders, made as customers give them and paid as the end of the day pays them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from accounts.models import Account
from bankops.core.actor import Actor
from tests.accounts.factories import NOW, TANG_LING, TODAY, cny
from transactions import services as transaction_services
from transactions.models import StandingOrder
from transactions.services.standing_orders import Terms

ELSEWHERE = {"counterparty_bank": "BKCHCNBJ", "counterparty_account": "87144583", "payee_name": "Jan Dvorak"}
SYSTEM = Actor.system("standing_orders")


def at(day: date) -> datetime:
    """Return half past nine on a day."""
    return NOW + (day - TODAY)


def circumstances(day: date = TODAY, reason: str = "asked for it at the counter") -> dict[str, Any]:
    return {"actor": TANG_LING, "now": at(day), "business_date": day, "reason": reason}


def terms(payee: Account | None = None, amount: str = "100.00", **more: Any) -> Terms:
    """Monthly on the 5th from 5 March 2026 on, to `payee` or to an account at another bank."""
    there = ELSEWHERE if payee is None else {}
    wanted = {"first_date": date(2026, 3, 5), "day": 5, "payee_account_id": payee and payee.pk, **there, **more}
    return Terms(amount=cny(amount), **wanted)


def make_order(account: Account, payee: Account | None = None, amount: str = "100.00", **more: Any) -> StandingOrder:
    """Create an order; needs `consented`."""
    return transaction_services.create_standing_order(
        account_id=account.pk, terms=terms(payee, amount, **more), **circumstances()
    )


def pay(day: date) -> dict[str, int]:
    """Pay what is due at the end of a day."""
    return transaction_services.run_standing_orders(business_date=day, actor=SYSTEM, now=at(day))


def fresh(order: StandingOrder) -> StandingOrder:
    return StandingOrder.objects.get(pk=order.pk)
