"""Holds: reserve money on an account, and give it back or pay it out, once.

Every writer locks the account first, so that a hold and a posting see each other. `accounts.Balance.held` is written
here and nowhere else.
"""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.locks import accounts_for_update
from accounts.models import Account, Balance
from bankops.core import audit, clock, ids, outbox, texts
from bankops.core.actor import Actor
from bankops.core.audit import EventType
from bankops.core.db import prepared, transaction_required
from bankops.core.money import Money
from bankops.core.texts import require_reason
from partners.services.allowance import give_back
from transactions import errors, events, limits, locks, refusals
from transactions.duplicates.errors import DuplicateReference
from transactions.models import Channel, Hold, HoldPurpose, HoldState, Side, State
from transactions.services.hold_look_alikes import refuse_look_alike
from transactions.services.telling import audience_of, for_partners

logger = logging.getLogger(__name__)

_EVENTS: dict[HoldState, EventType] = {
    HoldState.PENDING: events.HOLD_PLACED,
    HoldState.POSTED: events.HOLD_POSTED,
    HoldState.VOIDED: events.HOLD_VOIDED,
    HoldState.EXPIRED: events.HOLD_EXPIRED,
}
_LOCK_REFERENCE = "SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 0))"


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
    payee_id: UUID | None = None,
    external_reference: str = "",
    idempotency_key: str | None = None,
    channel: Channel = Channel.STAFF,
    partner_id: UUID | None = None,
    payee_as_written: str = "",
    genuine_because: str = "",
) -> Hold:
    """Reserve money on a customer's account and return the hold. Locks the accounts; writes `transactions.hold.placed`.

    Called again by the same actor with the same idempotency key and content, it returns the hold placed first.

    :param ends_at: aware; when it should be given back at the latest, None for open end.
    :param payee_id: whom an announced payment (`HoldPurpose.PAYMENT`) is for. What could not be posted to them at this moment
        is refused already now.
    :param idempotency_key: the actor's own, or None when the call cannot repeat.
    :param partner_id: whose system places it, an announced payment always; None for the bank's own people.
    :param payee_as_written: the number by which a partner named the payee; empty when it named it by id.
    :param genuine_because: why a partner wants it although it looks like something else.
    :raises DuplicateReference: when the partner has placed a hold under this reference before.
    :raises PossibleDuplicate: when a partner's looks like something else, and nobody said why it is wanted.
    :raises IdempotencyConflict: when the key was used for something else.
    :raises HoldEndsInThePast: when `ends_at` is not after `now`.
    :raises InsufficientFunds: when the available balance is not enough.
    :raises LimitExceeded: when an announced payment does not fit a limit of the account.
    :raises UnknownAccount, NotACustomerAccount: when the account is not a customer's.
    :raises PostingRefused: `account_closed`, `account_blocked`, `currency_mismatch`, … as a debit would be.
    :raises TextTooLong, UnstorableText: when the reason does not fit.
    """
    texts.check_fits(Hold, reason=reason, external_reference=external_reference, payee_as_written=payee_as_written)
    if ends_at is not None and ends_at <= now:
        raise errors.HoldEndsInThePast
    balance, payee = _locked_sides(account_id, payee_id)
    order_key = f"{actor.kind}:{actor.id}:{idempotency_key}" if idempotency_key else None
    if earlier := _placed_earlier(order_key, account_id, payee_id, amount):
        return earlier
    _refuse_known_reference(partner_id, external_reference)
    refusals.check_line(balance, Side.DEBIT, amount)
    if purpose == HoldPurpose.PAYMENT:
        limits.check(balance.account, amount, channel=channel, business_date=clock.business_date(now))
    if payee is not None:
        refusals.check_line(payee, Side.CREDIT, amount)
    hold = Hold(
        account=balance.account,
        payee_id=payee_id,
        external_reference=external_reference,
        amount=amount.minor,
        currency=amount.currency,
        purpose=purpose,
        reason=reason,
        placed_at=now,
        ends_at=ends_at,
        order_key=order_key,
        partner_id=partner_id,
        payee_as_written=payee_as_written,
    )
    if partner_id is not None and payee is not None:
        refuse_look_alike(hold, payee.account, actor=actor, genuine_because=genuine_because)
    begin_hold(hold=hold, balance=balance, actor=actor, genuine_because=genuine_because)
    return hold


@transaction.atomic
def void_hold(*, hold_id: UUID, reason: str, actor: Actor, now: datetime) -> Hold:
    """Give reserved money back and return the hold. Locks account and hold; writes `transactions.hold.voided`.

    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownHold: when there is none.
    :raises HoldNotPending: when it was ended before.
    :raises HoldBelongsToTransaction, HoldBelongsToBatch: when a transaction waits for its money; that one is ended instead.
    """
    reason = require_reason(reason)
    balances = accounts_for_update(Hold.objects.filter(pk=hold_id).values_list("account_id", flat=True))
    hold = locks.hold_for_update(hold_id)
    if hold.transaction and hold.transaction.state == State.AWAITING_APPROVAL:
        raise errors.HoldBelongsToTransaction(amount=hold.money.format(), reference=hold.transaction.reference)
    if hold.purpose == HoldPurpose.APPROVAL and hold.transaction is None and hold.state == HoldState.PENDING:
        raise errors.HoldBelongsToBatch(amount=hold.money.format(), request=hold.approval_request_id)
    end_hold(hold=hold, balance=balances[0], state=HoldState.VOIDED, reason=reason, actor=actor, now=now)
    give_back_allowance(hold, hold.money)
    return hold


def expire_due_holds(*, now: datetime, actor: Actor, limit: int = 500) -> int:
    """Give back what holds keep whose time is over, the longest overdue first, and return how many were.

    Each in a database transaction of its own; one that cannot be ended now does not keep the others.

    :param limit: how many at most, so that a run ends.
    """
    due = Hold.objects.filter(state=HoldState.PENDING, ends_at__lte=now).order_by("ends_at", "pk")
    return sum(_expire(hold_id, now=now, actor=actor) for hold_id in due.values_list("pk", flat=True)[:limit])


def _expire(hold_id: UUID, *, now: datetime, actor: Actor) -> int:
    try:
        with transaction.atomic():
            balances = accounts_for_update(Hold.objects.filter(pk=hold_id).values_list("account_id", flat=True))
            hold = locks.hold_for_update(hold_id)
            if hold.state != HoldState.PENDING:
                return 0  # captured or given back while we looked
            end_hold(hold=hold, balance=balances[0], state=HoldState.EXPIRED, reason="", actor=actor, now=now)
            give_back_allowance(hold, hold.money)
    except Exception:
        # Whatever one meets with must not keep all the others from ending.
        logger.exception("a hold could not be ended", extra={"hold": str(hold_id)})
        return 0
    return 1


@transaction_required
def begin_hold(*, hold: Hold, balance: Balance, actor: Actor, genuine_because: str = "") -> None:
    """Write a new hold on a locked account that was found able to bear it. Writes `transactions.hold.placed`.

    :param genuine_because: for the audit trail, where the hold was confirmed as no duplicate.
    """
    hold.save(force_insert=True)
    _change_held(balance, hold.amount)
    why = {"genuine_because": genuine_because} if hold.confirmed_genuine_at else {}
    _tell(hold, before=None, actor=actor, now=hold.placed_at, reason=hold.reason, **why)


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
    hold.save(update_fields=["state", "closed_at", "transaction", "captured"])
    hold.account = balance.account
    _change_held(balance, -hold.amount)
    _tell(hold, before=HoldState.PENDING, actor=actor, now=now, reason=reason)
    return hold


@transaction_required
def give_back_allowance(hold: Hold, unpaid: Money) -> None:
    """Count what a partner announced and did not take no longer against the day it announced it; the last step of its end."""
    if hold.partner_id and unpaid.minor:
        give_back(partner_id=hold.partner_id, amount=unpaid, day=clock.business_date(hold.placed_at))


def _refuse_known_reference(partner_id: UUID | None, reference: str) -> None:
    """Refuse a reference under which the partner has placed a hold before; two at the same moment wait for each other.

    :raises DuplicateReference: naming the hold that has it.
    """
    if partner_id is None:
        return
    prepared(_LOCK_REFERENCE, {"name": f"transactions.hold_reference:{partner_id}:{reference}"})
    if known := Hold.objects.filter(partner=partner_id, external_reference=reference).first():
        raise DuplicateReference(
            external_reference=reference, transaction=known.public_id, where=HoldState(known.state).label
        )


def _locked_sides(account_id: UUID, payee_id: UUID | None) -> tuple[Balance, Balance | None]:
    """Lock the account whose money is held and, where there is one, the payee's; return their balances."""
    wanted = [account_id, *([payee_id] if payee_id else [])]
    if len(set(wanted)) < len(wanted):
        raise errors.SameAccount(account=account_id)
    found = {balance.account_id: balance for balance in accounts_for_update(wanted)}
    sides = [_customers_balance(found, one) for one in wanted]
    return sides[0], (sides[1] if payee_id else None)


def _placed_earlier(order_key: str | None, account_id: UUID, payee_id: UUID | None, amount: Money) -> Hold | None:
    """Return the hold that the same order placed; the account's lock makes the second of two calls wait.

    :raises IdempotencyConflict: when it was an order for something else.
    """
    earlier = Hold.objects.filter(order_key=order_key).first() if order_key else None
    if earlier and (earlier.account_id, earlier.payee_id, earlier.money) != (account_id, payee_id, amount):
        raise errors.IdempotencyConflict
    return earlier


def _customers_balance(found: dict[UUID, Balance], account_id: UUID) -> Balance:
    if account_id not in found:
        raise errors.UnknownAccount(account=account_id)
    account = found[account_id].account
    if not account.is_customer_account:
        raise errors.NotACustomerAccount(account=account.number)
    return found[account_id]


def _change_held(balance: Balance, by: int) -> None:
    balance.held += by
    balance.save(update_fields=["held"])


def _tell(hold: Hold, *, before: HoldState | None, actor: Actor, now: datetime, reason: str, **trail: str) -> None:
    event = _EVENTS[HoldState(hold.state)]
    facts = {
        "hold": hold.public_id,
        "account": hold.account.public_id,
        "transaction": hold.transaction.public_id if hold.transaction else "",
        "amount": str(hold.money),
        "currency": hold.currency,
        "purpose": str(hold.purpose),
        **_capture_facts(hold),
    }
    audit.record(
        event,
        actor=actor,
        subject=audit.Subject("hold", hold.public_id, hold.account.number),
        now=now,
        reason=reason,
        changes={"state": (before or "", HoldState(hold.state))},
        detail={**facts, **trail},
        approval_request_id=hold.approval_request_id,
    )
    audience = audience_of(hold.partner_id)
    told = for_partners(_without_strangers(facts, hold), reference=hold.external_reference) if audience else facts
    outbox.announce(event.name, subject_id=hold.public_id, payload=told, now=now, audience=audience)


def _without_strangers(facts: dict[str, str], hold: Hold) -> dict[str, str]:
    """Return the facts without the transfer, where it was not the same partner that captured it."""
    own = hold.transaction is not None and hold.transaction.partner_id == hold.partner_id
    return facts if own else {**facts, "transaction": ""}


def _capture_facts(hold: Hold) -> dict[str, str]:
    """Return what is to be told of an announced payment beside what all holds have."""
    if hold.purpose != HoldPurpose.PAYMENT:
        return {}
    captured = hold.captured_money
    payee = ids.encode(Account.ID_PREFIX, hold.payee_id) if hold.payee_id else ""
    return {
        "payee": payee,
        "external_reference": hold.external_reference,
        "captured": str(captured) if captured else "",
    }
