"""Transfers: made, read, listed, confirmed, taken back, and noted on by the partner that ordered them."""

from __future__ import annotations

from bankops.core.api.schema import page_of
from transactions.api import codes, expanded
from transactions.api.filters import by_account
from transactions.api.inputs import TransferInput
from transactions.api.payments import (
    TWIN,
    Filters,
    PaymentCancel,
    PaymentConfirm,
    PaymentDetail,
    PaymentList,
    PaymentView,
)
from transactions.api.shapes import TransferShape
from transactions.models import Kind, Transaction
from transactions.services import partner_orders

READ, WRITE = "transfers:read", "transfers:write"
OF_BATCHES = "batches:write"
EXPANDABLE = expanded.names(*expanded.SIDES, of=TWIN, takes="")


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
    refuses = {"POST": codes.PLACE}
    operation = partner_orders.TRANSFER
    sides = "from_account", "to_account"


class TransferDetail(PaymentDetail):
    """GET reads one transfer; PATCH replaces its metadata, and nothing else of it."""

    kind = Kind.TRANSFER
    scopes = {"GET": READ, "PATCH": WRITE}
    expandable = EXPANDABLE
    answers = {"GET": {200: TransferShape}, "PATCH": {200: TransferShape}}


class OrderedWith(PaymentView):
    """What is done with a transfer takes the scope that it was ordered with: of items of batches, theirs is enough."""

    kind = Kind.TRANSFER
    scopes = {"POST": WRITE}
    also_with = {"POST": OF_BATCHES}

    def payment(self) -> Transaction:
        """Return the transfer that the address names.

        :raises ScopeMissing: when it is no item of a batch, and the token is for batches only.
        """
        row = super().payment()
        if not self.caller.opens(WRITE) and not row.batch_items.exists():
            self.caller.require(WRITE)
        return row


class TransferCancel(OrderedWith, PaymentCancel):
    """POST takes a transfer back that waits for approval or is held. For items of batches `batches:write` is enough."""

    answers = {"POST": {200: TransferShape}}


class TransferConfirm(OrderedWith, PaymentConfirm):
    """POST says that a transfer held back as a possible duplicate is genuine. For items of batches `batches:write` is enough."""

    answers = {"POST": {201: TransferShape, 202: TransferShape}}
