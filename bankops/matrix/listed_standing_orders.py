"""The doors on standing orders and interest rates, and the operations behind them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bankops.core import clock
from bankops.matrix.listing import (
    Arguments,
    Form,
    Listed,
    Submitted,
    account,
    door,
    here,
    may,
    reading_room,
    reason,
)
from bankops.matrix.people import Persona
from bankops.matrix.stage import Stage
from transactions.models import InterestRate, StandingOrderRun


def standing_orders() -> Iterator[Listed]:
    for model, record in {
        "standingorder": lambda stage: stage.orders["active"],
        "standingorderrun": lambda _stage: StandingOrderRun.objects.get(),
    }.items():
        permission = f"transactions.view_{model}"
        yield from reading_room(f"transactions_{model}", may(permission), record, its=here(permission))
    permission = "transactions.create_standing_order"
    yield from door("accounts_account_create_standing_order", here(permission), _terms, account("payer"))
    doors: dict[str, tuple[str, Form]] = {
        "change": ("changing", _terms),
        "suspend": ("active", reason),
        "resume": ("suspended", reason),
        "end": ("ending", reason),
    }
    for verb, (which, form) in doors.items():
        name = f"{verb}_standing_order"
        yield from door(f"transactions_standingorder_{name}", here(f"transactions.{name}"), form, _order(which))


def interest() -> Iterator[Listed]:
    view = may("transactions.view_interestrate")
    yield from reading_room("transactions_interestrate", view, lambda _stage: InterestRate.objects.get())
    yield from door("transactions_interestrate_set_interest_rate", may("transactions.set_interest_rate"), _rate)


def submitted() -> Iterator[Submitted]:
    """Yield the operations behind them."""
    yield Submitted("transactions.create_standing_order", _creation, "carried out")
    yield Submitted("transactions.change_standing_order", _change)
    for verb, which in {"suspend": "active", "resume": "suspended", "end": "ending"}.items():
        yield Submitted(f"transactions.{verb}_standing_order", _named(which), "carried out")
    yield Submitted("transactions.set_interest_rate", _rate_from)


def _order(which: str) -> Arguments:
    return lambda stage: [stage.orders[which].pk]


def _named(which: str) -> Any:
    return lambda stage: {"standing_order": stage.orders[which].public_id, "version": 1}


def _wanted(stage: Stage) -> dict[str, Any]:
    """Return terms below the shipped threshold."""
    first = clock.business_date(stage.now) + timedelta(days=3)
    elsewhere = {"counterparty_bank": "BKCHCNBJ", "counterparty_account": "87144583", "payee_name": "Jan Dvorak"}
    return {
        **elsewhere,
        "amount": "10.00",
        "first_date": first.isoformat(),
        "unit": "WEEK",
        "every": 1,
        "retry_days": 3,
    }


def _creation(stage: Stage) -> dict[str, Any]:
    return {"account": stage.accounts["payer"].public_id, "currency": "CNY", **_wanted(stage)}


def _change(stage: Stage) -> dict[str, Any]:
    return {**_named("changing")(stage), "currency": "CNY", **_wanted(stage)}


def _terms(stage: Stage, persona: Persona) -> dict[str, Any]:
    return {**reason(stage, persona), **_wanted(stage), "on_holiday": "FOLLOWING", "confirmed": "1"}


def _rate_from(stage: Stage) -> dict[str, Any]:
    day = clock.business_date(stage.now) + timedelta(days=30)
    terms = {"product": "SAVINGS", "currency": "CNY", "rate": "1.75", "day_count": "ACT_365"}
    return {**terms, "valid_from": day.isoformat()}


def _rate(stage: Stage, persona: Persona) -> dict[str, Any]:
    return {**reason(stage, persona), **_rate_from(stage)}
