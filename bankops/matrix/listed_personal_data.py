"""The doors to a customer's personal data: seen in clear, handed out, erased."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bankops.matrix.listing import NOBODY, Listed, Submitted, customer, door, here, reason, with_reason
from bankops.matrix.stage import Stage


def personal_data() -> Iterator[Listed]:
    reveal, export, erase = "reveal_personal_data", "export_personal_data", "pseudonymise_customer"
    yield from door(
        f"accounts_customer_{reveal}", here(f"accounts.{reveal}"), with_reason(parts=["identifiers"]), customer
    )
    yield from door(f"accounts_customer_{export}", here(f"accounts.{export}"), reason, _former)
    yield Listed(
        f"admin:accounts_customer_{export}",
        "POST",
        NOBODY,
        arguments=customer,
        form=reason,
        remark="with a confidential account",
        codes={"customer_service": "accounts_not_visible"},
    )
    yield from door(f"accounts_customer_{erase}", here(f"accounts.{erase}"), reason, _former)


def submitted() -> Iterator[Submitted]:
    """Yield the operations behind them."""
    yield Submitted("accounts.pseudonymise_customer", lambda stage: {"customer": stage.former.public_id})


def _former(stage: Stage) -> list[Any]:
    return [stage.former.pk]
