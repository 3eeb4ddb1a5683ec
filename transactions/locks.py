"""Row locks of this app. Lock order (docs/architecture.md): approval request → balances by account → transaction."""

from __future__ import annotations

from uuid import UUID

from bankops.core.db import busy_is_an_answer, transaction_required
from transactions.errors import UnknownTransaction
from transactions.models import Transaction


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
