"""Movements of money that may need the consent of others: transfers, withdrawals, reversals."""

from __future__ import annotations

from bankops.core.operations import register
from transactions.operations import standing_orders
from transactions.operations.agents import AgentDeposit, AgentWithdraw
from transactions.operations.duplicates import ChangeDuplicatePolicy, Release
from transactions.operations.held import DeclineRiskHeld, ReleaseRiskHeld
from transactions.operations.holds import CaptureHold
from transactions.operations.interest import SetInterestRate
from transactions.operations.movements import Transfer, Withdraw
from transactions.operations.refunds import Refund
from transactions.operations.reversal import Reverse
from transactions.operations.transfer_batches import BatchOfTransfers

_DUPLICATES = (Release(), ChangeDuplicatePolicy())
_RISK = (ReleaseRiskHeld(), DeclineRiskHeld())
_PARTNERS = (Refund(), AgentDeposit(), AgentWithdraw(), BatchOfTransfers())


def register_all() -> None:
    """Make them known; called once, when the app is ready."""
    movements = (Transfer(), Withdraw(), Reverse(), CaptureHold())
    for operation in (*movements, SetInterestRate(), *_DUPLICATES, *_RISK, *_PARTNERS, *standing_orders.OPERATIONS):
        register(operation)
