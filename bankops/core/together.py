"""Write what one action leaves behind at its end: the rows of one table in one statement, in the order they came."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from django.db.models import Model

from bankops.core.db import insert_in_order, transaction_required

M = TypeVar("M", bound=Model)

_waiting: ContextVar[list[Model] | None] = ContextVar("rows_written_together", default=None)


@contextmanager
def written_together() -> Iterator[None]:
    """Let audit events and outbox messages of this block be written at its end, before anything of it can commit.

    Put it directly inside the transaction, or the savepoint, that the rows belong to: when the block fails they are
    forgotten, as whatever else it wrote is taken back. Inside another such block the rows wait for the end of that one.
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
        outer += rows


@transaction_required
def write(rows: list[M]) -> list[M]:
    """Write new rows in the caller's transaction, or at the end of the block they are written together in; return them."""
    waiting = _waiting.get()
    if waiting is None:
        _write(rows)
    else:
        waiting += rows
    return rows


def _write(rows: list[M]) -> None:
    """Write each table's rows at once. Nobody can tell in which order tables were written; within one the order stays."""
    by_model: dict[type[Model], list[Model]] = {}
    for row in rows:
        by_model.setdefault(type(row), []).append(row)
    for of_one in by_model.values():
        insert_in_order(of_one)
