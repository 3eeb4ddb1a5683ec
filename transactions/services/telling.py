"""What a transaction leaves behind in the audit trail and the outbox, whichever way it went."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.models import Account
from bankops.core import audit, ids, outbox
from bankops.core.actor import Actor
from bankops.core.audit import EventType
from transactions.models import State, Transaction


def subject_of(row: Transaction) -> audit.Subject:
    """Return how the audit trail names a transaction."""
    return audit.Subject("transaction", row.public_id, row.reference)


def tell(
    event: EventType, row: Transaction, *, before: State | None, actor: Actor, now: datetime, reason: str = ""
) -> None:
    """Write the audit event and announce it: the transaction went from `before` (None: it is new) to where it is."""
    facts = facts_of(row)
    audit.record(
        event,
        actor=actor,
        subject=subject_of(row),
        now=now,
        reason=reason,
        changes={"state": (before or "", State(row.state))},
        detail=facts,
    )
    outbox.announce(event.name, subject_id=row.public_id, payload=facts, now=now)


def facts_of(row: Transaction) -> dict[str, Any]:
    """Return what machines are told of a transaction: ids and decimal strings, no personal data."""
    return {
        "transaction": row.public_id,
        "reference": row.reference,
        "kind": str(row.kind),
        "state": row.state.lower(),
        "amount": str(row.money),
        "currency": row.currency,
        "debit_account": ids.encode(Account.ID_PREFIX, row.debit_account_id),
        "credit_account": ids.encode(Account.ID_PREFIX, row.credit_account_id),
        "booking_date": row.booking_date.isoformat(),
        **_only_where_said(row),
    }


def _only_where_said(row: Transaction) -> dict[str, str]:
    """Return what is true of few: why it was held back, what it looks like, what it gives back."""
    told = {
        "held_because": row.held_because,
        "possible_duplicate_of": ids.encode(Transaction.ID_PREFIX, row.twin_id) if row.twin_id else "",
        "refunds": ids.encode(Transaction.ID_PREFIX, row.refunds_id) if row.refunds_id else "",
    }
    return {name: said for name, said in told.items() if said}
