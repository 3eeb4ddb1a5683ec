"""What the sending threads are given and what they hand back: plain values, so that no thread touches the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from notifications.models import Outcome


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery, ready to be signed and sent.

    Attributes:
        event_id: as the receiver knows it (`evt_…`), sent as `webhook-id`.
        secrets: each live secret (`whsec_…`), the newest first; every one of them signs.
        timeout: seconds for the whole request, from its first byte to the last of its answer.

    """

    delivery_id: UUID
    endpoint_id: UUID
    url: str
    body: bytes
    event_id: str
    secrets: tuple[str, ...] = field(repr=False)
    timeout: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of sending a parcel once.

    Attributes:
        retry_after: seconds that the receiver asked us to wait, if it did.
        error: what the library or the network said, where there was no answer.
        request_headers, answer_headers: as sent and as received, signatures masked.
        answer: the first bytes of the answer's body, as text that PostgreSQL can keep.

    """

    outcome: Outcome
    status: int | None
    retry_after: float | None
    error: str
    request_headers: dict[str, str]
    answer_headers: dict[str, str]
    answer: str
    started_at: datetime
    duration_ms: int


class Sender(Protocol):
    """Whatever sends a parcel: `notifications.carrying.http.Wire`. Called from many threads at once; it never raises."""

    def send(self, parcel: Parcel) -> Answer:
        """Send it once, and say what came of it."""
        ...
