"""Transactions that wait for approval: the instruction is on record, and its money is held, until reviewers decide.

A parked transaction goes to POSTED when its request is approved, and to REJECTED, EXPIRED or FAILED when it is not. The
database keeps it from POSTED before (`migrations/consent_guards.sql`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.locks import accounts_for_update
from accounts.models import Balance
from approvals.models import ApprovalRequest
from bankops.core import aftermath, ids
from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from partners.services.allowance import give_back
from transactions import errors, events, limits, locks, refusals, selectors, states
from transactions.duplicates.errors import StoppedByRisk
from transactions.models import BOOKED, Hold, HoldPurpose, HoldState, Kind, State, Transaction, TransactionEvent
from transactions.services import duplicates
from transactions.services.booking import post_entry
from transactions.services.holds import begin_hold, end_hold
from transactions.services.instructions import Instruction, row_of
from transactions.services.risk_checks import (
    StoppedUnmade,
    asked_again,
    assessed,
    branch_of,
    count_posted,
    keep_assessment,
)
from transactions.services.telling import tell


@transaction_required
def park(instruction: Instruction) -> Transaction:
    """Record, in the submission's transaction, an instruction that waits in an approval request; hold the payer's money.

    Locks both accounts. Writes `transactions.<kind>.parked` and `transactions.hold.placed`.

    :raises PostingRefused: what the journal would refuse at this moment, for instance `insufficient_funds`.
    :raises DuplicateReference: when the partner has used the reference before.
    :raises Busy: when somebody else has ordered at the same moment, so that its band is higher than policies were told.
    :raises StoppedByRisk: when risk stops what an amended request asks for now, or what somebody else has ordered at the same
        moment shows; what is stopped when it is ordered does not come so far. Its alert is written afterwards.
    """
    payer, payee = _locked_sides(instruction)
    instruction = _as_locked(instruction, payer, payee)
    refusals.check_two_sides(payer, payee, instruction.amount)
    limits.check_instruction(instruction, payer.account)
    duplicates.refuse_known_reference(instruction)
    instruction = assessed(instruction)
    if instruction.assessment and instruction.stops:
        alert = StoppedUnmade(
            instruction.assessment,
            f"parked:{instruction.approval_request_id}",
            made_by=instruction.actor.id,
            branch=branch_of(instruction),
        )
        raise aftermath.leaving(StoppedByRisk(), [alert])
    row = row_of(instruction, State.AWAITING_APPROVAL)
    if policy := duplicates.policy_for(instruction):
        twins = duplicates.look(instruction, policy)
        row.twin_id = twins.twin  # reviewers read of it; nothing else holds it back
        row.confirmed_genuine_at = instruction.now if instruction.is_genuine and twins.are_too_many else None
    row.save(force_insert=True)
    by: dict[str, Any] = {"actor": instruction.actor, "now": instruction.now, "reason": instruction.reason}
    TransactionEvent.objects.bulk_create(states.events_of_birth(row, **by))
    keep_assessment(row, instruction)
    tell(events.PARKED[instruction.kind], row, before=None, **by)
    begin_hold(hold=_hold_for(row, instruction), balance=payer, actor=instruction.actor)
    return row


@transaction.atomic
def post_parked(instruction: Instruction) -> Transaction:
    """Post the transaction that waits in the instruction's request, on the instruction's business date, and return it.

    Called again it returns what it posted. Locks accounts, transaction and hold; the hold ends in the same database
    transaction. Risk is asked once more, behind the locks: what it knows may be days younger than the order; its answer is kept,
    and raises the alert where somebody must look. Writes what a directly posted one does, and `transactions.hold.posted`.

    :raises NotParked: when none waits, or it was ended.
    :raises NotWhatWasParked: when something else waits there.
    :raises StoppedByRisk: when risk stops it now; the answer and its alert are written afterwards.
    :raises PostingRefused: when the journal refuses; it goes on waiting.
    """
    payer, payee = _locked_sides(instruction)
    row = _locked_in(instruction.approval_request_id)
    if bytes(row.fingerprint) != instruction.fingerprint():
        raise errors.NotWhatWasParked(reference=row.reference)
    if row.state in BOOKED:
        return row
    by: dict[str, Any] = {"actor": instruction.actor, "now": instruction.now}
    hold = locks.pending_hold_for_update(row)
    end_hold(hold=hold, balance=payer, state=HoldState.POSTED, reason="", **by)
    with asked_again(row, _as_locked(instruction, payer, payee)) as said:
        if said.stops:
            raise StoppedByRisk
        limits.check_instruction(instruction, payer.account)
        row.entry_id = post_entry(instruction, row)
    row.booking_date = row.value_date = instruction.business_date
    states.move(row, State.POSTED, **by)
    count_posted(row, now=instruction.now)
    tell(events.POSTED[instruction.kind], row, before=State.AWAITING_APPROVAL, reason=instruction.reason, **by)
    return row


@transaction.atomic
def end_parked(*, approval_request_id: str, state: State, reason: str, actor: Actor, now: datetime) -> Transaction:
    """End the transaction that waits in a request without posting it, give its money back, and return it.

    Locks account, transaction and hold. Writes `transactions.<kind>.rejected`, `.expired` or `.failed`, and
    `transactions.hold.voided` or `.expired`.

    :param state: REJECTED, EXPIRED or FAILED.
    :raises NotParked: when none waits there, or it was ended or posted.
    :raises InvalidTransition: when `state` is no way to end.
    """
    parked = selectors.parked_in(_request_pk(approval_request_id))
    balances = accounts_for_update(parked.values_list("debit_account", flat=True))
    row = _locked_in(approval_request_id)
    if row.state != State.AWAITING_APPROVAL:
        raise errors.NotParked(request=approval_request_id)
    states.move(row, state, actor=actor, now=now, reason=reason)
    hold = locks.pending_hold_for_update(row)
    given_back = HoldState.EXPIRED if state == State.EXPIRED else HoldState.VOIDED
    end_hold(hold=hold, balance=balances[0], state=given_back, reason=reason, actor=actor, now=now)
    event = events.ENDED[Kind(row.kind), state]
    tell(event, row, before=State.AWAITING_APPROVAL, actor=actor, now=now, reason=reason)
    give_back_allowance(row)
    return row


def _as_locked(instruction: Instruction, payer: Balance, payee: Balance) -> Instruction:
    """Return an instruction with its accounts as they were read behind their locks."""
    return replace(instruction, debit=payer.account, credit=payee.account)


def give_back_allowance(row: Transaction) -> None:
    """Count a partner's payment that will not be made no longer against the day it was ordered on; the last step of its end."""
    if row.partner_id:
        give_back(partner_id=row.partner_id, amount=row.money, day=row.booking_date)


def _hold_for(row: Transaction, instruction: Instruction) -> Hold:
    return Hold(
        account=row.debit_account,
        amount=row.amount,
        currency=row.currency,
        purpose=HoldPurpose.APPROVAL,
        transaction=row,
        approval_request_id=instruction.approval_request_id,
        placed_at=instruction.now,
    )


def _locked_sides(instruction: Instruction) -> tuple[Balance, Balance]:
    """Lock both accounts, unless the caller did, and return their balances: the debited one first."""
    debit, credit = instruction.debit.pk, instruction.credit.pk
    balances = instruction.locked
    if not balances.keys() >= {debit, credit}:
        balances = {balance.account_id: balance for balance in accounts_for_update((debit, credit))}
    return balances[debit], balances[credit]


def _locked_in(approval_request_id: str) -> Transaction:
    """Lock the transaction that waits in a request, or was posted from there, and return it as it is now.

    :raises NotParked: when there is neither.
    """
    row = locks.parked_or_posted_for_update(_request_pk(approval_request_id))
    if row is None:
        raise errors.NotParked(request=approval_request_id)
    return row


def _request_pk(public_id: str) -> UUID:
    return ids.decode(ApprovalRequest.ID_PREFIX, public_id)
