"""Cash that agents take in and pay out, between their own account and a customer's."""

from __future__ import annotations

from typing import Any

from bankops.core.api.schema import page_of
from transactions.api import codes, expanded
from transactions.api.filters import by_account
from transactions.api.inputs import DepositInput, WithdrawalInput
from transactions.api.payments import (
    TWIN,
    Filters,
    PaymentCancel,
    PaymentConfirm,
    PaymentDetail,
    PaymentList,
)
from transactions.api.shapes import DepositShape, WithdrawalShape
from transactions.duplicates.errors import NotAnAgent
from transactions.models import Kind
from transactions.services import partner_orders

TAKE_IN, PAY_OUT = "deposits:write", "withdrawals:write"
READ_IN, READ_OUT = "deposits:read", "withdrawals:read"
SIDES = ("agent_account", "customer_account")
EXPANDABLE = {TWIN: "", **dict.fromkeys((*SIDES, *(f"{TWIN}.{side}" for side in SIDES)), expanded.OF_ACCOUNTS)}


class CashFilters(Filters):
    """What a list of deposits or withdrawals can be narrowed by."""

    agent_account = by_account()
    customer_account = by_account()


class AtAnAgent(PaymentList):
    """POST moves the cash's worth, GET lists what the partner moved so. Only agents may."""

    expandable = EXPANDABLE
    filters = CashFilters
    parameters = {"GET": CashFilters}
    refuses = {"POST": codes.PLACE_CASH}

    def authorise(self, data: dict[str, Any]) -> None:
        """:raises NotAnAgent: when the partner is none.
        :raises UnknownAccount: naming what was written.
        """
        if not self.caller.is_agent:
            raise NotAnAgent
        super().authorise(data)


class Deposits(AtAnAgent):
    """POST credits a customer with cash that an agent took in, GET lists the partner's deposits."""

    kind = Kind.DEPOSIT
    scopes = {"GET": READ_IN, "POST": TAKE_IN}
    form = DepositInput
    answers = {"GET": {200: page_of(DepositShape)}, "POST": {201: DepositShape, 202: DepositShape}}
    operation = partner_orders.DEPOSIT
    sides = "float_account", "account"


class DepositDetail(PaymentDetail):
    """GET reads one deposit; PATCH replaces its metadata."""

    kind = Kind.DEPOSIT
    scopes = {"GET": READ_IN, "PATCH": TAKE_IN}
    expandable = EXPANDABLE
    answers = {"GET": {200: DepositShape}, "PATCH": {200: DepositShape}}


class DepositCancel(PaymentCancel):
    """POST takes a deposit back that waits for approval or is held."""

    kind = Kind.DEPOSIT
    scopes = {"POST": TAKE_IN}
    answers = {"POST": {200: DepositShape}}


class DepositConfirm(PaymentConfirm):
    """POST says that a deposit held back as a possible duplicate is genuine."""

    kind = Kind.DEPOSIT
    scopes = {"POST": TAKE_IN}
    answers = {"POST": {201: DepositShape, 202: DepositShape}}
    refuses = {"POST": codes.CONFIRM_CASH_IN}


class Withdrawals(AtAnAgent):
    """POST debits a customer for cash that an agent pays out, GET lists the partner's withdrawals."""

    kind = Kind.WITHDRAWAL
    scopes = {"GET": READ_OUT, "POST": PAY_OUT}
    form = WithdrawalInput
    answers = {"GET": {200: page_of(WithdrawalShape)}, "POST": {201: WithdrawalShape, 202: WithdrawalShape}}
    operation = partner_orders.WITHDRAWAL
    sides = "account", "float_account"


class WithdrawalDetail(PaymentDetail):
    """GET reads one withdrawal; PATCH replaces its metadata."""

    kind = Kind.WITHDRAWAL
    scopes = {"GET": READ_OUT, "PATCH": PAY_OUT}
    expandable = EXPANDABLE
    answers = {"GET": {200: WithdrawalShape}, "PATCH": {200: WithdrawalShape}}


class WithdrawalCancel(PaymentCancel):
    """POST takes a withdrawal back that waits for approval or is held. Do not pay the cash out then."""

    kind = Kind.WITHDRAWAL
    scopes = {"POST": PAY_OUT}
    answers = {"POST": {200: WithdrawalShape}}


class WithdrawalConfirm(PaymentConfirm):
    """POST says that a withdrawal held back as a possible duplicate is genuine."""

    kind = Kind.WITHDRAWAL
    scopes = {"POST": PAY_OUT}
    answers = {"POST": {201: WithdrawalShape, 202: WithdrawalShape}}
