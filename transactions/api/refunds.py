"""Refunds: what of a transfer is given back, in one part or several, by the partner that ordered it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from bankops.core import clock
from bankops.core.api import errors, pages
from bankops.core.api.fields import InputSerializer
from bankops.core.api.views import WritingView
from bankops.core.errors import BankOpsError
from bankops.core.idempotency import Answer
from transactions import selectors
from transactions.api import outputs, refusals
from transactions.api.inputs import RefundInput
from transactions.api.payments import (
    PaymentCancel,
    PaymentDetail,
    PaymentView,
    about,
    key_in,
    require_rights,
    terms_of,
)
from transactions.api.shapes import RefundPage, RefundShape
from transactions.errors import WrongCurrency
from transactions.models import Kind, State, Transaction
from transactions.partner_visibility import own_payments, own_transfers
from transactions.services import partner_orders

SCOPE = "refunds:write"


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


class Refunds(RefundView, WritingView):
    """POST gives a part of a transfer back, or all of it; GET lists what was given back, and says what is left."""

    scopes = {"GET": SCOPE, "POST": SCOPE}
    form = RefundInput
    answers = {"GET": {200: RefundPage}, "POST": {201: RefundShape, 202: RefundShape}}
    is_paged = True

    def get(self, _request: Request, **_address: str) -> HttpResponse:
        """Answer with one page, newest first. Each part tells the sum of all parts as well."""
        self.query(InputSerializer)
        original = self.transfer()
        page = pages.page_of(self.own(), self.request, lambda row: {"row": row})
        refunded = selectors.refunded(original)
        data = [outputs.refund(each["row"], refunded=refunded) for each in page["data"]]
        sums = {"refunded_total": str(refunded), "left": str(original.money - refunded)}
        return self.listed({**page, "data": data, **sums})

    def authorise(self, data: dict[str, Any]) -> None:
        """:raises NotFound: when the transfer is not there, or another partner's.
        :raises UnknownAccount: when the partner may not pay from the account that was paid, or into the one that paid.
        """
        data["original"] = original = self.transfer()
        require_rights(self.caller, debit=original.credit_account, credit=original.debit_account)

    def perform(self, data: dict[str, Any], key: str) -> Answer:
        """Order it: 201 when it is posted, 202 when reviewers of the bank have to agree."""
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
        row = self.own().get(pk=placed.pk)
        (shown,) = self.shown([row])
        status = 201 if row.state == State.POSTED else 202
        return self.answer(status, shown, location=outputs.location(row), subject_id=row.public_id)


class RefundDetail(RefundView, PaymentDetail):
    """GET reads one refund; PATCH replaces its metadata."""

    scopes = {"GET": SCOPE, "PATCH": SCOPE}
    answers = {"GET": {200: RefundShape}, "PATCH": {200: RefundShape}}


class RefundCancel(RefundView, PaymentCancel):
    """POST takes a refund back that waits for approval."""

    scopes = {"POST": SCOPE}
    answers = {"POST": {200: RefundShape}}
