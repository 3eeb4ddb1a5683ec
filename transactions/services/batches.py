"""Record a batch of posted journal entries as transactions: many rows through COPY, in the transaction that posted them.

For what the bank does to many accounts at once, such as interest and standing orders. One movement at a time is `booking`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bankops.core import ids
from bankops.core.actor import Actor
from bankops.core.bulk_insert import copy_in
from bankops.core.db import transaction_required
from transactions import states
from transactions.ledger import EntryDraft
from transactions.models import Channel, Kind, State, Transaction, TransactionEvent
from transactions.services.instructions import next_references


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of a batch: debits the first posting's account, credits the second's."""

    kind: Kind
    draft: EntryDraft
    entry_id: int
    counterparty: str = ""
    external_reference: str = ""


@transaction_required
def record_batch(movements: Sequence[Movement], *, actor: Actor, now: datetime) -> list[Transaction]:
    """Write the transaction of each movement and its events; return the transactions in the same order.

    Audit events and outbox messages are the caller's.
    """
    if not movements:
        return []
    references = next_references([movement.draft.booking_date for movement in movements])
    rows = [_row(movement, reference, actor, now) for movement, reference in zip(movements, references, strict=True)]
    fields = [field.attname for field in Transaction._meta.concrete_fields]
    copy_in(Transaction, fields, ([getattr(row, field) for field in fields] for row in rows))
    _record_events([row.pk for row in rows], actor, now)
    return rows


def _row(movement: Movement, reference: str, actor: Actor, now: datetime) -> Transaction:
    draft = movement.draft
    debit, credit = draft.postings
    return Transaction(
        id=ids.uuid7(),
        reference=reference,
        kind=movement.kind.value,
        channel=Channel.SYSTEM.value,
        state=State.POSTED.value,
        amount=debit.amount.minor,
        currency=debit.amount.currency,
        narrative=draft.description,
        counterparty=movement.counterparty,
        external_reference=movement.external_reference,
        booking_date=draft.booking_date,
        value_date=draft.value_date,
        created_at=now,
        debit_account_id=debit.account_id,
        credit_account_id=credit.account_id,
        entry_id=movement.entry_id,
        maker_kind=actor.kind,
        maker_id=actor.id,
        maker_name=actor.name,
        idempotency_key=draft.idempotency_key,
        fingerprint=draft.fingerprint(),
    )


def _record_events(transaction_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    births = [
        (str(one.from_state), str(one.to_state), one.actor_id, one.actor_name, one.reason, one.occurred_at)
        for one in states.events_of_birth(Transaction(state=State.POSTED), actor=actor, now=now)
    ]
    fields = ["transaction_id", "from_state", "to_state", "actor_id", "actor_name", "reason", "occurred_at"]
    copy_in(TransactionEvent, fields, ((row_id, *birth) for row_id in transaction_ids for birth in births))
