"""Events announced to a partner, and a loop that carries them, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from bankops.core import clock, outbox
from bankops.core.models import OutboxMessage
from notifications.carrying.http import Wire
from notifications.carrying.loop import Carrier
from notifications.carrying.pace import Pace
from notifications.carrying.parcels import Sender
from partners.models import Partner

BRISK = Pace(idle=0.3, linger=0.05, refresh=0.2)
TOPIC = "tests.key.turned"


@transaction.atomic
def announce(
    partner: Partner, count: int = 1, *, subject: str = "tr_1", topic: str = TOPIC, now: datetime | None = None
) -> list[OutboxMessage]:
    """Announce events to a partner."""
    at = now or clock.now()
    told = [
        outbox.announce(topic, subject_id=subject, payload={"n": number}, audience=partner.public_id, now=at)
        for number in range(count)
    ]
    return list(OutboxMessage.objects.filter(pk__in=[message.pk for message in told]).order_by("pk"))


def carry(
    *, sender: Sender | None = None, seconds: float = 30, now: Callable[[], datetime] = clock.now, **more: Any
) -> int:
    """Carry until nothing is due; return how many requests were sent."""
    wire = sender or Wire()
    try:
        return Carrier(wire, now=now, pace=more.pop("pace", BRISK), **more).run(seconds=seconds)
    finally:
        if isinstance(wire, Wire):
            wire.close()


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.time = clock.now()

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **by: float) -> None:
        self.time += timedelta(**by)
