"""Refunds: what of a transfer is given back, in one part or several, by the partner that ordered it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from bankops.core import clock
from bankops.core.api import errors, pages
from bankops.core.api.addresses import key_in
from bankops.core.api.views import WritingView
from bankops.core.errors import BankOpsError
from bankops.core.idempotency import Answer
from transactions import selectors
from transactions.api import codes, expanded, outputs, refusals
from transactions.api.inputs import RefundInput
from transactions.api.payments import (
    Filters,
    PaymentCancel,
    PaymentDetail,
    PaymentView,
    about,
    require_rights,
    terms_of,
    with_status_and,
)
from transactions.api.shapes import RefundPage, RefundShape
from transactions.errors import WrongCurrency
from transactions.models import Kind, State, Transaction
from transactions.partner_visibility import own_payments, own_transfers
from transactions.services import partner_orders

READ, WRITE = "refunds:read", "refunds:write"
EXPANDABLE = expanded.names(of="refund_of", takes=expanded.OF_TRANSFERS)


class RefundFilters(Filters):
    """What a list of refunds can be narrowed by."""


class RefundView(PaymentView):
    """What is done with the refunds of a partner's own transfer."""

    kind = Kind.REFUND

    def transfer(self) -> Transaction:
        """Return the transfer that the address names.

        :raises NotFound: when there is none, or another partner ordered it.
        """
        key = key_in(self.kwargs["transfer"], Transaction.ID_PREFIX)
        found = own_transfers(self.caller.partner_id).filter(pk=key).first()
        if found is None:
            raise errors.NotFound
        return found

    def own(self) -> QuerySet[Transaction]:
        """Return the partner's own refunds of the transfer."""
        key = key_in(self.kwargs["transfer"], Transaction.ID_PREFIX)
        return own_payments(self.caller.partner_id, Kind.REFUND).filter(refunds=key).select_related("refunds")

    def payment(self) -> Transaction:
        """Return the refund that the address names.

        :raises NotFound: when there is none of this transfer, or it is another partner's.
        """
        found = self.own().filter(pk=key_in(self.kwargs["refund"], Transaction.ID_PREFIX)).first()
        if found is None:
            raise errors.NotFound
        return found

    def shown(self, rows: Collection[Transaction], *, made_just_now: bool = False) -> list[outputs.JSON]:
        """Return refunds of one transfer as this partner reads them; one query for all."""
        originals = [row.refunds for row in rows if row.refunds]
        if not originals:
            return []
        refunded = selectors.refunded(originals[0])
        return [outputs.refund(row, refunded=refunded) for row in rows]

    def expanded(self, rows: Sequence[Transaction], data: Sequence[outputs.JSON]) -> list[outputs.JSON]:
        """Return refunds, told as `data`, with their transfer told whole where that was asked for."""
        wanted = self.expansions()
        keys = {row.refunds_id for row in rows if row.refunds_id and wanted}
        whole = expanded.transfers(self.caller, keys, expanded.inside(wanted, "refund_of"))
        told: dict[UUID | None, outputs.JSON] = {key: {"refund_of": transfer} for key, transfer in whole.items()}
        return [{**one, **told.get(row.refunds_id, {})} for row, one in zip(rows, data, strict=True)]


class Refunds(RefundView, WritingView):
    """POST gives a part of a transfer back, or all of it; GET lists what was given back, and says what is left."""

    scopes = {"GET": READ, "POST": WRITE}
    form = RefundInput
    refuses = {"POST": codes.REFUND}
    answers = {"GET": {200: RefundPage}, "POST": {201: RefundShape, 202: RefundShape}}
    parameters = {"GET": RefundFilters}
    expandable = EXPANDABLE
    is_paged = True

    def get(self, _request: Request, **_address: str) -> HttpResponse:
        """Answer with one page, newest first. Each part tells the sum of all parts as well."""
        wanted, original = self.query(RefundFilters), self.transfer()
        rows = self.own().filter(with_status_and(wanted, {}))
        page = pages.page_of(rows, self.request, lambda row: {"row": row})
        refunded = selectors.refunded(original)
        found = [each["row"] for each in page["data"]]
        data = self.expanded(found, [outputs.refund(row, refunded=refunded) for row in found])
        sums = {"refunded_total": str(refunded), "left": str(original.money - refunded)}
        return self.listed({**page, "data": data, **sums})

    def authorise(self, data: dict[str, Any]) -> None:
        """:raises NotFound: when the transfer is not there, or another partner's.
        :raises UnknownAccount: when the partner may not pay from the account that was paid, or into the one that paid.
        """
        data["original"] = original = self.transfer()
        require_rights(self.caller, debit=original.credit_account, credit=original.debit_account)

    def perform(self, data: dict[str, Any], key: str) -> Answer:
        """Order it: 201 when it is posted, 202 when it waits for the bank, 422 when the bank has declined it."""
        original, now = data["original"], clock.now()
        if data["currency"] != original.currency:
            raise refusals.blamed((WrongCurrency(account=original.public_id), "currency"))
        try:
            placed = partner_orders.place_payment(
                operation=partner_orders.REFUND,
                caller=self.caller,
                payload={"transaction": original.public_id, **terms_of(data)},
                metadata=data["metadata"],
                key=key,
                now=now,
                business_date=clock.business_date(now),
            )
        except BankOpsError as refusal:
            sides = {"debit": original.credit_account, "credit": original.debit_account}
            raise about(self.caller, refusal, **sides) from refusal
        if placed.state == State.DECLINED:
            return refusals.declined(placed)
        row = self.own().get(pk=placed.pk)
        (shown,) = self.shown([row])
        status = 201 if row.state == State.POSTED else 202
        return self.answer(status, shown, location=outputs.location(row), subject_id=row.public_id)


class RefundDetail(RefundView, PaymentDetail):
    """GET reads one refund; PATCH replaces its metadata."""

    scopes = {"GET": READ, "PATCH": WRITE}
    expandable = EXPANDABLE
    answers = {"GET": {200: RefundShape}, "PATCH": {200: RefundShape}}


class RefundCancel(RefundView, PaymentCancel):
    """POST takes a refund back that waits for approval."""

    scopes = {"POST": WRITE}
    answers = {"POST": {200: RefundShape}}
