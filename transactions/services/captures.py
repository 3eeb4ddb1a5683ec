"""Announced payments: money held for a payee, then captured in full or in part, once.

The second phase of TigerBeetle's two-phase transfer: a capture posts what was held or less, and ends the hold; what it did
not take is free again. A hold that ended otherwise says so to whoever comes late.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Unpack
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts.locks import accounts_for_update
from accounts.models import Balance
from bankops.core import clock, operations
from bankops.core.money import Money
from transactions import errors, limits, locks
from transactions.models import Hold, HoldPurpose, HoldState, Kind, State, Transaction
from transactions.services import duplicates
from transactions.services.booking import earlier_under_key, post_row
from transactions.services.holds import end_hold, give_back_allowance
from transactions.services.instructions import Instruction, row_of
from transactions.services.movements import Circumstances
from transactions.services.risk_checks import assessed
from transactions.services.stopping import stop


@operations.only_through_gate("transactions.capture_hold")
@transaction.atomic
def capture_hold(*, hold_id: UUID, amount: Money, **circumstances: Unpack[Circumstances]) -> Transaction:
    """Pay held money to the hold's payee, give the rest back, and return the transaction.

    Locks both accounts and the hold. Writes `transactions.transfer.posted` and `transactions.hold.posted`. Called again with
    the same idempotency key and content it returns the transaction it made the first time.

    What risk stops is held back or declined instead, as any transfer would be, and the hold is given back: nothing is reserved
    for what may never be paid.

    :param amount: what to pay, at most what is held.
    :raises ConsentRequired: when the gate is not carrying it out.
    :raises UnknownHold: when there is none.
    :raises HoldExpired, HoldVoided, HoldCapturedAlready, HoldNotCapturable, CaptureTooLarge: see `refuse_capture`.
    :raises DuplicateReference: when the partner has used the reference for a payment before.
    :raises LimitExceeded: when a limit lowered since no longer allows it.
    :raises Busy: when its risk band is higher, behind the locks, than policies were told.
    :raises PostingRefused: `account_blocked`, `account_closed`, …: a freeze stops a late capture, and the hold stays.
    :raises IdempotencyConflict: when the key was used for something else.
    """
    balances = _lock_sides(hold_id)
    hold = locks.hold_for_update(hold_id)
    instruction = _instruction(hold, balances, amount, circumstances)
    if earlier := earlier_under_key(instruction):
        return earlier
    refuse_capture(hold, amount, circumstances["now"])
    duplicates.refuse_known_reference(instruction)
    instruction = assessed(instruction, kept_for_it=hold.money)
    if instruction.stops:
        return _stopped(hold, balances, instruction)
    row = row_of(instruction, State.POSTED)
    hold.transaction, hold.captured = row, amount.minor
    by = {"actor": circumstances["actor"], "now": circumstances["now"]}
    end_hold(hold=hold, balance=balances[hold.account_id], state=HoldState.POSTED, reason="", **by)  # type: ignore[arg-type]
    limits.check_instruction(instruction, balances[hold.account_id].account)
    post_row(row, instruction)
    give_back_allowance(hold, hold.money - amount)
    return row


def _stopped(hold: Hold, balances: dict[UUID, Balance], instruction: Instruction) -> Transaction:
    """Record a capture that risk has stopped, give its hold back, and return the transaction, held back or declined."""
    end_hold(
        hold=hold,
        balance=balances[hold.account_id],
        state=HoldState.VOIDED,
        reason=gettext("The bank looks at the payment first."),
        actor=instruction.actor,
        now=instruction.now,
    )
    # Its day is the hold's, against which its partner's allowance was counted; it gets another one when it is posted.
    day = clock.business_date(hold.placed_at)
    row = stop(replace(instruction, approval_request_id="", business_date=day), None, balances)
    give_back_allowance(hold, hold.money if row.state == State.DECLINED else hold.money - instruction.amount)
    return row


def refuse_capture(hold: Hold, amount: Money, now: datetime) -> None:
    """Refuse to capture what the hold does not allow at this moment; needs `transaction` loaded.

    :raises HoldNotCapturable: when it announces no payment.
    :raises HoldCapturedAlready, HoldVoided, HoldExpired: when it has ended, or its time is over and nobody ended it yet.
    :raises AmountNotPositive, CaptureTooLarge, WrongCurrency: when it is not an amount of what is held.
    """
    if hold.purpose != HoldPurpose.PAYMENT:
        raise errors.HoldNotCapturable(amount=hold.money.format(), purpose=HoldPurpose(hold.purpose).label)
    _refuse_ended(hold, now)
    if amount.currency != hold.currency:
        raise errors.WrongCurrency(account=hold.account.number)
    if amount.minor <= 0:
        raise errors.AmountNotPositive
    if amount > hold.money:
        raise errors.CaptureTooLarge(amount=amount.format(), held=hold.money.format())


def _refuse_ended(hold: Hold, now: datetime) -> None:
    if hold.state == HoldState.POSTED:
        captured, by = hold.captured_money, hold.transaction
        words = {"captured": captured.format() if captured else "", "reference": by.reference if by else ""}
        raise errors.HoldCapturedAlready(amount=hold.money.format(), **words)
    if hold.state == HoldState.VOIDED:
        raise errors.HoldVoided(amount=hold.money.format(), ended=_moment(hold.closed_at))
    if hold.state == HoldState.EXPIRED or is_over(hold, now):
        raise errors.HoldExpired(amount=hold.money.format(), ended=_moment(hold.closed_at or hold.ends_at))


def _moment(when: datetime | None) -> str:
    return timezone.localtime(when).strftime("%Y-%m-%d %H:%M") if when else ""


def is_over(hold: Hold, now: datetime) -> bool:
    """Tell whether a hold's time is over, whether or not somebody gave it back by now."""
    return hold.ends_at is not None and hold.ends_at <= now


def _lock_sides(hold_id: UUID) -> dict[UUID, Balance]:
    hold = Hold.objects.only("account_id", "payee_id").filter(pk=hold_id).first()
    sides = {hold.account_id, hold.payee_id or hold.account_id} if hold else set()
    return {balance.account_id: balance for balance in accounts_for_update(sides)}


def _instruction(hold: Hold, balances: dict[UUID, Balance], amount: Money, told: Circumstances) -> Instruction:
    if hold.payee_id is None:
        raise errors.HoldNotCapturable(amount=hold.money.format(), purpose=HoldPurpose(hold.purpose).label)
    hold.account = balances[hold.account_id].account
    payee = balances[hold.payee_id].account
    genuine = hold.confirmed_genuine_at is not None  # it was compared when it was placed, and is not again
    return Instruction(Kind.TRANSFER, debit=hold.account, credit=payee, amount=amount, is_confirmed=genuine, **told)
