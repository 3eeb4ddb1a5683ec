"""What is given up, dropped or forgotten when its time is over. Each may be run twice, or late."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from bankops.core.db import prepared
from bankops.core.errors import Busy
from notifications import dead_letters, locks, waits
from notifications.models import Delivery, DeliveryState, Endpoint, EndpointMinute, EndpointState

MINUTES_KEPT = timedelta(days=8)
_BATCH = 5_000

_WAITING_SINCE = """
    SELECT e.id FROM notifications_endpoint e
     WHERE EXISTS (SELECT FROM notifications_delivery d WHERE d.endpoint_id = e.id AND d.state = 'PENDING'
                      AND d.next_attempt_at < %(before)s)
"""
_DROP = """
    WITH old AS (
        SELECT id FROM notifications_attempt WHERE dropped_at IS NULL AND started_at < %(before)s
         ORDER BY started_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    )
    UPDATE notifications_attempt a SET request_headers = '{}', answer_headers = '{}', answer = '', dropped_at = %(now)s
      FROM old WHERE a.id = old.id
    RETURNING 1
"""


def give_up_too_old(*, now: datetime) -> int:
    """Make dead letters of what has been due for three days and could not be sent; return how many.

    Its endpoint was paused, its partner suspended, or its breaker open. It can be replayed.
    """
    before = now - waits.TOO_OLD
    old = [key for (key,) in prepared(_WAITING_SINCE, {"before": before})]
    return sum(_unless_busy(partial(_give_up_too_old, key, before, now)) for key in old)


def give_up_for_disabled(*, now: datetime) -> int:
    """Make dead letters of what waits for disabled endpoints; return how many.

    More waited than was given up as it was disabled, or it was fanned out in that moment.
    """
    disabled = Endpoint.objects.filter(Exists(_waiting(OuterRef("pk"))), state=EndpointState.DISABLED)
    keys = list(disabled.values_list("pk", flat=True))
    return sum(_unless_busy(partial(_give_up_for_disabled, key, now)) for key in keys)


def drop_old_answers(*, now: datetime) -> int:
    """Drop headers and answers of attempts that are old enough; return of how many. That there was an attempt stays."""
    before = now - timedelta(days=settings.BANKOPS_WEBHOOK_ANSWER_DAYS)
    dropped = 0
    while batch := len(prepared(_DROP, {"before": before, "now": now, "limit": _BATCH})):
        dropped += batch
    return dropped


def purge_minutes(*, now: datetime) -> int:
    """Forget what came of minutes that no chart shows any more; return how many."""
    forgotten, _by_model = EndpointMinute.objects.filter(minute__lt=now - MINUTES_KEPT).delete()
    return forgotten


def _unless_busy(give_up: Callable[[], int]) -> int:
    """Give up piece by piece, each in a transaction of its own; return how many.

    What somebody else has for too long is left to the next run: one endpoint's lock keeps no other waiting.
    """
    given_up, piece = 0, dead_letters.PIECE
    with suppress(Busy):
        while piece == dead_letters.PIECE:
            piece = give_up()
            given_up += piece
    return given_up


@transaction.atomic
def _give_up_too_old(endpoint_id: UUID, before: datetime, now: datetime) -> int:
    locks.lock_sending(endpoint_id)
    return dead_letters.give_up(_waiting(endpoint_id).filter(next_attempt_at__lt=before), dead_letters.TOO_OLD, now=now)


@transaction.atomic
def _give_up_for_disabled(endpoint_id: UUID, now: datetime) -> int:
    endpoint = locks.lock_sending(endpoint_id)
    if endpoint.state != EndpointState.DISABLED:
        return 0  # it was enabled again meanwhile
    return dead_letters.give_up(_waiting(endpoint_id), dead_letters.why_disabled(endpoint), now=now)


def _waiting(endpoint_id: UUID | OuterRef) -> QuerySet[Delivery]:
    return Delivery.objects.filter(endpoint=endpoint_id, state=DeliveryState.PENDING, sending_since=None)
