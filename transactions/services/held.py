"""Payments held back as possible duplicates: no money is moved or reserved until somebody says that one is genuine.

The word is its partner's, or a colleague's of its maker; the bank's own people also cancel it. What nobody speaks for
expires (`DuplicatePolicy.held_hours`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import cache
from itertools import islice
from uuid import UUID

from django.db import transaction

from accounts.locks import accounts_for_update
from accounts.models import Balance
from bankops.core import operations
from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from bankops.core.texts import require_reason
from bankops.core.together import written_together
from transactions import events, limits, locks, refusals, states
from transactions.duplicates import errors
from transactions.errors import InsufficientFunds, UnknownTransaction
from transactions.models import Channel, HeldBecause, Kind, NoteAnswer, State, Transaction
from transactions.services import duplicates
from transactions.services.booking import add_born, post_entry
from transactions.services.duplicate_notes import note_look_alike
from transactions.services.duplicates import Twins
from transactions.services.instructions import Instruction, next_references, request_pk, row_of
from transactions.services.parking import give_back_allowance
from transactions.services.telling import tell

logger = logging.getLogger(__name__)


@transaction_required
def hold_back(instruction: Instruction, twins: Twins, locked: dict[UUID, Balance]) -> Transaction:
    """Record an instruction that looks like another one, move nothing, and return it. Writes `transactions.<kind>.held`.

    :raises PostingRefused: what the journal would refuse at this moment but for want of money, which may come.
    """
    check_can_be_held(instruction, locked)
    (row,) = put_on_hold([(instruction, twins)])
    return row


def check_can_be_held(instruction: Instruction, locked: Mapping[UUID, Balance]) -> None:
    """:raises PostingRefused: what the journal would refuse at this moment but for want of money, which may come."""
    debit, credit = locked[instruction.debit.pk], locked[instruction.credit.pk]
    with suppress(InsufficientFunds):
        refusals.check_two_sides(debit, credit, instruction.amount)


@transaction_required
def put_on_hold(told: Sequence[tuple[Instruction, Twins]]) -> list[Transaction]:
    """Record instructions that can be held, each with what it looks like; return them in the same order.

    However many they are, all that is written goes in one statement. Writes `transactions.<kind>.held` of each.
    """
    references = next_references([instruction.business_date for instruction, _twins in told])
    known = Transaction.objects.only("partner_id").in_bulk({twins.twin for _instruction, twins in told if twins.twin})
    rows = []
    with written_together():
        for (instruction, twins), reference in zip(told, references, strict=True):
            row = row_of(instruction, State.HELD, reference=reference)
            row.held_because, row.twin = HeldBecause.POSSIBLE_DUPLICATE, known.get(twins.twin) if twins.twin else None
            row.ordinal = twins.own + 1 if twins.own else None  # its partner reads it, and may know of its own only
            add_born(row, events.HELD[instruction.kind], instruction)
            note_look_alike(row=row, answer=NoteAnswer.HELD, actor=instruction.actor, now=instruction.now)
            rows.append(row)
    return rows


@operations.only_through_gate("transactions.release")
@transaction.atomic
def release_held(
    *,
    transaction_id: UUID,
    reason: str,
    actor: Actor,
    now: datetime,
    business_date: date,
    approval_request_id: str = "",
) -> Transaction:
    """Confirm that a payment held back is genuine, post it on `business_date`, and return it.

    Locks both accounts, then the transaction. Writes what a directly posted one does.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownTransaction: when there is none.
    :raises NotHeld: when it was released, cancelled or has expired, or its time is over and nobody ended it yet.
    :raises NotByItsMaker: when one of the bank's people releases what they made themselves.
    :raises LimitExceeded, PostingRefused: as for any payment; it stays held then.
    """
    reason = require_reason(reason)
    row, balances = _locked(transaction_id)
    refuse_release(row, actor, now)
    instruction = Instruction(
        Kind(row.kind),
        debit=balances[row.debit_account_id].account,
        credit=balances[row.credit_account_id].account,
        amount=row.money,
        actor=actor,
        now=now,
        business_date=business_date,
        narrative=row.narrative,
        channel=Channel(row.channel),
    )
    limits.check_instruction(instruction, instruction.debit)
    row.entry_id = post_entry(instruction, row)
    row.booking_date = row.value_date = business_date
    row.confirmed_genuine_at, row.approval_request_id = now, request_pk(approval_request_id)
    states.move(row, State.POSTED, actor=actor, now=now, reason=reason)
    tell(events.POSTED[instruction.kind], row, before=State.HELD, actor=actor, now=now, reason=reason)
    answer = NoteAnswer.CONFIRMED if actor.kind == "partner" else NoteAnswer.RELEASED
    note_look_alike(row=row, answer=answer, actor=actor, now=now)
    return row


@transaction.atomic
def cancel_held(
    *, transaction_id: UUID, reason: str, actor: Actor, now: datetime, partner_id: UUID | None = None
) -> Transaction:
    """End a payment held back without moving anything, and return it. Writes `transactions.<kind>.cancelled`.

    :param partner_id: the partner who cancels; None for the bank's own people.
    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownTransaction: when there is none, or it is not that partner's.
    :raises NotHeld: when it was released, cancelled or has expired.
    """
    reason = require_reason(reason)
    row = locks.transaction_for_update(transaction_id)
    if partner_id is not None and row.partner_id != partner_id:
        raise UnknownTransaction(reference=row.public_id)
    _refuse_ended(row)
    _end(row, State.DECLINED, actor=actor, now=now, reason=reason)
    return row


def expire_held(*, now: datetime, actor: Actor, limit: int = 500) -> int:
    """End payments held back for longer than their policy says, the oldest first, and return how many were.

    Each in a database transaction of its own; one that cannot be ended now does not keep the others.
    """
    held = Transaction.objects.filter(state=State.HELD).order_by("created_at", "pk")
    held_for = cache(lambda partner_id: duplicates.policy_of(partner_id).held_for)  # each partner's, once
    over = (row for row in held.iterator() if row.created_at + held_for(row.partner_id) <= now)
    return sum(_expire(row, now, actor) for row in islice(over, limit))


def refuse_release(row: Transaction, actor: Actor, now: datetime) -> None:
    """Refuse to release what is not held, or no longer, or was made by the same member of staff.

    :raises NotHeld, NotByItsMaker: by its state, its time and its maker.
    """
    _refuse_ended(row)
    if row.created_at + duplicates.policy_of(row.partner_id).held_for <= now:
        raise errors.NotHeld(reference=row.reference, state=State.EXPIRED.label)
    if actor.kind == "staff" and (row.maker_kind, row.maker_id) == (actor.kind, actor.id):
        raise errors.NotByItsMaker(reference=row.reference)


def _refuse_ended(row: Transaction) -> None:
    if row.state != State.HELD:
        raise errors.NotHeld(reference=row.reference, state=State(row.state).label)


def _expire(row: Transaction, now: datetime, actor: Actor) -> int:
    try:
        with transaction.atomic():
            current = locks.transaction_for_update(row.pk)
            if current.state != State.HELD:
                return 0  # released or cancelled while we looked
            _end(current, State.EXPIRED, actor=actor, now=now, reason="")
    except Exception:
        # Whatever one meets with must not keep all the others from ending.
        logger.exception("a payment held back could not be ended", extra={"transaction": row.public_id})
        return 0
    return 1


def _end(row: Transaction, state: State, *, actor: Actor, now: datetime, reason: str) -> None:
    states.move(row, state, actor=actor, now=now, reason=reason)
    event = events.CANCELLED[Kind(row.kind)] if state == State.DECLINED else events.ENDED[Kind(row.kind), state]
    tell(event, row, before=State.HELD, actor=actor, now=now, reason=reason)
    answer = NoteAnswer.CANCELLED if state == State.DECLINED else NoteAnswer.EXPIRED
    note_look_alike(row=row, answer=answer, actor=actor, now=now)
    give_back_allowance(row)


def _locked(transaction_id: UUID) -> tuple[Transaction, dict[UUID, Balance]]:
    """Lock the accounts, then the transaction: the order every movement keeps."""
    sides = Transaction.objects.filter(pk=transaction_id).values_list("debit_account_id", "credit_account_id").first()
    balances = {balance.account_id: balance for balance in accounts_for_update(sides or ())}
    return locks.transaction_for_update(transaction_id), balances
