"""The doors on payments that are held back, and the operations around them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bankops.matrix.listing import Listed, Submitted, door, here, may, page, reading_room, reason
from bankops.matrix.people import Persona
from bankops.matrix.stage import Stage
from transactions.models import DuplicateDayReport, DuplicatePolicy

_TERMS = {"window_minutes": 60, "twins_tolerated": 1, "amount_within_basis_points": 0, "held_hours": 24}


def duplicates() -> Iterator[Listed]:
    for verb in ("release", "cancel_held"):
        yield from door(
            f"transactions_transaction_{verb}", here(f"transactions.{verb}"), _keyed, lambda stage: [stage.held.pk]
        )
    for verb in ("release_risk_held", "decline_risk_held"):
        yield from door(
            f"transactions_transaction_{verb}", here(f"transactions.{verb}"), _keyed, lambda stage: [stage.risk_held.pk]
        )
    yield from reading_room(
        "transactions_duplicatepolicy",
        may("transactions.view_duplicatepolicy"),
        lambda _stage: DuplicatePolicy.objects.first(),
    )
    yield from door(
        "transactions_transaction_refund", here("transactions.refund"), _part, lambda stage: [stage.transfer.pk]
    )
    days = "transactions_duplicatedayreport"
    yield from reading_room(
        days, may("transactions.view_duplicatedayreport"), lambda _stage: DuplicateDayReport.objects.first()
    )
    yield page(f"{days}_day", may("transactions.view_duplicatedayreport"))
    change = "change_duplicate_policy"
    yield from door(f"transactions_duplicatepolicy_{change}", may(f"transactions.{change}"), _policy)


def submitted() -> Iterator[Submitted]:
    """Yield the operations behind them, and those that partners' systems ask for."""
    yield Submitted("transactions.release", lambda stage: {"transaction": stage.held.public_id}, "carried out")
    yield Submitted("transactions.release_risk_held", lambda stage: {"transaction": stage.risk_held.public_id})
    yield Submitted(
        "transactions.decline_risk_held", lambda stage: {"transaction": stage.risk_held.public_id}, "carried out"
    )
    yield Submitted("transactions.change_duplicate_policy", lambda _stage: {**_TERMS, "staff_too": False})
    yield Submitted("transactions.refund", _refund, "carried out", "CNY 1")
    for verb in ("agent_deposit", "agent_withdraw"):
        yield Submitted(f"transactions.{verb}", _at_an_agent, remark="by partners only")


def _refund(stage: Stage) -> dict[str, Any]:
    return {"transaction": stage.transfer.public_id, "amount": "1.00", "currency": "CNY"}


def _at_an_agent(stage: Stage) -> dict[str, Any]:
    accounts = {"float_account": stage.accounts["payee"].public_id, "account": stage.accounts["payer"].public_id}
    return {**accounts, "amount": "1.00", "currency": "CNY"}


def _keyed(stage: Stage, persona: Persona) -> dict[str, Any]:
    return {**reason(stage, persona), "idempotency_key": "a key of the form"}


def _part(stage: Stage, persona: Persona) -> dict[str, Any]:
    return {**_keyed(stage, persona), "amount": "1.00", "narrative": "", "confirmed": "1"}


def _policy(stage: Stage, persona: Persona) -> dict[str, Any]:
    return {**_keyed(stage, persona), **_TERMS, "partner": ""}
