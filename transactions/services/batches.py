"""Record a batch of posted journal entries as transactions: many rows through COPY, in the transaction that posted them.

For what the bank does to many accounts at once, such as interest, standing orders and a history that is taken over. One
movement at a time is `booking`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from bankops.core import ids, sql_arrays
from bankops.core.actor import Actor
from bankops.core.bulk_insert import copy_in
from bankops.core.db import prepared, transaction_required
from transactions import states
from transactions.ledger import EntryDraft
from transactions.models import Channel, Kind, State, Transaction
from transactions.services.instructions import next_references
from transactions.services.risk_checks import LOOKED_AT

_FIELDS = (
    "id",
    "reference",
    "kind",
    "amount",
    "currency",
    "narrative",
    "counterparty",
    "external_reference",
    "booking_date",
    "value_date",
    "debit_account_id",
    "credit_account_id",
    "entry_id",
    "idempotency_key",
    "fingerprint",
)
_EVENTS = """
INSERT INTO transactions_transactionevent
       (transaction_id, from_state, to_state, actor_id, actor_name, reason, occurred_at)
SELECT t, %(from_state)s, %(to_state)s, %(actor_id)s, %(actor_name)s, %(reason)s, %(at)s
  FROM unnest(%(transactions)s::uuid[]) t
"""
_SAME_FOR_ALL = ("channel", "state", "created_at", "maker_kind", "maker_id", "maker_name", "partner_id")


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of a batch: debits the first posting's account, credits the second's.

    Attributes:
        key: of the transaction that it becomes, where somebody has spoken of it before: of what risk looks at, the one that
            was assessed. None for a new one.

    """

    kind: Kind
    draft: EntryDraft
    entry_id: int
    counterparty: str = ""
    external_reference: str = ""
    key: UUID | None = None


class Recorded(NamedTuple):
    """How a movement's transaction is known. No model instance: to make one costs more than to write its row."""

    id: UUID
    reference: str


@transaction_required
def record_batch(
    movements: Sequence[Movement],
    *,
    actor: Actor,
    now: datetime,
    channel: Channel = Channel.SYSTEM,
    partner_id: UUID | None = None,
) -> list[Recorded]:
    """Write the transaction of each movement and its events; return how they are known, in the same order.

    Audit events and outbox messages are the caller's.

    :param partner_id: whose system ordered all of them; None for the bank itself.
    :raises RuntimeError: when risk was not asked about a kind that it looks at; a history that is taken over has happened.
    """
    if not movements:
        return []
    if channel != Channel.IMPORT and any(one.kind in LOOKED_AT and one.key is None for one in movements):
        raise RuntimeError("nobody has asked risk about these movements")
    references = next_references([movement.draft.booking_date for movement in movements])
    fresh = ids.uuid7s(len(references))
    keys = (movement.key or key for movement, key in zip(movements, fresh, strict=True))
    written = list(map(Recorded, keys, references))
    same = (channel.value, State.POSTED.value, now, actor.kind, actor.id, actor.name, partner_id)
    rows = ((*_values(one, movement), *same) for one, movement in zip(written, movements, strict=True))
    copy_in(Transaction, (*_FIELDS, *_SAME_FOR_ALL), rows)
    _record_events(written, actor, now)
    return written


def _values(known: Recorded, movement: Movement) -> tuple[object, ...]:
    draft = movement.draft
    debit, credit = draft.postings
    return (
        *known,
        movement.kind.value,
        debit.amount.minor,
        debit.amount.currency,
        draft.description,
        movement.counterparty,
        movement.external_reference,
        draft.booking_date,
        draft.value_date,
        debit.account_id,
        credit.account_id,
        movement.entry_id,
        draft.idempotency_key,
        draft.fingerprint,
    )


def _record_events(written: Sequence[Recorded], actor: Actor, now: datetime) -> None:
    """Write the same steps for every transaction: the database repeats them, so that they are not sent so often."""
    transactions = sql_arrays.of_uuids(one.id for one in written)
    births = states.events_of_birth(Transaction(state=State.POSTED), actor=actor, now=now)
    for one in births:
        states_told = {"from_state": str(one.from_state), "to_state": str(one.to_state), "reason": one.reason}
        who = {"actor_id": one.actor_id, "actor_name": one.actor_name, "at": one.occurred_at}
        prepared(_EVENTS, {**states_told, **who, "transactions": transactions})
