"""What partners keep with their holds for themselves: as `notes`, of money that is announced."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from bankops.core import audit
from bankops.core.actor import Actor
from bankops.core.audit import Subject
from bankops.core.db import busy_is_an_answer, transaction_required
from transactions import events
from transactions.models import Hold, HoldNote


@transaction_required
def write_hold_note(hold: Hold, metadata: Mapping[str, str]) -> None:
    """Keep what its partner says with a hold that has just been placed; nothing said leaves no row."""
    if metadata:
        HoldNote.objects.get_or_create(hold=hold, defaults={"metadata": dict(metadata)})


@transaction.atomic
def change_hold_note(*, hold: Hold, metadata: Mapping[str, str], actor: Actor, now: datetime) -> None:
    """Replace a hold's metadata, whatever became of the hold. Writes `transactions.note.changed`, without the texts."""
    with busy_is_an_answer():
        note = HoldNote.objects.select_for_update(no_key=True).filter(hold=hold).first()
    if note is None:
        write_hold_note(hold, metadata)
    else:
        note.metadata, note.version = dict(metadata), note.version + 1
        note.save(update_fields=["metadata", "version"])
    subject = Subject("hold", hold.public_id, hold.account.number)
    audit.record(events.NOTE_CHANGED, actor=actor, subject=subject, now=now, detail={"names": sorted(metadata)})
