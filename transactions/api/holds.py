"""Holds: money announced to a payee, then captured once, in full or in part, or released."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from accounts import partner_access
from accounts.models import Account
from bankops.core import clock
from bankops.core.api import errors, pages
from bankops.core.api.fields import InputSerializer
from bankops.core.api.schema import page_of
from bankops.core.api.views import BankView, WritingView
from bankops.core.errors import BankOpsError
from bankops.core.idempotency import Answer
from transactions.api import outputs, reading, refusals
from transactions.api.filters import BY_STATUS, Narrowing, by_account
from transactions.api.inputs import CaptureInput, HoldInput, ReasonInput
from transactions.api.payments import about, key_in, let_through, require_rights
from transactions.api.shapes import HoldShape
from transactions.errors import HoldEndsInThePast, HoldEndsTooLate, WrongCurrency
from transactions.models import Hold, HoldState, Transaction
from transactions.partner_visibility import own_holds, own_transfers
from transactions.services import partner_holds, partner_orders
from transactions.services.partner_holds import STATUSES

SCOPE = "holds:write"
SIDES = ("from_account", "to_account")
EXPANDABLE = frozenset({*SIDES, "transfer", *(f"transfer.{side}" for side in SIDES)})

_COLUMNS: Final[Mapping[str, str]] = {
    "reference": "external_reference",
    "from_account": "account",
    "to_account": "payee",
    "created_from": "placed_at__gte",
    "created_to": "placed_at__lt",
}


class HoldFilters(Narrowing):
    """What a list of holds can be narrowed by."""

    status = serializers.ChoiceField(choices=sorted(STATUSES.values()), required=False, help_text=BY_STATUS)
    from_account = by_account()
    to_account = by_account()


class HoldView(BankView):
    """What is done with the holds that a partner placed. Another's are not there."""

    scopes = {"GET": SCOPE, "POST": SCOPE}

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

    def expanded(self, row: Hold, data: outputs.JSON, wanted: Collection[str]) -> outputs.JSON:
        """Return the hold with these of its accounts, and the transfer that captured it, told whole."""
        sides = {"from_account": row.account_id, "to_account": payee_of(row).pk}
        told = {**data, **self._accounts(sides, wanted)}
        if "transfer" in wanted and data["transfer"]:
            told["transfer"] = self._transfer(data["transfer"], wanted)
        return told

    def _transfer(self, transfer: str, wanted: Collection[str]) -> outputs.JSON:
        paid = own_transfers(self.caller.partner_id).get(pk=key_in(transfer, Transaction.ID_PREFIX))
        inner = {name.removeprefix("transfer.") for name in wanted if "." in name}
        sides = {"from_account": paid.debit_account_id, "to_account": paid.credit_account_id}
        told = outputs.payment(paid, reading=reading.of_payments(self.caller, [paid]))
        return {**told, **self._accounts(sides, inner)}

    def _accounts(self, sides: Mapping[str, UUID], wanted: Collection[str]) -> outputs.JSON:
        asked = {field: pk for field, pk in sides.items() if field in wanted}
        readable = partner_access.readable_accounts(self.caller.group_id).in_bulk(list(asked.values())) if asked else {}
        now = clock.now()
        return {field: outputs.account(readable[pk], now=now) for field, pk in asked.items() if pk in readable}


class Holds(HoldView, WritingView):
    """POST holds money for a payee, GET lists the partner's holds."""

    expandable = EXPANDABLE
    form = HoldInput
    answers = {"GET": {200: page_of(HoldShape)}, "POST": {201: HoldShape}}
    parameters = {"GET": HoldFilters}
    is_paged = True

    def get(self, _request: Request) -> HttpResponse:
        """Answer with one page, newest first."""
        rows = self.own().filter(_narrowed(self.query(HoldFilters)))
        page = pages.page_of(rows, self.request, lambda row: {"row": row}, moment="placed_at")
        found, wanted = [each["row"] for each in page["data"]], self.expansions()
        pairs = zip(found, self.shown(found), strict=True)
        return self.listed({**page, "data": [self.expanded(row, data, wanted) for row, data in pairs]})

    def authorise(self, data: dict[str, Any]) -> None:
        """Let only accounts through that the caller may use; keeps their keys with the rest.

        :raises UnknownAccount: naming what was written.
        """
        data["sides"] = let_through(self.caller, data, SIDES)

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
    """GET reads one hold."""

    scopes = {"GET": SCOPE}
    expandable = EXPANDABLE
    answers = {"GET": {200: HoldShape}}

    def get(self, _request: Request, **_address: str) -> HttpResponse:
        """Answer with the hold."""
        self.query(InputSerializer)
        row, wanted = self.hold(), self.expansions()
        (shown,) = self.shown([row])
        return self.found(shown, expanded=self.expanded(row, shown, wanted) if wanted else None)


class HoldCapture(HoldView, WritingView):
    """POST pays held money to its payee, in full or in part. What is left is free again: a hold is captured once."""

    scopes = {"POST": SCOPE}
    form = CaptureInput
    answers = {"POST": {201: HoldShape, 202: HoldShape}}
    tagged = False

    def authorise(self, data: dict[str, Any]) -> None:
        """:raises NotFound: when the hold is not there, or another partner's.
        :raises UnknownAccount: when the partner may no longer use its accounts.
        """
        data["hold"] = hold = self.hold()
        require_rights(self.caller, debit=hold.account, credit=payee_of(hold))

    def perform(self, data: dict[str, Any], key: str) -> Answer:
        """Capture it: 201 with the transfer that paid, 202 when reviewers of the bank have to agree; it stays pending then."""
        held, told = data["hold"], {name: data[name] for name in ("reference", "narrative")}
        if data["currency"] != held.currency:
            raise refusals.blamed((WrongCurrency(account=held.public_id), "currency"))
        try:
            row = partner_holds.capture(
                caller=self.caller, hold_id=held.pk, amount=data["money"], key=key, now=clock.now(), **told
            )
        except BankOpsError as refusal:
            raise about(self.caller, refusal, debit=held.account, credit=payee_of(held)) from refusal
        (shown,) = self.shown([row])
        whole = self.expanded(row, shown, {"transfer"})
        status = 201 if row.state == HoldState.POSTED else 202
        return self.answer(status, whole, location=outputs.location_of_hold(row), subject_id=row.public_id, etag=False)


class HoldRelease(HoldView, WritingView):
    """POST gives held money back."""

    scopes = {"POST": SCOPE}
    form = ReasonInput
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
    for name, column in _COLUMNS.items():
        if name in wanted:
            found &= Q(**{column: wanted[name]})
    return found


def _with_status(status: str) -> Q:
    """Return the condition for holds of a status: what nobody gave back yet although its time is over has expired."""
    over = Q(ends_at__lte=clock.now())
    state = next(state for state, word in STATUSES.items() if word == status)
    conditions = {
        HoldState.PENDING: Q(state=state) & ~over,
        HoldState.EXPIRED: Q(state=state) | Q(state=HoldState.PENDING) & over,
    }
    return conditions.get(state, Q(state=state))
