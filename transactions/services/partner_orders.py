"""What partners' systems order: placed, cancelled, and told where it stands. For the API, which adds nothing of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from accounts import partner_access
from accounts import selectors as account_selectors
from accounts.errors import UnknownAccount
from accounts.models import Account
from accounts.partner_access import Needs
from approvals.errors import RequestNotPending
from approvals.models import ApprovalRequest
from approvals.models import State as RequestState
from approvals.services.endings import withdraw_for_partner
from bankops.core import ids, operations
from bankops.core.errors import InvalidId
from bankops.core.operations import Order, Outcome
from bankops.core.texts import require_reason
from partners.caller import Caller
from partners.services.allowance import take_allowance
from transactions import errors
from transactions.duplicates.errors import NotHeld
from transactions.models import State, Transaction
from transactions.partner_visibility import own_payments
from transactions.services import duplicates
from transactions.services.held import cancel_held
from transactions.services.notes import write_note

STATUSES: Final[Mapping[State, str]] = {
    State.RECEIVED: "received",
    State.ASSESSED: "under_review",
    State.AWAITING_APPROVAL: "awaiting_approval",
    State.HELD: "held",
    State.POSTED: "posted",
    State.REVERSED: "reversed",
    State.DECLINED: "declined",
    State.REJECTED: "rejected",
    State.EXPIRED: "expired",
    State.FAILED: "failed",
}
CANCELLED = "cancelled"
"""What a partner reads of a payment that it took back itself."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a transaction stands, in the words of the API.

    Attributes:
        status: one of `STATUSES` or `CANCELLED`.
        waiting_for: `bank` while reviewers decide, `you` when they returned it, else empty.
        request: the approval request it waits in; None when it waits in none.

    """

    status: str
    waiting_for: str = ""
    request: ApprovalRequest | None = None


class Sides(NamedTuple):
    """The keys of a payment's accounts, payer and payee, and those of the two that the caller has any right to."""

    payer: UUID
    payee: UUID
    named: frozenset[UUID]

    @property
    def pair(self) -> tuple[UUID, UUID]:
        """Payer and payee."""
        return self.payer, self.payee


TRANSFER = "transactions.transfer"
DEPOSIT = "transactions.agent_deposit"
WITHDRAWAL = "transactions.agent_withdraw"
REFUND = "transactions.refund"
"""The payments that partners order, by operation."""


def place_payment(
    *,
    operation: str,
    caller: Caller,
    payload: Mapping[str, Any],
    metadata: Mapping[str, str],
    key: str,
    now: datetime,
    business_date: date,
    payee_as_written: str = "",
) -> Transaction:
    """Order a payment as a partner; return it posted, parked, held or declined.

    The partner's allowance of the day is taken last, because its row is the hottest. Whatever leaves an account on a
    partner's word counts against it, refunds and cash at an agent's counter too.

    :param operation: one of those above.
    :param payload: as the operation takes it, its accounts by id as `sides_of` let them through; the partner is added here.
    :param key: under which this one order can never be carried out twice.
    :param payee_as_written: an account number, where it names its payee so.
    :raises PartnerLimitMissing, PartnerLimitExceeded: beyond what was agreed with the partner.
    :raises DuplicateReference: when the partner used this reference before.
    :raises BankOpsError: whatever the operation or the gate refuses.
    """
    order = Order(actor=caller.actor, now=now, channel="partner", idempotency_key=key)
    with duplicates.reference_told(caller.partner_id, payload["external_reference"]):
        outcome = operations.submit(operation, {**payload, "partner": caller.partner}, order)
        row = _row_of(outcome)
        write_note(row, metadata, payee_as_written=payee_as_written)
        if row.state != State.DECLINED:
            take_allowance(partner_id=caller.partner_id, amount=row.money, day=business_date)
    return row


def confirm(*, caller: Caller, transaction_id: UUID, reason: str, key: str, now: datetime) -> Transaction:
    """Say that a payment held back as a possible duplicate is genuine; return it posted, or held while reviewers decide.

    :raises UnknownTransaction: when the partner has none of this id.
    :raises NotHeld: when it was released, cancelled or has expired.
    :raises ReasonRequired: when `reason` is blank.
    :raises BankOpsError: whatever the operation or the gate refuses; it stays held then.
    """
    row = _own(caller, transaction_id)
    order = Order(actor=caller.actor, now=now, channel="partner", idempotency_key=key, reason=reason)
    operations.submit("transactions.release", {"transaction": row.public_id, "partner": caller.partner}, order)
    return _own(caller, transaction_id)


def sides_of(*, caller: Caller, from_account: str, to_account: str, needs: Needs = partner_access.PAYMENT) -> Sides:
    """Return the payer's and the payee's account, if the caller may use them so; two queries at most.

    :param from_account: an id (`acc_…`).
    :param to_account: an id, or an account number. An account that the partner was given no right to has for it a number
        only, and takes money only from a partner that may pay anybody.
    :param needs: which right it takes on either side.
    :raises SameAccount: when both are one.
    :raises UnknownAccount: naming what was written, whether there is no such account or it is not the partner's to use.
    """
    payer, payee = _by_id(from_account), _by_id(to_account)
    by_number = payee is None
    if by_number:
        account = account_selectors.account_by_number(to_account)
        payee = account.pk if account and account.is_customer_account else None
    rights = partner_access.rights_on(caller.group_id, [key for key in (payer, payee) if key])
    if payer is None or not needs.met_by(rights.get(payer, ()), needs.debit):
        raise UnknownAccount(account=from_account)
    if payee == payer:
        raise errors.SameAccount(account=to_account)
    may_credit_any = by_number and caller.may_credit_any
    if payee is None or not needs.met_by(rights.get(payee, ()), needs.credit, may_credit_any=may_credit_any):
        raise UnknownAccount(account=to_account)
    return Sides(payer, payee, frozenset(rights))


def number_in(to_account: str) -> str:
    """Return the account number that a payee was named by; empty when it was named by id."""
    return "" if _by_id(to_account) else to_account


def named(*, caller: Caller, rows: Iterable[Transaction]) -> frozenset[UUID]:
    """Return those accounts of the transactions that the caller has any right to: it knows them by id; one query."""
    return named_among(caller, {side for row in rows for side in (row.debit_account_id, row.credit_account_id)})


def named_among(caller: Caller, account_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return those of the accounts that the caller has any right to; one query."""
    return frozenset(partner_access.rights_on(caller.group_id, account_ids))


def cancel(*, caller: Caller, transaction_id: UUID, reason: str, now: datetime) -> Transaction:
    """Take back a payment that was not carried out yet; its money and its allowance are given back.

    :raises UnknownTransaction: when the partner has none of this id.
    :raises NotCancellable: when it is posted, or has ended.
    :raises ReasonRequired: when `reason` is blank.
    """
    row = _own(caller, transaction_id)
    try:
        _take_back(row, caller=caller, reason=require_reason(reason), now=now)
    except (RequestNotPending, NotHeld) as ended:  # a moment ago
        now_so = _own(caller, row.pk)
        raise errors.NotCancellable(reference=row.reference, status=_word(now_so)) from ended
    return _own(caller, row.pk)


def standing(row: Transaction, release: ApprovalRequest | None = None) -> Standing:
    """Return where a transaction stands for its partner; needs `approval_request` loaded.

    :param release: the open request to release it, where it is held back and confirmed as genuine.
    """
    request = row.approval_request
    if row.state == State.AWAITING_APPROVAL and request:
        return Standing(STATUSES[State.AWAITING_APPROVAL], waiting_for(request), request)
    if row.state == State.HELD:
        if row.waits_for_risk:
            return Standing(STATUSES[State.ASSESSED], "bank")
        return Standing(STATUSES[State.HELD], waiting_for(release) if release else "you", release)
    return Standing(CANCELLED if _is_cancelled(row) else STATUSES[State(row.state)])


def waiting_for(request: ApprovalRequest) -> str:
    """Return who has to do something about an open request: `bank`, or `you` when reviewers have returned it."""
    return "you" if request.state == RequestState.RETURNED else "bank"


def _own(caller: Caller, transaction_id: UUID) -> Transaction:
    row = own_payments(caller.partner_id).filter(pk=transaction_id).first()
    if row is None:
        raise errors.UnknownTransaction(reference=ids.encode(Transaction.ID_PREFIX, transaction_id))
    return row


def _is_cancelled(row: Transaction) -> bool:
    """Tell whether it was taken back: withdrawn while reviewers decided, or while it was held, and not declined by the bank."""
    request = row.approval_request
    withdrawn = row.state == State.REJECTED and request is not None and request.state == RequestState.WITHDRAWN
    return withdrawn or (row.state == State.DECLINED and bool(row.held_because) and not row.is_declined_by_risk)


def _row_of(outcome: Outcome) -> Transaction:
    """Return the transaction that a submission became: done, held, or waiting in the request."""
    if isinstance(outcome.result, Transaction):
        return outcome.result
    return Transaction.objects.select_related("approval_request").get(approval_request=outcome.request)


def _by_id(text: str) -> UUID | None:
    try:
        return ids.decode(Account.ID_PREFIX, text)
    except InvalidId:
        return None


def _take_back(row: Transaction, *, caller: Caller, reason: str, now: datetime) -> None:
    by: dict[str, Any] = {"actor": caller.actor, "reason": reason, "now": now}
    if row.state == State.AWAITING_APPROVAL and row.approval_request_id:
        withdraw_for_partner(request_id=row.approval_request_id, **by)
    elif row.state == State.HELD:
        cancel_held(transaction_id=row.pk, partner_id=caller.partner_id, **by)
    else:
        raise errors.NotCancellable(reference=row.reference, status=_word(row))


def _word(row: Transaction) -> str:
    return standing(row).status
