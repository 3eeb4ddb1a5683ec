"""Transfers: made, read, listed, taken back while they wait, and noted on by the partner that ordered them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from accounts import partner_access
from accounts.models import Account
from approvals.models import State as RequestState
from bankops.core import clock, ids
from bankops.core.api import errors, etags, pages
from bankops.core.api.fields import InputSerializer, PublicIdField
from bankops.core.api.schema import page_of
from bankops.core.api.views import BankView, WritingView, validated
from bankops.core.errors import BankOpsError, InvalidId
from bankops.core.idempotency import Answer
from transactions import locks
from transactions.api import outputs, refusals
from transactions.api.inputs import CancelInput, InstantField, MetadataInput, TransferInput
from transactions.api.shapes import TransferShape
from transactions.models import State, Transaction
from transactions.partner_visibility import own_transfers
from transactions.services import partner_orders
from transactions.services.notes import change_note
from transactions.services.partner_orders import CANCELLED, STATUSES

READ, WRITE = "transfers:read", "transfers:write"
EXPANDABLE = frozenset({"from_account", "to_account", "possible_duplicate_of"})

_CANCELLED = Q(state=State.REJECTED, approval_request__state=RequestState.WITHDRAWN) | (
    Q(state=State.DECLINED) & ~Q(held_because="")
)
_WITH_STATUS: Final[dict[str, Q]] = {
    **{status: Q(state=state) & ~_CANCELLED for state, status in STATUSES.items()},
    CANCELLED: _CANCELLED,
}
"""Which transfers have a status, in the words of the API."""


class Filters(InputSerializer):
    """What a list of transfers can be narrowed by."""

    status = serializers.ChoiceField(choices=sorted(_WITH_STATUS), required=False)
    from_account = PublicIdField(Account.ID_PREFIX, required=False)
    to_account = PublicIdField(Account.ID_PREFIX, required=False)
    reference = serializers.CharField(max_length=35, required=False)
    created_from = InstantField(required=False)
    created_to = InstantField(required=False)


class TransferView(BankView):
    """What is done with a partner's own transfers. Another's is not there."""

    expandable = EXPANDABLE

    def own(self) -> QuerySet[Transaction]:
        """Return the partner's own transfers."""
        return own_transfers(self.caller.partner_id)

    def transfer(self, transfer: str) -> Transaction:
        """Return the transfer that the address names.

        :raises NotFound: when there is none, or another partner ordered it.
        """
        found = self.own().filter(pk=_key(transfer)).first()
        if found is None:
            raise errors.NotFound
        return found

    def shown(self, rows: Iterable[Transaction]) -> list[outputs.JSON]:
        """Return transfers as this partner reads them; one query for all."""
        rows = list(rows)
        named = partner_orders.named(caller=self.caller, rows=rows)
        return [outputs.transfer(row, named=named) for row in rows]

    def expanded(self, row: Transaction, data: outputs.JSON) -> outputs.JSON | None:
        """Return the transfer with what was asked to be expanded, or None when nothing was."""
        wanted = self.expansions()
        if not wanted:
            return None
        sides = (row.debit_account_id, row.credit_account_id)
        readable = partner_access.readable_accounts(self.caller.group_id).in_bulk(sides)
        twin = self.own().filter(pk=row.twin_id).first() if "possible_duplicate_of" in wanted and row.twin_id else None
        told = self.shown([twin])[0] if twin else None
        return {**data, **outputs.expansions_of(row, wanted, readable=readable, twin=told, now=clock.now())}


class Transfers(TransferView, WritingView):
    """POST makes a transfer, GET lists those of the partner."""

    scopes = {"GET": READ, "POST": WRITE}
    form = TransferInput
    answers = {"GET": {200: page_of(TransferShape)}, "POST": {201: TransferShape, 202: TransferShape}}
    parameters = {"GET": Filters}
    is_paged = True

    def get(self, _request: Request) -> HttpResponse:
        """Answer with one page, newest first."""
        rows = self.own().filter(_narrowed(self.query(Filters)))
        page = pages.page_of(rows, self.request, lambda row: {"row": row})
        found = [each["row"] for each in page["data"]]
        shown = [self.expanded(row, data) or data for row, data in zip(found, self.shown(found), strict=True)]
        return self.listed({**page, "data": shown})

    def authorise(self, data: dict[str, Any]) -> None:
        """Let only accounts through that the caller may use; keeps their keys with the rest.

        :raises UnknownAccount: naming what was written.
        """
        named = {"from_account": data["from_account"], "to_account": data["to_account"]}
        try:
            data["sides"] = partner_orders.sides_of(caller=self.caller, **named)
        except BankOpsError as refusal:
            sides = [refusals.Side(field, written) for field, written in named.items()]
            raise refusals.blamed(refusals.as_told(refusal, *sides)) from refusal

    def perform(self, data: dict[str, Any], key: str) -> Answer:
        """Order it: 201 when it is posted, 202 when it waits or is held."""
        payer, payee = data["sides"]
        now = clock.now()
        payload = {
            "from_account": ids.encode(Account.ID_PREFIX, payer),
            "to_account": ids.encode(Account.ID_PREFIX, payee),
            "amount": data["amount"],
            "currency": data["currency"],
            "narrative": data["narrative"],
            "external_reference": data["reference"],
        }
        told = {"payload": payload, "metadata": data["metadata"], "key": key, "now": now}
        try:
            placed = partner_orders.place_transfer(caller=self.caller, business_date=clock.business_date(now), **told)
        except BankOpsError as refusal:
            sides = refusals.sides_of(
                self.caller, payer=(data["from_account"], payer), payee=(data["to_account"], payee)
            )
            raise refusals.blamed(refusals.as_told(refusal, *sides)) from refusal
        row = self.own().get(pk=placed.pk)
        (shown,) = self.shown([row])
        status = 201 if row.state == State.POSTED else 202
        return self.answer(status, shown, location=outputs.location(row), subject_id=row.public_id)


class TransferDetail(TransferView):
    """GET reads one transfer; PATCH replaces its metadata, and nothing else of it."""

    scopes = {"GET": READ, "PATCH": WRITE}
    forms = {"PATCH": MetadataInput}
    answers = {"GET": {200: TransferShape}, "PATCH": {200: TransferShape}}

    def get(self, _request: Request, transfer: str) -> HttpResponse:
        """Answer with the transfer."""
        self.query(InputSerializer)
        row = self.transfer(transfer)
        (shown,) = self.shown([row])
        return self.found(shown, expanded=self.expanded(row, shown))

    def patch(self, request: Request, transfer: str) -> HttpResponse:
        """Replace the metadata, if nobody changed it since the caller saw it (`If-Match`)."""
        told = validated(MetadataInput, request.data)
        seen = self.transfer(transfer)
        with transaction.atomic():
            locks.transaction_for_update(seen.pk)
            row = self.own().get(pk=seen.pk)
            etags.require_match(self.request, etags.etag_of(self.shown([row])[0]))
            change_note(row=row, metadata=told["metadata"], actor=self.caller.actor, now=clock.now())
            (shown,) = self.shown([row])
        return self.found(shown)


class TransferCancel(TransferView, WritingView):
    """POST takes a transfer back that waits for approval or is held."""

    scopes = {"POST": WRITE}
    form = CancelInput
    answers = {"POST": {200: TransferShape}}

    def authorise(self, data: dict[str, Any]) -> None:
        """:raises NotFound: when the transfer is not there, or another partner's."""
        data["row"] = self.transfer(self.kwargs["transfer"])

    def perform(self, data: dict[str, Any], key: str) -> Answer:
        """Answer with the transfer as it is then."""
        row = partner_orders.cancel(
            caller=self.caller, transaction_id=data["row"].pk, reason=data["reason"], now=clock.now()
        )
        (shown,) = self.shown([row])
        return self.answer(200, shown, subject_id=row.public_id)


def _narrowed(wanted: dict[str, Any]) -> Q:
    found = _WITH_STATUS[wanted["status"]] if "status" in wanted else Q()
    columns = {
        "from_account": "debit_account",
        "to_account": "credit_account",
        "reference": "external_reference",
        "created_from": "created_at__gte",
        "created_to": "created_at__lt",
    }
    for name, column in columns.items():
        if name in wanted:
            found &= Q(**{column: wanted[name]})
    return found


def _key(transfer: str) -> UUID:
    """:raises NotFound: when the address names no transfer at all."""
    try:
        return ids.decode(Transaction.ID_PREFIX, transfer)
    except InvalidId:
        raise errors.NotFound from None
