"""Holds: reserve money on an account, and give it back or pay it out, once.

Every writer locks the account first, so that a hold and a posting see each other. `accounts.Balance.held` is written
here and nowhere else.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.locks import accounts_for_update
from accounts.models import Balance
from bankops.core import audit, outbox, texts
from bankops.core.actor import Actor
from bankops.core.audit import EventType
from bankops.core.db import transaction_required
from bankops.core.errors import ReasonRequired
from bankops.core.money import Money
from transactions import errors, events, locks, refusals
from transactions.models import Hold, HoldPurpose, HoldState, Side, State

_EVENTS: dict[HoldState, EventType] = {
    HoldState.PENDING: events.HOLD_PLACED,
    HoldState.POSTED: events.HOLD_POSTED,
    HoldState.VOIDED: events.HOLD_VOIDED,
    HoldState.EXPIRED: events.HOLD_EXPIRED,
}


@transaction.atomic
def place_hold(
    *,
    account_id: UUID,
    amount: Money,
    purpose: HoldPurpose,
    actor: Actor,
    now: datetime,
    reason: str = "",
    ends_at: datetime | None = None,
) -> Hold:
    """Reserve money on a customer's account and return the hold. Locks the account; writes `transactions.hold.placed`.

    :param ends_at: aware; when it should be given back at the latest, None for open end.
    :raises InsufficientFunds: when the available balance is not enough.
    :raises UnknownAccount, NotACustomerAccount: when the account is not a customer's.
    :raises PostingRefused: `account_closed`, `account_blocked`, `currency_mismatch`, … as a debit would be.
    :raises TextTooLong, UnstorableText: when the reason does not fit.
    """
    texts.check_fits(Hold, reason=reason)
    balance = _locked_balance(account_id)
    refusals.check_line(balance, Side.DEBIT, amount)
    hold = Hold(
        account=balance.account,
        amount=amount.minor,
        currency=amount.currency,
        purpose=purpose,
        reason=reason,
        placed_at=now,
        ends_at=ends_at,
    )
    begin_hold(hold=hold, balance=balance, actor=actor)
    return hold


@transaction.atomic
def void_hold(*, hold_id: UUID, reason: str, actor: Actor, now: datetime) -> Hold:
    """Give reserved money back and return the hold. Locks account and hold; writes `transactions.hold.voided`.

    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownHold: when there is none.
    :raises HoldNotPending: when it was ended before.
    :raises HoldBelongsToTransaction: when a transaction waits for its money; that one is ended instead.
    """
    if not reason.strip():
        raise ReasonRequired
    texts.check_storable(reason)
    balances = accounts_for_update(Hold.objects.filter(pk=hold_id).values_list("account_id", flat=True))
    hold = locks.hold_for_update(hold_id)
    if hold.transaction and hold.transaction.state == State.AWAITING_APPROVAL:
        raise errors.HoldBelongsToTransaction(amount=hold.money.format(), reference=hold.transaction.reference)
    return end_hold(hold=hold, balance=balances[0], state=HoldState.VOIDED, reason=reason, actor=actor, now=now)


@transaction_required
def begin_hold(*, hold: Hold, balance: Balance, actor: Actor) -> None:
    """Write a new hold on a locked account that was found able to bear it. Writes `transactions.hold.placed`."""
    hold.save(force_insert=True)
    _change_held(balance, hold.amount)
    _tell(hold, before=None, actor=actor, now=hold.placed_at, reason=hold.reason)


@transaction_required
def end_hold(*, hold: Hold, balance: Balance, state: HoldState, reason: str, actor: Actor, now: datetime) -> Hold:
    """Take a locked hold on a locked account to `state`, its last, and return it.

    POSTED frees the money for a posting that follows in the same database transaction. Writes
    `transactions.hold.voided`, `.expired` or `.posted`.

    :param balance: of the hold's account, read after it was locked.

    :raises HoldNotPending: when it was ended before.
    """
    if hold.state != HoldState.PENDING:
        raise errors.HoldNotPending(amount=hold.money.format(), state=HoldState(hold.state).label)
    hold.state, hold.closed_at = state, now
    hold.save(update_fields=["state", "closed_at"])
    hold.account = balance.account
    _change_held(balance, -hold.amount)
    _tell(hold, before=HoldState.PENDING, actor=actor, now=now, reason=reason)
    return hold


def _locked_balance(account_id: UUID) -> Balance:
    balances = accounts_for_update([account_id])
    if not balances:
        raise errors.UnknownAccount(account=account_id)
    account = balances[0].account
    if not account.is_customer_account:
        raise errors.NotACustomerAccount(account=account.number)
    return balances[0]


def _change_held(balance: Balance, by: int) -> None:
    balance.held += by
    balance.save(update_fields=["held"])


def _tell(hold: Hold, *, before: HoldState | None, actor: Actor, now: datetime, reason: str) -> None:
    event = _EVENTS[HoldState(hold.state)]
    facts = {
        "hold": hold.public_id,
        "account": hold.account.public_id,
        "transaction": hold.transaction.public_id if hold.transaction else "",
        "amount": str(hold.money),
        "currency": hold.currency,
        "purpose": str(hold.purpose),
    }
    audit.record(
        event,
        actor=actor,
        subject=audit.Subject("hold", hold.public_id, hold.account.number),
        now=now,
        reason=reason,
        changes={"state": (before or "", HoldState(hold.state))},
        detail=facts,
        approval_request_id=hold.approval_request_id,
    )
    outbox.announce(event.name, subject_id=hold.public_id, payload=facts, now=now)
