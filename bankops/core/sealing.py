"""Seal the audit trail into a hash chain, and verify it.

Each sealed row carries HMAC-SHA256(key, previous hash ‖ canonical JSON of the row), with the key `BANKOPS_AUDIT_KEY`
that the database does not know: somebody who can write to the database can neither change a sealed row nor forge a
chain that verifies. It proves that nothing sealed was altered since, not who wrote a row: what slips in before the next
sealing is sealed like the rest, so an event that waits too long for its seal is a fault of its own (`sealing_overdue`).
What a chain cannot show by itself is that its tail was cut off; therefore its head is printed by
`manage.py verify_audit --json` to be kept elsewhere, and `--expect-head` proves that the chain still contains it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from bankops.core.db import freeze_view
from bankops.core.models import AuditEvent

GENESIS = bytes(32)
_SEALER_LOCK = 0x62616E6B_61756474  # one sealer at a time; an advisory lock that dies with its transaction
_BATCH = 2_000
OVERDUE = timedelta(minutes=10)
"""How long an event may wait for its seal; the sealing job runs every few seconds."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of the chain: position (from 1; 0 when nothing is sealed yet) and hash."""

    position: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.position}:{self.hash.hex()}"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something the verifier found: the position in the chain, the row, and what is wrong, in a stable code."""

    position: int
    event_id: int | None
    code: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer of `verify`: rows checked, rows waiting for their seal, the head, and the first faults found."""

    sealed: int
    unsealed: int
    head: Head
    faults: list[Fault]


def seal_pending(*, limit: int = 50_000) -> int:
    """Chain up to `limit` unsealed events, oldest first, and return how many. Safe to run twice, or at the same time."""
    sealed = 0
    while sealed < limit:
        batch = _seal_batch(min(_BATCH, limit - sealed))
        sealed += batch
        if batch < _BATCH:
            break
    return sealed


@transaction.atomic
def _seal_batch(size: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_SEALER_LOCK])
        if not cursor.fetchone()[0]:
            return 0  # another sealer is at it
    previous = head()
    events = list(AuditEvent.objects.filter(position__isnull=True).order_by("id")[:size])
    for event in events:
        event.position = previous.position + 1
        event.previous_hash = previous.hash
        event.hash = link_hash(event, previous.hash)
        previous = Head(event.position, event.hash)
    AuditEvent.objects.bulk_update(events, ["position", "previous_hash", "hash"], batch_size=500)
    return len(events)


def head() -> Head:
    """Return the last link of the chain."""
    last = AuditEvent.objects.filter(position__isnull=False).order_by("-position").first()
    return _link(last) if last else Head(0, GENESIS)


def _link(event: AuditEvent) -> Head:
    assert event.position is not None  # whoever asks has looked for sealed rows
    assert event.hash is not None
    return Head(event.position, bytes(event.hash))


def link_hash(event: AuditEvent, previous: bytes) -> bytes:
    """Return the 32-byte seal of `event` after `previous`."""
    return hmac.digest(settings.BANKOPS_AUDIT_KEY.encode(), previous + _canonical(event), hashlib.sha256)


_CONTENT = [
    "event_type",
    "actor_kind",
    "actor_id",
    "actor_name",
    "subject_type",
    "subject_id",
    "subject_label",
    "reason",
    "changes",
    "detail",
    "request_id",
    "approval_request_id",
]


def _canonical(event: AuditEvent) -> bytes:
    content = {name: getattr(event, name) for name in _CONTENT}
    content["id"] = event.pk
    content["position"] = event.position
    for name in ("occurred_at", "recorded_at"):
        content[name] = getattr(event, name).astimezone(UTC).isoformat(timespec="microseconds")
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def verify(*, now: datetime, expect: Head | None = None, faults_max: int = 20) -> Verification:
    """Walk the whole chain and report what does not fit. Reads only.

    :param now: aware; an event older than `OVERDUE` that is not sealed yet is a fault.
    :param expect: a head exported earlier, which the chain must still contain.
    :param faults_max: stop collecting after so many faults.
    """
    with transaction.atomic():
        freeze_view()
        result = _walk(expect, faults_max)
        return replace(result, faults=[*result.faults, *_overdue(now)])


def _overdue(now: datetime) -> list[Fault]:
    oldest = AuditEvent.objects.filter(position__isnull=True, recorded_at__lt=now - OVERDUE).order_by("id").first()
    return [Fault(0, oldest.pk, "sealing_overdue")] if oldest else []


def _walk(expect: Head | None, faults_max: int) -> Verification:
    previous, faults, count = Head(0, GENESIS), [], 0
    for event in _chain():
        count += 1
        link = _link(event)
        faults += _faults(event, link, previous)
        if expect and link.position == expect.position and link.hash != expect.hash:
            faults.append(Fault(link.position, event.pk, "expected_head_differs"))
        if len(faults) >= faults_max:
            break
        previous = link
    if expect and not faults and expect.position > previous.position:
        faults.append(Fault(expect.position, None, "expected_head_missing"))
    unsealed = AuditEvent.objects.filter(position__isnull=True).count()
    return Verification(count, unsealed, previous, faults[:faults_max])


def _chain() -> Iterator[AuditEvent]:
    return AuditEvent.objects.filter(position__isnull=False).order_by("position").iterator(chunk_size=5_000)


def _faults(event: AuditEvent, link: Head, previous: Head) -> list[Fault]:
    if link.position != previous.position + 1:
        return [Fault(link.position, event.pk, "gap_in_chain")]
    if bytes(event.previous_hash or b"") != previous.hash:
        return [Fault(link.position, event.pk, "link_broken")]
    if not hmac.compare_digest(link.hash, link_hash(event, previous.hash)):
        return [Fault(link.position, event.pk, "content_changed")]
    return []
