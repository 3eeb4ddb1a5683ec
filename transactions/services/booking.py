"""From an instruction to a posted transaction, once: what all movements of money have in common."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError

from bankops.core import idempotency
from bankops.core.audit import EventType
from bankops.core.db import transaction_required
from bankops.core.idempotency import frame_for
from bankops.core.together import write, written_together
from transactions import errors, events, ledger, selectors, states
from transactions.models import State, Transaction
from transactions.services.instructions import Instruction, row_of
from transactions.services.risk_checks import LOOKED_AT, keep_assessment
from transactions.services.telling import tell


def book(instruction: Instruction) -> Transaction:
    """Post an instruction and return its transaction; the one it led to before when the key says so.

    :raises PostingRefused: when the journal refuses; nothing is written.
    :raises IdempotencyConflict: when the key was used for something else.
    """
    if idempotency.is_new(instruction.idempotency_key or ""):
        return _post(instruction)
    earlier = earlier_under_key(instruction)
    if earlier:
        return earlier
    try:
        return _post(instruction)
    except (IntegrityError, errors.PostingRefused):
        # The same key may have come in twice at the same moment. The other call was first, and took the key, or the
        # money that this one then lacked.
        earlier = earlier_under_key(instruction)
        if earlier is None:
            raise
        return earlier


def earlier_under_key(instruction: Instruction) -> Transaction | None:
    """Return the transaction that an equal instruction with the same idempotency key led to, or None.

    :raises IdempotencyConflict: when the key was used for something else.
    """
    earlier = selectors.under_key(instruction.actor, instruction.idempotency_key)
    if earlier and bytes(earlier.fingerprint) != instruction.fingerprint():
        raise errors.IdempotencyConflict
    return earlier


def _post(instruction: Instruction) -> Transaction:
    with frame_for(instruction.idempotency_key):
        return post_row(row_of(instruction, State.POSTED), instruction)


@transaction_required
def post_row(row: Transaction, instruction: Instruction) -> Transaction:
    """Post an instruction as the unsaved transaction `row`, tell of it, and return it.

    :raises PostingRefused: when the journal refuses; nothing is written.
    :raises RuntimeError: when risk has stopped it, or was not asked about a kind that it looks at: a caller that comes here with
        it is at fault.
    """
    if instruction.stops:
        raise RuntimeError("risk has stopped this movement: it is held back or declined, and not posted")
    if instruction.kind in LOOKED_AT and instruction.assessment is None:
        raise RuntimeError("nobody has asked risk about this movement")
    row.entry_id = post_entry(instruction, row)
    write_born(row, events.POSTED[instruction.kind], instruction)
    return row


@transaction_required
def write_born(row: Transaction, event: EventType, instruction: Instruction) -> None:
    """Write a new transaction, how it came to where it is, and what is told of it; in one statement where nobody waits."""
    with written_together():
        add_born(row, event, instruction)


@transaction_required
def add_born(row: Transaction, event: EventType, instruction: Instruction) -> None:
    """Write the same as part of what the caller writes together: of several transactions all in one statement."""
    by: dict[str, Any] = {"actor": instruction.actor, "now": instruction.now, "reason": instruction.reason}
    write([row])
    write(states.events_of_birth(row, **by))
    keep_assessment(row, instruction)
    tell(event, row, before=None, **by)


def post_entry(instruction: Instruction, row: Transaction) -> int:
    """Post the journal entry of a transaction and return its id.

    :raises PostingRefused: when the journal refuses, naming the account by its number.
    """
    try:
        return ledger.post_one(instruction.entry(key=row.public_id), now=instruction.now)
    except errors.PostingRefused as refused:
        raise _by_number(refused, instruction) from None


def _by_number(refused: errors.PostingRefused, instruction: Instruction) -> errors.PostingRefused:
    """Return the refusal with the account's number in place of its id, which means nothing to people."""
    culprit = refused.context.get("account", "")
    for account in (instruction.debit, instruction.credit):
        if account.pk == culprit:
            return type(refused)(account=account.number)
    return refused
