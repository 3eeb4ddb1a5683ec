"""Which messages of the outbox become notices for staff, and whose. Apps register their routes once, in `ready()`.

    route("notifications.endpoint.breaker_opened", kind=ENDPOINT_FAILING, recipients=..., words=..., link=...)

The relay calls `notices_for` in the transaction in which it marks the messages as carried, so each becomes its notices once.
A route that fails is in the log, and keeps no message from its partner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from bankops.core import ids
from bankops.core.db import transaction_required
from bankops.core.models import OutboxMessage
from notifications.notice_kinds import NoticeKind
from notifications.services import notices


@dataclass(frozen=True, slots=True)
class Told:
    """A message as a route reads it."""

    event_id: UUID
    topic: str
    subject_id: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Route:
    """What a message becomes.

    Attributes:
        recipients: keys of the people who are told; nobody is an answer too.
        words: what the kind's sentence fills in; JSON primitives, nothing personal.
        link: path of the page that it is about; empty for none.

    """

    kind: NoticeKind
    recipients: Callable[[Told], Iterable[UUID]]
    words: Callable[[Told], Mapping[str, Any]]
    link: Callable[[Told], str]


_routes: dict[str, Route] = {}

log = structlog.get_logger(__name__)


def route(
    topic: str,
    kind: NoticeKind,
    *,
    recipients: Callable[[Told], Iterable[UUID]],
    words: Callable[[Told], Mapping[str, Any]] = lambda told: told.payload,
    link: Callable[[Told], str] = lambda _told: "",
) -> None:
    """Have messages of a topic told to staff; registering it twice changes nothing."""
    _routes[topic] = Route(kind, recipients, words, link)


def topics() -> frozenset[str]:
    """Return the topics that staff is told of, so that a relay needs to look at no others."""
    return frozenset(_routes)


@transaction_required
def notices_for(messages: Iterable[Told | OutboxMessage], *, now: datetime) -> int:
    """Write the notices that come of messages, in the caller's transaction; return how many people were told.

    Messages that nobody registered for are overlooked; one that was told before tells nobody twice.

    :raises TransactionRequired: outside a transaction.
    """
    return sum(_spared(message, now) for message in messages if message.topic in _routes)


def _spared(message: Told | OutboxMessage, now: datetime) -> int:
    told = Told(message.event_id, message.topic, message.subject_id, message.payload)
    try:
        with transaction.atomic():
            return _tell(told, now)
    except Exception:
        log.exception("staff_not_told", topic=told.topic, event_id=str(told.event_id))
        return 0


def _tell(told: Told, now: datetime) -> int:
    found = _routes[told.topic]
    people = notices.tell(
        found.recipients(told),
        found.kind,
        words=found.words(told),
        link=found.link(told),
        source=ids.encode(OutboxMessage.ID_PREFIX, told.event_id),
        now=now,
    )
    return len(people)
