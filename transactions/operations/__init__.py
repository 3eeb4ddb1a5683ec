"""Movements of money that may need the consent of others: transfers, withdrawals, reversals."""

from __future__ import annotations

from bankops.core.operations import register
from transactions.operations.movements import Transfer, Withdraw
from transactions.operations.reversal import Reverse


def register_all() -> None:
    """Make them known; called once, when the app is ready."""
    for operation in (Transfer(), Withdraw(), Reverse()):
        register(operation)
