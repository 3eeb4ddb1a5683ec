"""The doors of an account's life, and the operations behind them: freezing, limits, dormancy, closing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bankops.matrix.listing import Form, Listed, Payload, Submitted, account, door, here, reason, with_reason
from bankops.matrix.people import Persona
from bankops.matrix.stage import Stage


def lifecycle() -> Iterator[Listed]:
    doors: dict[str, tuple[str, Form]] = {
        "freeze_account": ("payee", with_reason(restriction="BLOCK_DEBIT", reason_code="SUSPECTED_FRAUD")),
        "release_account": ("frozen", _release),
        "mark_dormant": ("empty", reason),
        "wake_account": ("dormant", reason),
        "set_overdraft": ("payee", with_reason(limit="100.00")),
        "set_limits": ("payee", with_reason(ALL_DAILY="100.00")),
        "close_account": ("empty", reason),
        "reopen_account": ("closed", reason),
    }
    for name, (which, form) in doors.items():
        yield from door(f"accounts_account_{name}", here(f"accounts.{name}"), form, account(which))


def submitted() -> Iterator[Submitted]:
    """Yield the operations behind them."""
    yield Submitted("accounts.open_account", _opening)
    yield Submitted("accounts.freeze_account", _on("payee", restriction="BLOCK_DEBIT"), "carried out")
    yield Submitted("accounts.release_account", lambda stage: {"restriction": stage.restriction.public_id})
    yield Submitted("accounts.mark_dormant", _on("empty"), "carried out")
    yield Submitted("accounts.wake_account", _on("dormant"))
    yield Submitted("accounts.set_overdraft", _on("payee", limit="100.00", currency="CNY"))
    yield Submitted("accounts.set_limits", _on("payee", limits={"ALL": {"DAILY": "100.00"}}))
    yield Submitted("accounts.close_account", _on("empty"))
    yield Submitted("accounts.reopen_account", _on("closed"))


def _on(which: str, **more: Any) -> Payload:
    return lambda stage: {"account": stage.accounts[which].public_id, **more}


def _opening(stage: Stage) -> dict[str, str]:
    terms = {"product": "SAVINGS", "branch": "001", "currency": "CNY", "overdraft": "0"}
    return {"customer": stage.customer.public_id, **terms}


def _release(stage: Stage, persona: Persona) -> dict[str, Any]:
    return {**reason(stage, persona), "restriction": stage.restriction.public_id}
