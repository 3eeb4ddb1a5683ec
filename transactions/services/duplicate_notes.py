"""The log of duplicates: what came in again, what was said to it, and how payments held back ended.

What changes a payment is noted in its own transaction. A repeated request is noted when it has its answer; whoever cannot
note it leaves the answer as it is (`bankops.core.idempotency`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from bankops.core import ids, sql_arrays
from bankops.core.actor import Actor
from bankops.core.db import prepared, transaction_required
from bankops.core.errors import InvalidId
from bankops.core.repeats import Cause, Refusal, Repeat
from bankops.core.together import write
from partners.models import Credential
from transactions.duplicates.errors import DuplicateReference, PossibleDuplicate
from transactions.models import DuplicateNote, Hold, NoteAnswer, NoteCause, Transaction, TransferBatch
from transactions.transfer_batches.items import Item

_REPEATED: dict[Cause, tuple[NoteAnswer, NoteCause]] = {
    Cause.REPLAYED: (NoteAnswer.REPLAYED, NoteCause.SAME_KEY),
    Cause.IN_FLIGHT: (NoteAnswer.IN_FLIGHT, NoteCause.SAME_KEY),
    Cause.ABANDONED: (NoteAnswer.ABANDONED, NoteCause.SAME_KEY),
    Cause.OTHER_CONTENT: (NoteAnswer.REFUSED, NoteCause.OTHER_CONTENT),
}
_NOTE = """
    INSERT INTO transactions_duplicatenote
           (id, at, answer, cause, partner_id, credential, record, transaction_id, amount, currency)
    SELECT %(id)s, %(at)s, %(answer)s, %(cause)s,
           (SELECT partner_id FROM partners_credential WHERE id = %(credential)s::uuid),
           %(scope)s, %(record)s, t.id, t.amount, coalesce(t.currency, '')
      FROM (SELECT {waits}) w LEFT JOIN transactions_transaction t ON t.id = %(transaction)s::uuid
"""
_NOTE_REFERENCES = """
    INSERT INTO transactions_duplicatenote
           (id, at, answer, cause, partner_id, credential, record, transaction_id, amount, currency)
    SELECT n.id, %(at)s, %(answer)s, %(cause)s, %(partner)s::uuid, %(credential)s, %(record)s,
           t.id, t.amount, coalesce(t.currency, '')
      FROM unnest(%(ids)s::uuid[], %(references)s::text[]) AS n (id, reference)
      LEFT JOIN transactions_transaction t ON t.partner_id = %(partner)s::uuid AND t.external_reference = n.reference
"""
_NOTE_IN_TRANSACTION = _NOTE.format(waits="1")
# On its own it need not wait for the disk: a note that a power cut takes with it moved no money.
_NOTE_ALONE = _NOTE.format(waits="set_config('synchronous_commit', 'off', true)")


def note_repeat(repeat: Repeat) -> None:
    """Note a repeated request, in one statement of its own."""
    answer, cause = _REPEATED[repeat.cause]
    _note(_NOTE_ALONE, answer, cause, repeat, repeat.subject_id)


def note_refusal(refusal: Refusal) -> None:
    """Note that a partner's reference or a hold that looks like another payment was refused, together with the answer.

    Other refusals are none of ours.
    """
    if isinstance(refusal.error, DuplicateReference):
        known = str(refusal.error.context["transaction"])
        _note(_NOTE_IN_TRANSACTION, NoteAnswer.REFUSED, NoteCause.SAME_REFERENCE, refusal, known)
    elif isinstance(refusal.error, PossibleDuplicate):
        twin = str(refusal.error.context["twin"])
        _note(_NOTE_IN_TRANSACTION, NoteAnswer.REFUSED, NoteCause.LOOK_ALIKE, refusal, twin)


@transaction_required
def note_look_alike(*, row: Transaction, answer: NoteAnswer, actor: Actor, now: datetime) -> None:
    """Note what was said of a look-alike, in the transaction that does it, together with what else is written there."""
    note = DuplicateNote(
        at=now,
        answer=answer,
        cause=NoteCause.LOOK_ALIKE,
        partner_id=row.partner_id,
        credential=actor.id if actor.kind == "partner" else "",
        transaction=row,
        twin_id=row.twin_id,
        amount=row.amount,
        currency=row.currency,
    )
    write([note])


@transaction_required
def note_confirmed_hold(*, hold: Hold, twin: UUID | None, actor: Actor) -> None:
    """Note that a partner said of a hold that it is no duplicate, in the transaction that places it."""
    DuplicateNote.objects.create(
        at=hold.placed_at,
        answer=NoteAnswer.CONFIRMED,
        cause=NoteCause.LOOK_ALIKE,
        partner_id=hold.partner_id,
        credential=actor.id if actor.kind == "partner" else "",
        twin_id=twin,
        amount=hold.amount,
        currency=hold.currency,
    )


@transaction_required
def note_references(
    *, batch: TransferBatch, items: Iterable[Item], actor: Actor, now: datetime, record: str = ""
) -> None:
    """Note every item of a batch whose reference was refused, as if it had come by itself; one statement, or none."""
    refused = [item.reference for item in items if item.code == DuplicateReference.code]
    if not refused:
        return
    noted = {"at": now, "answer": str(NoteAnswer.REFUSED), "cause": str(NoteCause.SAME_REFERENCE), "record": record}
    told = {"ids": sql_arrays.of_words(ids.uuid7() for _each in refused), "references": sql_arrays.of_texts(refused)}
    prepared(_NOTE_REFERENCES, {**noted, **told, "partner": batch.partner_id, "credential": actor.id})


def _note(statement: str, answer: NoteAnswer, cause: NoteCause, told: Repeat | Refusal, transaction: str) -> None:
    noted = {"id": ids.uuid7(), "at": told.at, "answer": str(answer), "cause": str(cause)}
    whose = {"scope": told.scope, "credential": _key(Credential.ID_PREFIX, told.scope), "record": told.record}
    prepared(statement, {**noted, **whose, "transaction": _key(Transaction.ID_PREFIX, transaction)})


def _key(prefix: str, public_id: str) -> UUID | None:
    try:
        return ids.decode(prefix, public_id)
    except InvalidId:
        return None  # something else: a hold, a batch, nothing at all
