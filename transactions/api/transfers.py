"""Transfers: made, read, listed, confirmed, taken back, and noted on by the partner that ordered them."""

from __future__ import annotations

from bankops.core.api.schema import page_of
from transactions.api.filters import by_account
from transactions.api.inputs import TransferInput
from transactions.api.payments import (
    CONFIRM,
    Filters,
    PaymentCancel,
    PaymentConfirm,
    PaymentDetail,
    PaymentList,
)
from transactions.api.shapes import TransferShape
from transactions.models import Kind
from transactions.services import partner_orders

READ, WRITE = "transfers:read", "transfers:write"
EXPANDABLE = frozenset(
    {
        "from_account",
        "to_account",
        "possible_duplicate_of",
        "possible_duplicate_of.from_account",
        "possible_duplicate_of.to_account",
    }
)


class TransferFilters(Filters):
    """What a list of transfers can be narrowed by."""

    from_account = by_account()
    to_account = by_account()


class Transfers(PaymentList):
    """POST makes a transfer, GET lists those of the partner."""

    kind = Kind.TRANSFER
    scopes = {"GET": READ, "POST": WRITE}
    expandable = EXPANDABLE
    form = TransferInput
    filters = TransferFilters
    answers = {"GET": {200: page_of(TransferShape)}, "POST": {201: TransferShape, 202: TransferShape}}
    parameters = {"GET": TransferFilters}
    operation = partner_orders.TRANSFER
    sides = "from_account", "to_account"


class TransferDetail(PaymentDetail):
    """GET reads one transfer; PATCH replaces its metadata, and nothing else of it."""

    kind = Kind.TRANSFER
    scopes = {"GET": READ, "PATCH": WRITE}
    expandable = EXPANDABLE
    answers = {"GET": {200: TransferShape}, "PATCH": {200: TransferShape}}


class TransferCancel(PaymentCancel):
    """POST takes a transfer back that waits for approval or is held."""

    kind = Kind.TRANSFER
    scopes = {"POST": WRITE}
    answers = {"POST": {200: TransferShape}}


class TransferConfirm(PaymentConfirm):
    """POST says that a transfer held back as a possible duplicate is genuine."""

    kind = Kind.TRANSFER
    scopes = {"POST": CONFIRM}
    answers = {"POST": {201: TransferShape, 202: TransferShape}}
