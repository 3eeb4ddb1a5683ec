"""Who is told of requests that were repeated under their key, or refused (`bankops.core.idempotency`): whoever counts them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog
from django.db import transaction

from bankops.core.errors import BankOpsError

log = structlog.get_logger(__name__)


class Cause(StrEnum):
    """What became of a repeated request."""

    REPLAYED = "replayed"
    OTHER_CONTENT = "other_content"
    IN_FLIGHT = "in_flight"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Repeat:
    """A repeated request, for whoever counts them. `subject_id` is what the first one made, if it is done."""

    record: str
    scope: str
    cause: Cause
    subject_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that was refused, for whoever counts some of them."""

    record: str
    scope: str
    error: BankOpsError
    at: datetime


_observers: list[Callable[[Repeat], None]] = []
_observers_of_refusals: list[Callable[[Refusal], None]] = []


def install_observer(observer: Callable[[Repeat], None]) -> None:
    """Have `observer` told of every repeated request, in autocommit, after it was found out. A second time does nothing."""
    if observer not in _observers:
        _observers.append(observer)


def install_refusal_observer(observer: Callable[[Refusal], None]) -> None:
    """Have `observer` told of every refusal, in the transaction of the answer that says so. A second time does nothing."""
    if observer not in _observers_of_refusals:
        _observers_of_refusals.append(observer)


def tell(repeat: Repeat) -> None:
    """Tell whoever counts repeated requests. The answer is known and right; they cannot take it away."""
    for observer in _observers:
        try:
            observer(repeat)
        except Exception:
            log.exception("repeat_not_noted", record=repeat.record)


def tell_of_refusal(refusal: Refusal) -> None:
    """Tell whoever counts refusals, in the transaction of the answer: what goes wrong there does not spoil it."""
    for observer in _observers_of_refusals:
        try:
            with transaction.atomic():
                observer(refusal)
        except Exception:
            log.exception("refusal_not_noted", record=refusal.record)
