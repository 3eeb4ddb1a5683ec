"""Write what one action leaves behind at its end, in one statement: the rows of each table in the order they came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from django.db.models import Model

from bankops.core.db import transaction_required
from bankops.core.insertion import insert_in_order
from bankops.core.models import AuditEvent, OutboxMessage

M = TypeVar("M", bound=Model)

_TELLING = (AuditEvent, OutboxMessage)
_waiting: ContextVar[list[Model] | None] = ContextVar("rows_written_together", default=None)


@contextmanager
def written_together() -> Iterator[None]:
    """Let what is written in this block by `write` be written at its end, before anything of it can commit.

    Put it directly inside the transaction, or the savepoint, that the rows belong to: when the block fails they are
    forgotten, as whatever else it wrote is taken back. Inside another such block audit events and outbox messages wait for the
    end of that one, so that they stay in their order; other rows do not, because somebody may look for them.
    """
    outer, rows = _waiting.get(), list[Model]()
    token = _waiting.set(rows)
    try:
        yield
    finally:
        _waiting.reset(token)
    if outer is None:
        _write(rows)
    else:
        outer += [row for row in rows if isinstance(row, _TELLING)]
        _write([row for row in rows if not isinstance(row, _TELLING)])


@transaction_required
def write(rows: list[M]) -> list[M]:
    """Write new rows in the caller's transaction, or at the end of the block they are written together in; return them."""
    waiting = _waiting.get()
    if waiting is None:
        _write(rows)
    else:
        waiting += rows
    return rows


def _write(rows: Sequence[Model]) -> None:
    """Write every table's rows at once. Nobody can tell in which order tables were written; within one the order stays."""
    if rows:
        insert_in_order(rows)
