"""What partners keep with their transactions for themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from bankops.core import audit
from bankops.core.actor import Actor
from bankops.core.db import busy_is_an_answer, transaction_required
from transactions import events
from transactions.models import Transaction, TransactionNote
from transactions.services.telling import subject_of


@transaction_required
def write_note(row: Transaction, metadata: Mapping[str, str], *, payee_as_written: str = "") -> None:
    """Keep what its partner says with a transaction that has just been made; nothing said leaves no row.

    :param payee_as_written: the number by which it named its payee; empty when it named it by id.
    """
    if metadata or payee_as_written:
        row.note = TransactionNote.objects.create(
            transaction=row, metadata=dict(metadata), payee_as_written=payee_as_written
        )
    else:
        Transaction._meta.get_field("note").set_cached_value(row, None)  # so that nobody has to look


@transaction.atomic
def change_note(*, row: Transaction, metadata: Mapping[str, str], actor: Actor, now: datetime) -> Transaction:
    """Replace a transaction's metadata and return it. Writes `transactions.note.changed`, without the texts."""
    with busy_is_an_answer():
        note = TransactionNote.objects.select_for_update(no_key=True).filter(transaction=row).first()
    if note is None:
        write_note(row, metadata)
    else:
        note.metadata, note.version = dict(metadata), note.version + 1
        note.save(update_fields=["metadata", "version"])
        row.note = note
    names = sorted(metadata)
    audit.record(events.NOTE_CHANGED, actor=actor, subject=subject_of(row), now=now, detail={"names": names})
    return row
