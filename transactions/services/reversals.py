"""Reversals: a mistake is answered by its mirror image, never edited."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from accounts.locks import accounts_for_update
from bankops.core import audit, operations
from bankops.core.actor import Actor
from bankops.core.texts import require_reason
from transactions import events, locks, refusals, states
from transactions.models import Channel, Kind, State, Transaction
from transactions.services.booking import book, earlier_under_key
from transactions.services.instructions import Instruction
from transactions.services.telling import facts_of, subject_of, tell_partner


@operations.only_through_gate("transactions.reverse")
@transaction.atomic
def reverse(
    *,
    transaction_id: UUID,
    reason: str,
    actor: Actor,
    now: datetime,
    business_date: date,
    idempotency_key: str | None = None,
    channel: Channel = Channel.STAFF,
    approval_request_id: str = "",
) -> Transaction:
    """Post the mirror image of a posted transaction and mark that one reversed; return the new transaction.

    The money must still be there: the account that was credited needs the available balance. Locks the two accounts,
    then the transaction. Writes `transactions.reversal.posted` and `transactions.transaction.reversed`, of which the partner
    hears that ordered it.

    :param approval_request_id: the request it was consented to (`apr_…`); empty when it needed none.
    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises UnstorableText: when it holds a character the database cannot keep.
    :raises UnknownTransaction: when there is none.
    :raises AlreadyReversed: the second time, unless the idempotency key is that of the first.
    :raises ReversalOfReversal: when it is itself a reversal.
    :raises NotReversible: when it was never posted.
    :raises PostingRefused: when the journal refuses, for instance `insufficient_funds`.
    :raises IdempotencyConflict: when the key was used for something else.
    """
    reason = require_reason(reason)
    original = _locked(transaction_id)
    instruction = Instruction(
        Kind.REVERSAL,
        debit=original.credit_account,
        credit=original.debit_account,
        amount=original.money,
        actor=actor,
        now=now,
        business_date=business_date,
        narrative=f"{Kind.REVERSAL.value.capitalize()} {original.reference}",
        idempotency_key=idempotency_key,
        channel=channel,
        reverses=original,
        reason=reason,
        approval_request_id=approval_request_id,
    )
    return earlier_under_key(instruction) or _reverse(original, instruction)


def _reverse(original: Transaction, instruction: Instruction) -> Transaction:
    refusals.check_reversible(original)
    reversal = book(instruction)
    states.move(original, State.REVERSED, actor=instruction.actor, now=instruction.now, reason=instruction.reason)
    audit.record(
        events.REVERSED,
        actor=instruction.actor,
        subject=subject_of(original),
        now=instruction.now,
        reason=instruction.reason,
        changes={"state": (State.POSTED, State.REVERSED)},
        detail={"reversal": reversal.public_id},
    )
    tell_partner(events.REVERSED, original, facts=facts_of(original), now=instruction.now)
    return reversal


def _locked(transaction_id: UUID) -> Transaction:
    """Read the accounts without a lock, lock them, then lock the transaction: the order every movement keeps."""
    accounts = (
        Transaction.objects.filter(pk=transaction_id).values_list("debit_account_id", "credit_account_id").first()
    )
    accounts_for_update(accounts or ())
    return locks.transaction_for_update(transaction_id)
