"""From a clean payload of an operation to the terms it names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts.models import Account
from bankops.core import ids
from bankops.core.business_days import OnHoliday
from bankops.core.money import Money
from transactions.models.standing_order import Unit
from transactions.services.standing_orders import Terms


def terms_of(payload: Mapping[str, Any]) -> Terms:
    """Return the terms of a clean payload."""
    payee = payload["payee_account"]
    return Terms(
        amount=Money.parse(payload["amount"], payload["currency"]),
        first_date=date.fromisoformat(payload["first_date"]),
        last_date=date.fromisoformat(payload["last_date"]) if payload["last_date"] else None,
        every=payload["every"],
        unit=Unit(payload["unit"]),
        day=payload["day"],
        on_holiday=OnHoliday(payload["on_holiday"]),
        retry_days=payload["retry_days"],
        payee_account_id=ids.decode(Account.ID_PREFIX, payee) if payee else None,
        counterparty_bank=payload["counterparty_bank"],
        counterparty_account=payload["counterparty_account"],
        payee_name=payload.get("payee_name", ""),
        purpose=payload["purpose"],
    )
