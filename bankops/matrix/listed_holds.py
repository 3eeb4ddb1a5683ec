"""The doors on money that is held, and the operation behind one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
    with_reason,
)
from bankops.matrix.stage import Stage

_VIEW = "transactions.view_hold"


def holds() -> Iterator[Listed]:
    yield from reading_room("transactions_hold", may(_VIEW), lambda stage: stage.holds["kept"], its=here(_VIEW))
    doors: dict[str, tuple[str, Form]] = {
        "capture_hold": ("announced", lambda stage, persona: {**reason(stage, persona), "amount": "10.00"}),
        "void_hold": ("kept", reason),
    }
    for name, (hold, form) in doors.items():
        yield from door(f"transactions_hold_{name}", here(f"transactions.{name}"), form, _hold(hold))
    held, right = with_reason(amount="10.00"), here("transactions.place_hold")
    yield from door("accounts_account_place_hold", right, held, account("payer"))


def submitted() -> Iterator[Submitted]:
    """Yield the operations behind them."""
    yield Submitted("transactions.capture_hold", _captured, "carried out", "CNY 10")


def _captured(stage: Stage) -> dict[str, Any]:
    return {"hold": stage.holds["announced"].public_id, "amount": "10.00", "currency": "CNY", "narrative": ""}


def _hold(name: str) -> Arguments:
    return lambda stage: [stage.holds[name].pk]
