"""Holds: money announced to a payee, then captured once, in full or in part, or released."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from accounts.models import Account
from bankops.core import clock
from bankops.core.api import errors, etags, pages
from bankops.core.api.addresses import key_in
from bankops.core.api.fields import InputSerializer
from bankops.core.api.schema import page_of
from bankops.core.api.views import BankView, WritingView, validated
from bankops.core.errors import BankOpsError
from bankops.core.idempotency import Answer
from transactions import locks
from transactions.api import codes, expanded, outputs, reading, refusals
from transactions.api.expanded import SIDES
from transactions.api.filters import BY_STATUS, OfMoney, by_account, narrowed
from transactions.api.inputs import CaptureInput, HoldInput, MetadataInput, ReasonInput
from transactions.api.payments import about, let_through, require_rights
from transactions.api.shapes import HoldShape
from transactions.errors import HoldEndsInThePast, HoldEndsTooLate, WrongCurrency
from transactions.models import Hold, HoldState, State
from transactions.partner_visibility import own_holds
from transactions.services import partner_holds, partner_orders
from transactions.services.hold_notes import change_hold_note
from transactions.services.partner_holds import STATUSES

READ, WRITE = "holds:read", "holds:write"
EXPANDABLE = expanded.names(*SIDES, of="transfer", takes=expanded.OF_TRANSFERS)

_COLUMNS: Final[Mapping[str, str]] = {
    "reference": "external_reference",
    "from_account": "account",
    "to_account": "payee",
    "created_from": "placed_at__gte",
    "created_to": "placed_at__lt",
}


class HoldFilters(OfMoney):
    """What a list of holds can be narrowed by."""

    status = serializers.ChoiceField(choices=sorted(STATUSES.values()), required=False, help_text=BY_STATUS)
    from_account = by_account()
    to_account = by_account()


class HoldView(BankView):
    """What is done with the holds that a partner placed. Another's are not there."""

    scopes = {"GET": READ, "POST": WRITE}

    def own(self) -> QuerySet[Hold]:
        """Return the partner's own holds."""
        return own_holds(self.caller.partner_id)

    def hold(self) -> Hold:
        """Return the hold that the address names.

        :raises NotFound: when there is none, or another partner placed it.
        """
        found = self.own().filter(pk=key_in(self.kwargs["hold"], Hold.ID_PREFIX)).first()
        if found is None:
            raise errors.NotFound
        return found

    def shown(self, holds: Collection[Hold]) -> list[outputs.JSON]:
        """Return holds as this partner reads them; a few queries for all."""
        read, now = reading.of_holds(self.caller, holds), clock.now()
        return [outputs.hold(one, reading=read, now=now) for one in holds]

    def expanded(
        self, rows: Sequence[Hold], data: Sequence[outputs.JSON], wanted: Collection[str]
    ) -> list[outputs.JSON]:
        """Return holds, told as `data`, with these of their accounts, and the transfers that captured them, told whole.

        A few queries for all. It asks for no scope: `expansions` did, and who captures a hold is told of the transfer.
        """
        sides = [dict(zip(SIDES, (row.account_id, payee_of(row).pk), strict=True)) for row in rows]
        accounts = expanded.accounts(self.caller, sides, wanted)
        keys = {row.transaction_id for row in rows if row.transaction_id and "transfer" in wanted}
        whole = expanded.transfers(self.caller, keys, expanded.inside(wanted, "transfer"))
        told: dict[UUID | None, outputs.JSON] = {key: {"transfer": transfer} for key, transfer in whole.items()}
        return [
            {**one, **own, **told.get(row.transaction_id, {})}
            for row, one, own in zip(rows, data, accounts, strict=True)
        ]


class Holds(HoldView, WritingView):
    """POST holds money for a payee, GET lists the partner's holds."""

    expandable = EXPANDABLE
    form = HoldInput
    refuses = {"POST": codes.HOLD}
    answers = {"GET": {200: page_of(HoldShape)}, "POST": {201: HoldShape}}
    parameters = {"GET": HoldFilters}
    is_paged = True

    def get(self, _request: Request) -> HttpResponse:
        """Answer with one page, newest first."""
        rows = self.own().filter(_narrowed(self.query(HoldFilters)))
        page = pages.page_of(rows, self.request, lambda row: {"row": row}, moment="placed_at")
        found, wanted = [each["row"] for each in page["data"]], self.expansions()
        return self.listed({**page, "data": self.expanded(found, self.shown(found), wanted)})

    def authorise(self, data: dict[str, Any]) -> None:
        """Let only accounts through that the caller may use; keeps their keys with the rest.

        :raises UnknownAccount: naming what was written.
        """
        data["sides"] = let_through(self.caller, data, SIDES).pair

    def perform(self, data: dict[str, Any], key: str) -> Answer:
        """Hold the money: 201, and nobody else can spend it until `expires_at`."""
        try:
            placed = partner_holds.place(
                caller=self.caller,
                sides=data["sides"],
                amount=data["money"],
                reference=data["reference"],
                narrative=data["narrative"],
                expires_at=data["expires_at"],
                genuine_because=data["genuine_because"],
                metadata=data["metadata"],
                payee_as_written=partner_orders.number_in(data["to_account"]),
                key=key,
                now=clock.now(),
            )
        except BankOpsError as refusal:
            raise self._told(refusal, data) from refusal
        row = self.own().get(pk=placed.pk)
        (shown,) = self.shown([row])
        return self.answer(201, shown, location=outputs.location_of_hold(row), subject_id=row.public_id)

    def _told(self, refusal: BankOpsError, data: Mapping[str, Any]) -> BankOpsError:
        if isinstance(refusal, HoldEndsInThePast | HoldEndsTooLate):
            return refusals.blamed((refusal, "expires_at"))
        (payer, payee), written = data["sides"], [data[field] for field in SIDES]
        sides = refusals.sides_of(self.caller, payer=(written[0], payer), payee=(written[1], payee))
        return refusals.blamed(refusals.as_told(refusal, *sides))


class HoldDetail(HoldView):
    """GET reads one hold; PATCH replaces its metadata, and nothing else of it."""

    scopes = {"GET": READ, "PATCH": WRITE}
    expandable = EXPANDABLE
    forms = {"PATCH": MetadataInput}
    answers = {"GET": {200: HoldShape}, "PATCH": {200: HoldShape}}

    def get(self, _request: Request, **_address: str) -> HttpResponse:
        """Answer with the hold."""
        self.query(InputSerializer)
        row, wanted = self.hold(), self.expansions()
        (shown,) = self.shown([row])
        (whole,) = self.expanded([row], [shown], wanted)
        return self.found(shown, expanded=whole)

    def patch(self, request: Request, **_address: str) -> HttpResponse:
        """Replace the metadata, if nobody changed the hold since the caller saw it (`If-Match`)."""
        told = validated(MetadataInput, request.data)
        seen = self.hold()
        with transaction.atomic():
            locks.hold_for_update(seen.pk)
            row = self.hold()
            etags.require_match(self.request, etags.etag_of(self.shown([row])[0]))
            change_hold_note(hold=row, metadata=told["metadata"], actor=self.caller.actor, now=clock.now())
            (shown,) = self.shown([self.hold()])
        return self.found(shown)


class HoldCapture(HoldView, WritingView):
    """POST pays held money to its payee, in full or in part. What is left is free again: a hold is captured once."""

    scopes = {"POST": WRITE}
    form = CaptureInput
    refuses = {"POST": codes.CAPTURE}
    answers = {"POST": {201: HoldShape, 202: HoldShape}}
    tagged = False

    def authorise(self, data: dict[str, Any]) -> None:
        """:raises NotFound: when the hold is not there, or another partner's.
        :raises UnknownAccount: when the partner may no longer use its accounts.
        """
        data["hold"] = hold = self.hold()
        require_rights(self.caller, debit=hold.account, credit=payee_of(hold))

    def perform(self, data: dict[str, Any], key: str) -> Answer:
        """Capture it: 201 with the transfer that paid, 202 when the bank has to agree, 422 when it has declined.

        While reviewers decide it stays pending. Where the bank looks at the payment first, it is released and the transfer held.
        """
        held, told = data["hold"], {name: data[name] for name in ("reference", "narrative", "context")}
        if data["currency"] != held.currency:
            raise refusals.blamed((WrongCurrency(account=held.public_id), "currency"))
        try:
            row, transfer = partner_holds.capture(
                caller=self.caller, hold_id=held.pk, amount=data["money"], key=key, now=clock.now(), **told
            )
        except BankOpsError as refusal:
            raise about(self.caller, refusal, debit=held.account, credit=payee_of(held)) from refusal
        if transfer and transfer.state == State.DECLINED:
            return refusals.declined(transfer)
        (shown,) = self.shown([row])
        (whole,) = self.expanded([row], [shown], {"transfer"})
        status = 201 if row.state == HoldState.POSTED else 202
        return self.answer(status, whole, location=outputs.location_of_hold(row), subject_id=row.public_id, etag=False)


class HoldRelease(HoldView, WritingView):
    """POST gives held money back."""

    scopes = {"POST": WRITE}
    form = ReasonInput
    refuses = {"POST": codes.RELEASE}
    answers = {"POST": {200: HoldShape}}

    def authorise(self, data: dict[str, Any]) -> None:
        """:raises NotFound: when the hold is not there, or another partner's."""
        data["hold"] = self.hold()

    def perform(self, data: dict[str, Any], key: str) -> Answer:
        """Answer with the hold as it is then."""
        pk, reason = data["hold"].pk, data["reason"]
        row = partner_holds.release(caller=self.caller, hold_id=pk, reason=reason, now=clock.now())
        (shown,) = self.shown([row])
        return self.answer(200, shown, subject_id=row.public_id)


def payee_of(hold: Hold) -> Account:
    """Return whom a partner's hold is for; needs `payee` loaded."""
    assert hold.payee is not None  # a partner announces payments only
    return hold.payee


def _narrowed(wanted: Mapping[str, Any]) -> Q:
    found = _with_status(wanted["status"]) if "status" in wanted else Q()
    return found & narrowed(wanted, _COLUMNS)


def _with_status(status: str) -> Q:
    """Return the condition for holds of a status: what nobody gave back yet although its time is over has expired."""
    over = Q(ends_at__lte=clock.now())
    state = next(state for state, word in STATUSES.items() if word == status)
    conditions = {
        HoldState.PENDING: Q(state=state) & ~over,
        HoldState.EXPIRED: Q(state=state) | Q(state=HoldState.PENDING) & over,
    }
    return conditions.get(state, Q(state=state))
