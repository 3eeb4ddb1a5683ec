"""The doors on a customer's data and on rights to accounts, and the operations behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bankops.matrix.listing import (
    Form,
    Listed,
    Payload,
    Submitted,
    account,
    customer,
    door,
    here,
    reason,
    with_reason,
)
from bankops.matrix.people import Persona
from bankops.matrix.stage import Stage


def people() -> Iterator[Listed]:
    customers: dict[str, Form] = {
        "update_customer": _changed,
        "give_consent": with_reason(purpose="PROFILING", channel="BRANCH", text_version="2026-01"),
        "withdraw_consent": with_reason(purpose="MARKETING"),
    }
    for name, form in customers.items():
        yield from door(f"accounts_customer_{name}", here(f"accounts.{name}"), form, customer)
    accounts: dict[str, tuple[str, Form]] = {"add_party": ("payer", _party), "remove_party": ("payee", _ended)}
    for name, (which, form) in accounts.items():
        yield from door(f"accounts_account_{name}", here(f"accounts.{name}"), form, account(which))


def submitted() -> Iterator[Submitted]:
    """Yield the operations behind them."""
    yield Submitted("accounts.update_customer", _change)
    yield Submitted("accounts.add_party", _rights("payer", role="DISPONENT", rights="VIEW", signature="SINGLE"))
    yield Submitted("accounts.remove_party", _rights("payee"))


def _change(stage: Stage) -> dict[str, Any]:
    kept = stage.change
    return {"customer": stage.customer.public_id, "base_version": kept.base_version, "change": kept.digest}


def _changed(stage: Stage, persona: Persona) -> dict[str, Any]:
    known = stage.customer
    return {
        **reason(stage, persona),
        "version": known.version,
        "name": known.name,
        "branch": known.branch_id,
        "email": "wang.fang@example.com",
    }


def _party(stage: Stage, persona: Persona) -> dict[str, Any]:
    rights = {"role": "DISPONENT", "rights": "VIEW", "signature": "SINGLE", "debit_limit": ""}
    return {**reason(stage, persona), **rights, "customer": stage.partner.number}


def _ended(stage: Stage, persona: Persona) -> dict[str, Any]:
    return {**reason(stage, persona), "party": stage.accounts["payee"].parties.get().pk}


def _rights(which: str, **more: str) -> Payload:
    return lambda stage: {
        "account": stage.accounts[which].public_id,
        "customer": stage.partner.public_id,
        **more,
    }
