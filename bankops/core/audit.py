"""The audit writer: no audit row, no action.

An app declares its event types once, in its `events.py`, and records them from its services:

    ACCOUNT_OPENED = audit.event_type("accounts.account.opened", _("Account opened"))
    audit.record(ACCOUNT_OPENED, actor=actor, subject=audit.Subject("account", account.public_id, account.number), now=now)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from bankops.core import context, texts, together
from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from bankops.core.models import AuditEvent

_NAME = re.compile(r"[a-z_]+\.[a-z_]+\.[a-z_]+")


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of event: `app.noun.past_participle` for machines, a short sentence for people."""

    name: str
    label: str | Promise

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Subject:
    """The record an event is about: its kind, public id, and how people call it. No personal data in the label."""

    type: str
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An event about to be written; see `record` for the fields."""

    event: EventType
    actor: Actor
    subject: Subject
    now: datetime
    reason: str = ""
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)
    approval_request_id: str = ""


_declared: dict[str, EventType] = {}


def event_type(name: str, label: str | Promise) -> EventType:
    """Declare an event type. The name is stable for ever: it stands in sealed rows."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not of the form app.noun.verb")
    return _declared.setdefault(name, EventType(name, label))


def declared_event_types() -> dict[str, EventType]:
    """Return every declared event type by name."""
    return dict(_declared)


def label_of(name: str) -> str:
    """Return the sentence people read for an event type, or its name when it is no longer declared."""
    declared = _declared.get(name)
    return str(declared.label) if declared else name


def record(event: EventType, **fields: Any) -> AuditEvent:
    """Write one audit event in the caller's transaction and return it.

    :param event: a declared event type.
    :param fields: those of `Draft`: `actor`, `subject`, `now` (aware), and optionally `reason`; `changes`, a mapping
        `field → (before, after)`; `detail`; `approval_request_id`. Values are JSON primitives without floats.
    :raises TransactionRequired: outside a transaction.
    :raises UnstorableText: when the reason holds a character that PostgreSQL cannot keep.
    """
    return record_many([Draft(event, **fields)])[0]


@transaction_required
def record_many(drafts: Iterable[Draft]) -> list[AuditEvent]:
    """Write several audit events in one statement, in the order given, and return them.

    Inside `together.written_together` they are written at the end of the block.
    """
    return together.write([_row(draft) for draft in drafts])


def _row(draft: Draft) -> AuditEvent:
    texts.check_fits(AuditEvent, reason=draft.reason)
    return AuditEvent(
        event_type=draft.event.name,
        occurred_at=draft.now,
        actor_kind=draft.actor.kind,
        actor_id=draft.actor.id,
        actor_name=draft.actor.name,
        subject_type=draft.subject.type,
        subject_id=draft.subject.id,
        subject_label=draft.subject.label,
        reason=draft.reason,
        changes={name: list(pair) for name, pair in draft.changes.items()},
        detail=dict(draft.detail),
        request_id=context.request_id(),
        approval_request_id=draft.approval_request_id or context.approval_request_id(),
    )
