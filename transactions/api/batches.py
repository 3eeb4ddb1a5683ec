"""Batches of transfers: placed, read, listed with their items, and taken back while they wait."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts import partner_access
from accounts.partner_access import Right
from bankops.core import clock
from bankops.core.api import errors, pages, throttling
from bankops.core.api.addresses import key_in
from bankops.core.api.fields import InputSerializer
from bankops.core.api.schema import page_of
from bankops.core.api.views import BankView, WritingView
from bankops.core.errors import BankOpsError
from bankops.core.idempotency import Answer
from bankops.core.rate_limit import Limit
from transactions.api import batch_outputs, codes, expanded, outputs, refusals
from transactions.api.batch_inputs import BatchFilters, BatchInput, ItemFilters
from transactions.api.batch_shapes import BatchItemShape, BatchShape, PlacedBatchShape
from transactions.api.filters import narrowed
from transactions.api.inputs import ReasonInput
from transactions.models import Transaction, TransferBatch, TransferBatchItem
from transactions.services import partner_batches
from transactions.services.transfer_batches import place_batch
from transactions.transfer_batches import rights, standing
from transactions.transfer_batches.errors import BatchRefused
from transactions.transfer_batches.items import PAYEE, Asked

READ, WRITE = "batches:read", "batches:write"
ITEMS_PER_UNIT: Final = 20
"""So many items cost one unit of the credential's rate, beside what every call that writes costs."""

_WHY = _("Item %(position)s cannot be made: %(code)s.")
_COLUMNS: Final = {"reference": "reference", "created_from": "created_at__gte", "created_to": "created_at__lt"}


class BatchView(BankView):
    """What is done with a partner's own batches. Another's are not there."""

    def own(self) -> QuerySet[TransferBatch]:
        """Return the partner's own batches, with their requests."""
        return TransferBatch.objects.filter(partner=self.caller.partner_id).select_related("approval_request")

    def batch(self) -> TransferBatch:
        """Return the batch that the address names.

        :raises NotFound: when there is none, or another partner placed it.
        """
        found = self.own().filter(pk=key_in(self.kwargs["batch"], TransferBatch.ID_PREFIX)).first()
        if found is None:
            raise errors.NotFound
        return found

    def shown(self, *rows: TransferBatch) -> list[outputs.JSON]:
        """Return batches as they stand now; one query for all."""
        tallies = standing.tallies_of(rows)
        return [batch_outputs.batch(row, tallies[row.pk]) for row in rows]


class TransferBatches(BatchView, WritingView):
    """POST places up to a thousand transfers at once, GET lists the partner's batches.

    Every item has an outcome of its own: posted, held as a possible duplicate, or refused with the code that a single transfer
    would get. With `all_or_nothing` one refusal refuses the batch (422 `batch_refused`), and nothing is moved.
    """

    scopes = {"GET": READ, "POST": WRITE}
    form = BatchInput
    refuses = {"POST": codes.BATCH}
    answers = {"GET": {200: page_of(BatchShape)}, "POST": {201: PlacedBatchShape, 202: PlacedBatchShape}}
    parameters = {"GET": BatchFilters}
    is_paged = True
    tagged = False

    def get(self, _request: Request) -> HttpResponse:
        """Answer with one page, newest first."""
        wanted = self.query(BatchFilters)
        with_status = standing.batches_with(wanted["status"]) if "status" in wanted else Q()
        rows = self.own().filter(with_status, narrowed(wanted, _COLUMNS))
        page = pages.page_of(rows, self.request, lambda row: {"row": row})
        return self.listed({**page, "data": self.shown(*[each["row"] for each in page["data"]])})

    def authorise(self, data: dict[str, Any]) -> None:
        """Spend what so many items cost, and look up whose accounts they name.

        :raises UnknownAccount: when the partner may debit none of the payers. One of many is refused by itself.
        """
        self._spend_for(len(data["lines"]))
        try:
            data["sides"] = rights.sides_of(group_id=self.caller.group_id, lines=data["lines"])
        except BankOpsError as refusal:
            payer = refusals.Side("items.0.from_account", data["lines"][0].payer_named)
            raise refusals.blamed(refusals.as_told(refusal, payer, payer)) from refusal

    def perform(self, data: dict[str, Any], key: str) -> Answer:
        """Place it: 201 when it was carried out, 202 when it waits or all of it is held."""
        now, sides = clock.now(), data["sides"]
        asked = Asked(data["reference"], data["currency"], data["all_or_nothing"], data["lines"], data["metadata"])
        day = clock.business_date(now)
        try:
            draft = place_batch(caller=self.caller, asked=asked, sides=sides, key=key, now=now, business_date=day)
        except BatchRefused as refusal:
            raise _as_told(
                refusal, lambda position: self._is_readable(sides, asked.lines[position].payee_named)
            ) from refusal
        told = batch_outputs.batch(draft.batch, standing.tally_of(draft))
        items = batch_outputs.items(draft, lambda account: sides.may(Right.READ, account))
        status = 202 if told["status"] in ("awaiting_approval", standing.HELD) else 201
        location = batch_outputs.location(draft.batch)
        return self.answer(
            status, {**told, "items": items}, location=location, subject_id=draft.batch.public_id, etag=False
        )

    def _spend_for(self, count: int) -> None:
        limit = Limit(self.caller.rate_per_second, self.caller.rate_burst)
        if cost := count // ITEMS_PER_UNIT:
            self.stands_at(throttling.spend(f"credential:{self.caller.credential}", limit, min(cost, limit.burst)))

    @staticmethod
    def _is_readable(sides: rights.Sides, name: str) -> bool:
        return sides.may(Right.READ, sides.named.get(name))


class TransferBatchDetail(BatchView):
    """GET reads one batch."""

    scopes = {"GET": READ}
    answers = {"GET": {200: BatchShape}}

    def get(self, _request: Request, **_address: str) -> HttpResponse:
        """Answer with the batch."""
        self.query(InputSerializer)
        return self.found(self.shown(self.batch())[0])


class TransferBatchItems(BatchView):
    """GET lists the items of a batch in their order, each as it stands now."""

    scopes = {"GET": READ}
    answers = {"GET": {200: page_of(BatchItemShape)}}
    parameters = {"GET": ItemFilters}
    expandable = expanded.names(of="transfer", takes=expanded.OF_TRANSFERS)
    is_paged = True

    def get(self, request: Request, **_address: str) -> HttpResponse:
        """Answer with one page."""
        batch, wanted, limit = self.batch(), self.query(ItemFilters), pages.limit_of(self.request)
        rows = TransferBatchItem.objects.filter(standing.items_with(wanted["status"]) if wanted else Q(), batch=batch)
        if cursor := request.GET.get("cursor"):
            rows = rows.filter(position__gt=pages.read_cursor(self.request, cursor))
        found = list(rows.order_by("position").values_list(*batch_outputs.SHOWN)[: limit + 1])
        data = batch_outputs.items_on_record(batch, found[:limit], self._readable(found))
        if named := self.expansions():
            data = self._expanded(data, named)
        more = len(found) > limit
        next_cursor = pages.cursor_to(self.request, data[-1]["position"]) if more else None
        return self.listed({"data": data, "has_more": more, "next_cursor": next_cursor})

    def _expanded(self, data: list[outputs.JSON], named: Collection[str]) -> list[outputs.JSON]:
        keys = {each["transfer"]: key_in(each["transfer"], Transaction.ID_PREFIX) for each in data if each["transfer"]}
        whole = expanded.transfers(self.caller, keys.values(), expanded.inside(named, "transfer"))
        told = {public_id: whole[key] for public_id, key in keys.items() if key in whole}
        return [{**each, "transfer": told.get(each["transfer"], each["transfer"])} for each in data]

    def _readable(self, rows: list[tuple[Any, ...]]) -> Callable[[UUID | None], bool]:
        column = batch_outputs.SHOWN.index("payee")
        refused = {row[column] for row in rows if row[column] and row[batch_outputs.SHOWN.index("code")]}
        found = partner_access.rights_on(self.caller.group_id, refused) if refused else {}
        return lambda account: account is not None and Right.READ in found.get(account, ())


class TransferBatchCancel(BatchView, WritingView):
    """POST takes a batch back that waits for approval."""

    scopes = {"POST": WRITE}
    form = ReasonInput
    refuses = {"POST": codes.CANCEL_BATCH}
    answers = {"POST": {200: BatchShape}}

    def authorise(self, data: dict[str, Any]) -> None:
        """:raises NotFound: when the batch is not there, or another partner's."""
        data["batch"] = self.batch()

    def perform(self, data: dict[str, Any], key: str) -> Answer:
        """Answer with the batch as it is then."""
        partner_batches.cancel(caller=self.caller, batch=data["batch"], reason=data["reason"], now=clock.now())
        (told,) = self.shown(self.batch())
        return self.answer(200, told, subject_id=data["batch"].public_id)


def _as_told(refusal: BatchRefused, is_readable: Callable[[int], bool]) -> BatchRefused:
    """Return the refusal of a batch as its partner may read it, each item with its own code."""
    told = [
        (position, refusals.code_as_told(code, about_payee=blamed == PAYEE, readable=is_readable(position)), blamed)
        for position, code, blamed in refusal.items
    ]
    named = BatchRefused(items=told, **refusal.context)
    complaints = [_complaint(*one) for one in told]
    named.param, named.errors = complaints[0]["param"], complaints  # type: ignore[attr-defined]
    return named


def _complaint(position: int, code: str, blamed: str) -> dict[str, str]:
    param = f"items.{position}.{blamed}" if blamed else f"items.{position}"
    return {"param": param, "code": code, "detail": str(_WHY) % {"position": position, "code": code}}
