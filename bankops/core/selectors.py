"""Reading what the kernel wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bankops.core import audit
from bankops.core.models import AuditEvent


@dataclass(frozen=True, slots=True)
class Change:
    """One field as it was and as it became."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One audit event in the words of a person."""

    event: AuditEvent
    label: str
    changes: list[Change]


def timeline(subject_type: str, subject_id: str, *, limit: int = 50) -> list[TimelineEntry]:
    """Return the newest audit events of a record, newest first."""
    events = AuditEvent.objects.filter(subject_type=subject_type, subject_id=subject_id).order_by("-id")[:limit]
    return [entry_of(event) for event in events]


def entry_of(event: AuditEvent) -> TimelineEntry:
    """Return an audit event with its label and its changes spelled out."""
    changes = [Change(field, *pair) for field, pair in event.changes.items()]
    return TimelineEntry(event=event, label=audit.label_of(event.event_type), changes=changes)
