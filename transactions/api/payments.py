"""What the API does with every kind of payment that a partner orders: made, read, listed, confirmed, taken back, noted on.

`transfers`, `cash` and `refunds` say what is particular to theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from accounts import partner_access
from accounts.models import Account
from accounts.partner_access import Needs
from approvals.models import State as RequestState
from bankops.core import clock, ids
from bankops.core.api import errors, etags, pages
from bankops.core.api.addresses import key_in
from bankops.core.api.fields import InputSerializer
from bankops.core.api.views import BankView, WritingView, validated
from bankops.core.errors import BankOpsError
from bankops.core.idempotency import Answer
from bankops.core.money import Money
from transactions import locks
from transactions.api import codes, expanded, outputs, reading, refusals, sandboxed
from transactions.api.filters import BY_STATUS, OfMoney, narrowed
from transactions.api.inputs import MetadataInput, ReasonInput
from transactions.models import HELD_BY_RISK, Kind, State, Transaction
from transactions.partner_rights import needs_of
from transactions.partner_visibility import own_payments
from transactions.services import partner_orders
from transactions.services.notes import change_note
from transactions.services.partner_orders import CANCELLED, STATUSES, Sides

_DECLINED_BY_RISK = Q(risk_decided_at__isnull=False, risk_release__isnull=True)
_CANCELLED = Q(state=State.REJECTED, approval_request__state=RequestState.WITHDRAWN) | (
    Q(state=State.DECLINED) & ~Q(held_because="") & ~_DECLINED_BY_RISK
)
_UNDER_REVIEW = Q(state=State.HELD, held_because__in=HELD_BY_RISK, risk_decided_at__isnull=True)
_WITH_STATUS: Final[dict[str, Q]] = {
    **{status: Q(state=state) & ~_CANCELLED & ~_UNDER_REVIEW for state, status in STATUSES.items()},
    STATUSES[State.ASSESSED]: Q(state=State.ASSESSED) | _UNDER_REVIEW,
    CANCELLED: _CANCELLED,
}
"""Which payments have a status, in the words of the API."""
TWIN: Final = "possible_duplicate_of"

_COLUMNS: Final[Mapping[str, str]] = {
    "reference": "external_reference",
    "created_from": "created_at__gte",
    "created_to": "created_at__lt",
}


class Filters(OfMoney):
    """What every list of payments can be narrowed by."""

    status = serializers.ChoiceField(choices=sorted(_WITH_STATUS), required=False, help_text=BY_STATUS)


class PaymentView(BankView):
    """What is done with a partner's own payments of one kind. Another's are not there.

    Attributes:
        kind: of the payments.

    """

    kind: ClassVar[Kind]

    @property
    def resource(self) -> outputs.Resource:
        """What payments of this kind are called."""
        return outputs.RESOURCES[self.kind]

    def own(self) -> QuerySet[Transaction]:
        """Return the partner's own payments of this kind."""
        return own_payments(self.caller.partner_id, self.kind)

    def payment(self) -> Transaction:
        """Return the payment that the address names.

        :raises NotFound: when there is none, or another partner ordered it.
        """
        found = self.own().filter(pk=key_in(self.kwargs[self.resource.noun], Transaction.ID_PREFIX)).first()
        if found is None:
            raise errors.NotFound
        return found

    def shown(self, rows: Collection[Transaction]) -> list[outputs.JSON]:
        """Return payments as this partner reads them; a few queries for all."""
        read = reading.of_payments(self.caller, rows)
        return [outputs.payment(row, reading=read) for row in rows]

    def expanded(self, rows: Sequence[Transaction], data: Sequence[outputs.JSON]) -> list[outputs.JSON]:
        """Return payments, told as `data`, with what was asked to be expanded; a few queries for all."""
        wanted = self.expansions()
        if not wanted:
            return list(data)
        twins = self._twins(rows, wanted)
        told = zip(rows, data, self._sides_expanded(rows, wanted), strict=True)
        return [
            {**one, **sides, **({TWIN: twins[row.twin_id]} if row.twin_id in twins else {})} for row, one, sides in told
        ]

    def _sides_expanded(self, rows: Sequence[Transaction], wanted: Collection[str]) -> list[outputs.JSON]:
        payer, payee = self.resource.payer, self.resource.payee
        sides = [{payer: row.debit_account_id, payee: row.credit_account_id} for row in rows]
        return expanded.accounts(self.caller, sides, wanted)

    def _twins(self, rows: Sequence[Transaction], wanted: Collection[str]) -> dict[UUID | None, outputs.JSON]:
        keys = {row.twin_id for row in rows if row.twin_id and TWIN in wanted}
        twins = list(self.own().filter(pk__in=keys)) if keys else []
        if not twins:
            return {}
        inside = self._sides_expanded(twins, expanded.inside(wanted, TWIN))
        told = zip(twins, self.shown(twins), inside, strict=True)
        return {twin.pk: {**one, **sides} for twin, one, sides in told}


class PaymentList(PaymentView, WritingView):
    """POST makes a payment, GET lists those of the partner.

    Attributes:
        operation: what is asked of the gate.
        sides: where the operation's payload names payer and payee.
        filters: what the list can be narrowed by.

    """

    is_paged = True
    operation: ClassVar[str]
    sides: ClassVar[tuple[str, str]]
    filters: ClassVar[type[Filters]]

    def get(self, _request: Request) -> HttpResponse:
        """Answer with one page, newest first."""
        accounts = {self.resource.payer: "debit_account", self.resource.payee: "credit_account"}
        rows = self.own().filter(with_status_and(self.query(self.filters), accounts))
        page = pages.page_of(rows, self.request, lambda row: {"row": row})
        found = [each["row"] for each in page["data"]]
        return self.listed({**page, "data": self.expanded(found, self.shown(found))})

    def authorise(self, data: dict[str, Any]) -> None:
        """Let only accounts through that the caller may use; keeps their keys with the rest.

        :raises UnknownAccount: naming what was written.
        """
        fields = self.resource.payer, self.resource.payee
        data["sides"] = let_through(self.caller, data, fields, needs_of(self.kind))

    def perform(self, data: dict[str, Any], key: str) -> Answer:
        """Order it: 201 when it is posted, 202 when it waits or is held, 422 when the bank has declined it."""
        now = clock.now()
        try:
            sandboxed.steer(Money.parse(data["amount"], data["currency"]), payer=data[self.resource.payer])
            placed = partner_orders.place_payment(
                operation=self.operation,
                caller=self.caller,
                payload=self._payload(data),
                metadata=data["metadata"],
                payee_as_written=partner_orders.number_in(data[self.resource.payee]),
                key=key,
                now=now,
                business_date=clock.business_date(now),
            )
        except BankOpsError as refusal:
            raise self._told(refusal, data) from refusal
        if placed.state == State.DECLINED:
            return refusals.declined(placed)
        is_whole = placed.state == State.POSTED and placed.twin_id is None  # nothing to read that it does not hold
        row = placed if is_whole else self.own().get(pk=placed.pk)
        shown = outputs.payment(row, reading=reading.of_new(self.caller, row, named=data["sides"].named))
        status = 201 if row.state == State.POSTED else 202
        return self.answer(status, shown, location=outputs.location(row), subject_id=row.public_id)

    def _payload(self, data: Mapping[str, Any]) -> dict[str, Any]:
        named = {
            field: ids.encode(Account.ID_PREFIX, pk) for field, pk in zip(self.sides, data["sides"].pair, strict=True)
        }
        return {**named, **terms_of(data)}

    def _told(self, refusal: BankOpsError, data: Mapping[str, Any]) -> BankOpsError:
        fields, (payer, payee) = (self.resource.payer, self.resource.payee), data["sides"].pair
        written = [data[field] for field in fields]
        sides = refusals.sides_of(self.caller, payer=(written[0], payer), payee=(written[1], payee), fields=fields)
        return refusals.blamed(refusals.as_told(refusal, *sides))


class PaymentDetail(PaymentView):
    """GET reads one payment; PATCH replaces its metadata, and nothing else of it."""

    forms = {"PATCH": MetadataInput}

    def get(self, _request: Request, **_address: str) -> HttpResponse:
        """Answer with the payment."""
        self.query(InputSerializer)
        row = self.payment()
        (shown,) = self.shown([row])
        (whole,) = self.expanded([row], [shown])
        return self.found(shown, expanded=whole)

    def patch(self, request: Request, **_address: str) -> HttpResponse:
        """Replace the metadata, if nobody changed it since the caller saw it (`If-Match`)."""
        told = validated(MetadataInput, request.data)
        seen = self.payment()
        with transaction.atomic():
            locks.transaction_for_update(seen.pk)
            row = self.own().get(pk=seen.pk)
            etags.require_match(self.request, etags.etag_of(self.shown([row])[0]))
            change_note(row=row, metadata=told["metadata"], actor=self.caller.actor, now=clock.now())
            (shown,) = self.shown([row])
        return self.found(shown)


class PaymentCancel(PaymentView, WritingView):
    """POST takes a payment back that waits for approval or is held."""

    form = ReasonInput
    refuses = {"POST": codes.CANCEL}

    def authorise(self, data: dict[str, Any]) -> None:
        """:raises NotFound: when the payment is not there, or another partner's."""
        data["row"] = self.payment()

    def perform(self, data: dict[str, Any], key: str) -> Answer:
        """Answer with the payment as it is then."""
        pk, reason = data["row"].pk, data["reason"]
        row = partner_orders.cancel(caller=self.caller, transaction_id=pk, reason=reason, now=clock.now())
        (shown,) = self.shown([row])
        return self.answer(200, shown, subject_id=row.public_id)


class PaymentConfirm(PaymentView, WritingView):
    """POST says that a payment held back as a possible duplicate is genuine."""

    form = ReasonInput
    refuses = {"POST": codes.CONFIRM}

    def authorise(self, data: dict[str, Any]) -> None:
        """:raises NotFound: when the payment is not there, or another partner's.
        :raises UnknownAccount: when the partner may no longer use its accounts.
        """
        data["row"] = row = self.payment()
        require_rights(self.caller, debit=row.debit_account, credit=row.credit_account, needs=needs_of(self.kind))

    def perform(self, data: dict[str, Any], key: str) -> Answer:
        """Release it: 201 when it is posted, 202 when reviewers of the bank have to agree, and it stays held meanwhile; 422 when
        the bank declines it by now.
        """
        held: Transaction = data["row"]
        try:
            row = partner_orders.confirm(
                caller=self.caller, transaction_id=held.pk, reason=data["reason"], key=key, now=clock.now()
            )
        except BankOpsError as refusal:
            raise about(self.caller, refusal, debit=held.debit_account, credit=held.credit_account) from refusal
        if row.state == State.DECLINED:
            return refusals.declined(row)
        (shown,) = self.shown([row])
        status = 201 if row.state == State.POSTED else 202
        return self.answer(status, shown, location=outputs.location(row), subject_id=row.public_id)


def with_status_and(wanted: Mapping[str, Any], accounts: Mapping[str, str]) -> Q:
    """Return the condition for payments that a list is narrowed to.

    :param wanted: what `Filters` made of the parameters.
    :param accounts: the column of each parameter that names an account.
    """
    found = _WITH_STATUS[wanted["status"]] if "status" in wanted else Q()
    return found & narrowed(wanted, {**_COLUMNS, **accounts})


def terms_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what every operation on money is told beside its accounts."""
    told = {name: data[name] for name in ("amount", "currency", "narrative")}
    return {**told, "external_reference": data["reference"], "context": data["context"]}


def let_through(
    caller: Any, data: Mapping[str, Any], fields: tuple[str, str], needs: Needs = partner_access.PAYMENT
) -> Sides:
    """Return the accounts that a body names in these fields, payer and payee, if the caller may use them so.

    :raises UnknownAccount, SameAccount: naming what was written, and where.
    """
    payer, payee = (data[field] for field in fields)
    try:
        return partner_orders.sides_of(caller=caller, from_account=payer, to_account=payee, needs=needs)
    except BankOpsError as refusal:
        sides = [refusals.Side(field, data[field]) for field in fields]
        raise refusals.blamed(refusals.as_told(refusal, *sides)) from refusal


def require_rights(caller: Any, *, debit: Account, credit: Account, needs: Needs = partner_access.PAYMENT) -> None:
    """Let nobody go on who may not use both accounts of a payment; the body does not name them.

    :raises UnknownAccount: as `about` tells it.
    """
    try:
        partner_access.require(
            group_id=caller.group_id,
            may_credit_any=caller.may_credit_any,
            debit=[debit.pk],
            credit=[credit.pk],
            needs=needs,
        )
    except BankOpsError as refusal:
        raise about(caller, refusal, debit=debit, credit=credit) from refusal


def about(caller: Any, refusal: BankOpsError, *, debit: Account, credit: Account) -> BankOpsError:
    """Return a refusal about accounts that the request does not name, as the partner may read it.

    They are called by their id to who has a right to them, and not at all to others.
    """
    named = partner_orders.named_among(caller, [debit.pk, credit.pk])
    payer, payee = [(one.public_id if one.pk in named else refusals.UNSAID, one.pk) for one in (debit, credit)]
    sides = refusals.sides_of(caller, payer=payer, payee=payee, fields=("", ""))
    return refusals.blamed(refusals.as_told(refusal, *sides))
