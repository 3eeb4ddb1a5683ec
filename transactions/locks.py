"""Row locks of this app. Lock order (docs/architecture.md): approval request → balances by account → transaction → hold."""

from __future__ import annotations

from uuid import UUID

from bankops.core.db import busy_is_an_answer, transaction_required
from transactions.errors import UnknownHold, UnknownTransaction
from transactions.models import Hold, HoldState, Transaction


@transaction_required
def transaction_for_update(transaction_id: UUID) -> Transaction:
    """Lock one transaction and return it as it is now.

    :raises UnknownTransaction: when there is none.
    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        row = Transaction.objects.select_for_update(of=("self",), no_key=True).filter(pk=transaction_id).first()
    if row is None:
        raise UnknownTransaction(reference=transaction_id)
    return row


@transaction_required
def pending_hold_for_update(row: Transaction) -> Hold:
    """Lock the hold of a locked transaction that waits, and return it. Its account is locked before.

    :raises UnknownHold: when none is pending.
    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        holds = Hold.objects.select_for_update(of=("self",), no_key=True)
        hold = holds.filter(transaction=row, state=HoldState.PENDING).first()
    if hold is None:
        raise UnknownHold(hold=row.reference)
    return hold


@transaction_required
def hold_for_update(hold_id: UUID) -> Hold:
    """Lock one hold and return it as it is now, with its transaction. Its account is locked before.

    :raises UnknownHold: when there is none.
    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        holds = Hold.objects.select_for_update(of=("self",), no_key=True).select_related("transaction")
        row = holds.filter(pk=hold_id).first()
    if row is None:
        raise UnknownHold(hold=hold_id)
    return row
