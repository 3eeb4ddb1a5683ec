"""Where the gate's operation finds the batch that its payload names: the one being placed, or the one on record.

A batch that is carried out at once writes its items once, with what became of them. They are in memory until then: to write
them, read them back and write them again would cost as much as the posting.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from bankops.core import ids
from bankops.core.db import busy_is_an_answer, transaction_required
from transactions.models import TransferBatch
from transactions.transfer_batches.errors import UnknownBatch
from transactions.transfer_batches.items import Draft, stored

_placed: ContextVar[Draft | None] = ContextVar("batch_being_placed", default=None)


@contextmanager
def being_placed(draft: Draft) -> Iterator[None]:
    """Let `draft_of` find this draft inside."""
    token = _placed.set(draft)
    try:
        yield
    finally:
        _placed.reset(token)


def draft_of(batch_id: UUID) -> Draft:
    """Return a batch with its items: the draft being placed, or what is on record.

    :raises UnknownBatch: when there is none.
    """
    return _being_placed(batch_id) or _on_record(TransferBatch.objects.filter(pk=batch_id).first(), batch_id)


@transaction_required
def draft_for_update(batch_id: UUID) -> Draft:
    """Lock a batch, after the balances of its accounts, and return it as it is now; the draft being placed is its maker's.

    :raises UnknownBatch: when there is none.
    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    if draft := _being_placed(batch_id):
        return draft
    with busy_is_an_answer():
        batches = TransferBatch.objects.select_for_update(of=("self",), no_key=True)
        return _on_record(batches.filter(pk=batch_id).first(), batch_id)


def _being_placed(batch_id: UUID) -> Draft | None:
    draft = _placed.get()
    return draft if draft and draft.batch.pk == batch_id else None


def _on_record(batch: TransferBatch | None, batch_id: UUID) -> Draft:
    if batch is None:
        raise UnknownBatch(batch=ids.encode(TransferBatch.ID_PREFIX, batch_id))
    return Draft(batch, stored(batch))
