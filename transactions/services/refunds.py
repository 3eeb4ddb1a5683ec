"""Refunds: money of a transfer given back by its payee, in one part or several, never more than was paid."""

from __future__ import annotations

from typing import Unpack
from uuid import UUID

from django.db import transaction

from accounts.locks import accounts_for_update
from bankops.core import operations
from bankops.core.money import Money
from transactions import locks, selectors
from transactions.duplicates import errors
from transactions.errors import WrongCurrency
from transactions.models import Kind, State, Transaction
from transactions.services import duplicates
from transactions.services.booking import book, earlier_under_key
from transactions.services.instructions import Instruction
from transactions.services.movements import Circumstances
from transactions.services.parking import park, post_parked
from transactions.services.risk_checks import assessed
from transactions.services.stopping import stop


@operations.only_through_gate("transactions.refund")
@transaction.atomic
def refund(*, transaction_id: UUID, amount: Money, **circumstances: Unpack[Circumstances]) -> Transaction:
    """Give money of a posted transfer back to its payer and return the refund: debit its payee, credit its payer.

    What risk stops is held back or declined instead; held back it counts against the original.

    Locks both accounts and the original. Writes `transactions.refund.posted`. Called again with the same idempotency key
    and content it returns the refund it made the first time.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises UnknownTransaction: when there is none.
    :raises NotRefundable, RefundTooLarge: see `refuse_refund`.
    :raises DuplicateReference: when the partner has used the reference before.
    :raises PostingRefused: when the journal refuses, for instance `insufficient_funds`.
    :raises IdempotencyConflict: when the key was used for something else.
    """
    instruction = _instruction(transaction_id, amount, circumstances)
    if instruction.approval_request_id:
        return post_parked(instruction)
    if earlier := earlier_under_key(instruction):
        return earlier
    _refuse(instruction)
    instruction = assessed(instruction)
    return stop(instruction, None, instruction.locked) if instruction.stops else book(instruction)


@transaction.atomic
def park_refund(*, transaction_id: UUID, amount: Money, **circumstances: Unpack[Circumstances]) -> Transaction:
    """Record a refund that waits in an approval request and hold its money; return it. It counts against the original.

    Writes `transactions.refund.parked` and `transactions.hold.placed`.

    :raises UnknownTransaction, NotRefundable, RefundTooLarge, DuplicateReference, PostingRefused: as for `refund`.
    """
    instruction = _instruction(transaction_id, amount, circumstances)
    _refuse(instruction)
    return park(instruction)


def refuse_refund(original: Transaction, amount: Money) -> None:
    """Refuse to give back what was not paid, or is given back already.

    :raises NotRefundable: when it is no posted transfer.
    :raises WrongCurrency, RefundTooLarge: by the amount; what waits for approval counts as given back.
    """
    if original.kind != Kind.TRANSFER or original.state != State.POSTED:
        words = {"kind": Kind(original.kind).label, "state": State(original.state).label}
        raise errors.NotRefundable(reference=original.reference, **words)
    if amount.currency != original.currency:
        raise WrongCurrency(account=original.reference)
    left = original.money - selectors.refunded(original)
    if amount > left:
        raise errors.RefundTooLarge(amount=amount.format(), left=left.format(), reference=original.reference)


def _refuse(instruction: Instruction) -> None:
    assert instruction.refunds is not None
    refuse_refund(instruction.refunds, instruction.amount)
    duplicates.refuse_known_reference(instruction)


def _instruction(transaction_id: UUID, amount: Money, told: Circumstances) -> Instruction:
    """Lock the accounts, then the original, and return what is to be done."""
    sides = Transaction.objects.filter(pk=transaction_id).values_list("debit_account_id", "credit_account_id").first()
    balances = {balance.account_id: balance for balance in accounts_for_update(sides or ())}
    told["locked"] = balances
    original = locks.transaction_for_update(transaction_id)
    return Instruction(
        Kind.REFUND,
        debit=balances[original.credit_account_id].account,
        credit=balances[original.debit_account_id].account,
        amount=amount,
        refunds=original,
        **told,
    )
