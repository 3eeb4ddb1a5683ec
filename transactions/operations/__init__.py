"""Movements of money that may need the consent of others: transfers, withdrawals, reversals."""

from __future__ import annotations

from bankops.core.operations import register
from transactions.operations import standing_orders
from transactions.operations.holds import CaptureHold
from transactions.operations.interest import SetInterestRate
from transactions.operations.movements import Transfer, Withdraw
from transactions.operations.reversal import Reverse


def register_all() -> None:
    """Make them known; called once, when the app is ready."""
    for operation in (Transfer(), Withdraw(), Reverse(), CaptureHold(), SetInterestRate(), *standing_orders.OPERATIONS):
        register(operation)
