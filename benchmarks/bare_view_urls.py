"""A bare DRF view that only calls the SQL posting function: what HTTP, Django and DRF cost with nothing of ours around."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Account
from bankops.core import clock, ids
from bankops.core.money import Money
from transactions import ledger
from transactions.ledger import EntryDraft, PostingDraft
from transactions.models import Side


class Posting(APIView):
    """POST posts one transfer, and asks nobody who calls."""

    authentication_classes = ()

    def post(self, request: Request) -> Response:
        """Answer with the entry's code."""
        return Response({"code": _posted(cast("dict[str, Any]", request.data))}, status=201)


def _posted(asked: dict[str, Any]) -> str:
    now, amount = clock.now(), Money.parse(asked["amount"], asked["currency"])
    payer, payee = (ids.decode(Account.ID_PREFIX, asked[field]) for field in ("from_account", "to_account"))
    day: date = clock.business_date(now)
    draft = EntryDraft(
        postings=(PostingDraft(payer, Side.DEBIT, amount), PostingDraft(payee, Side.CREDIT, amount)),
        booking_date=day,
        value_date=day,
        description="Transfer",
        idempotency_key=str(ids.uuid7()),
    )
    (result,) = ledger.post([draft], now=now)
    assert result.code == "posted", result
    return str(result.code)


urlpatterns = [path("api/v1/transfers", Posting.as_view())]
