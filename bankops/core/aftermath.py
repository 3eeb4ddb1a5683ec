"""What a refusal leaves behind although everything else of the action was taken back.

Whoever refuses inside a transaction that ends with the refusal writes nothing that lasts. It says on the error what has to be
written (`leaving`); whoever turns the error into an answer writes it (`write_down`), when the rest was taken back and in a
transaction that commits. That is the gate, for what runs at once outside of a transaction and for what fails when reviewers have
agreed, and the keeper of idempotency keys, for what partners ask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

import structlog
from django.db import transaction

from bankops.core.db import in_transaction
from bankops.core.errors import BankOpsError

log = structlog.get_logger(__name__)

Trace = Callable[[datetime], None]
"""Writes something; is told the time, and called inside a transaction."""

E = TypeVar("E", bound=BankOpsError)


def leaving(refusal: E, traces: Iterable[Trace]) -> E:
    """Return the refusal, which remembers what has to be written of it."""
    refusal.traces = (*refusal.traces, *traces)
    return refusal


@contextmanager
def written_afterwards(*, now: datetime) -> Iterator[None]:
    """Write what a refusal of this block leaves behind; unless a transaction is open around it: then who ends that one does."""
    try:
        yield
    except BankOpsError as refusal:
        if not in_transaction():
            write_down(refusal, now=now)
        raise


def write_down(refusal: BankOpsError, *, now: datetime) -> None:
    """Write what a refusal, and those that it was raised from, leave behind; each once.

    What goes wrong here is logged and does not change the refusal, which is right as it is.
    """
    for one in _with_causes(refusal):
        traces, one.traces = one.traces, ()
        for trace in traces:
            try:
                with transaction.atomic():
                    trace(now)
            except Exception:
                log.exception("trace_not_written", code=one.code)


def _with_causes(refusal: BaseException | None) -> Iterator[BankOpsError]:
    """Yield a refusal and what it was raised from; each once, for one that was raised again may name itself."""
    seen = set[int]()
    while refusal is not None and id(refusal) not in seen:
        seen.add(id(refusal))
        if isinstance(refusal, BankOpsError):
            yield refusal
        refusal = refusal.__cause__
