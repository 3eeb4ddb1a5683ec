"""How often somebody may have something sent to one endpoint. Asked under its lock, so the count is exact."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from bankops.core.models import OutboxMessage
from notifications import event_types
from notifications.errors import TooManyReplays, TooManyTestEvents
from notifications.models import Endpoint, ReplayJob

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def refuse_test_event(endpoint: Endpoint, *, now: datetime) -> None:
    """:raises TooManyTestEvents: when so many were sent within the hour."""
    limit: int = settings.BANKOPS_WEBHOOK_TEST_EVENTS_PER_HOUR
    told = OutboxMessage.objects.filter(audience=endpoint.partner.public_id, subject_id=endpoint.public_id)
    sent = told.filter(topic=event_types.TEST).order_by("-pk").values_list("announced_at", flat=True)
    if seconds := _seconds_left(sent, limit, _HOUR, now):
        raise TooManyTestEvents(limit=limit, seconds=seconds)


def refuse_replay(endpoint: Endpoint, *, now: datetime) -> None:
    """:raises TooManyReplays: when so many were ordered within a day, by whomever."""
    limit: int = settings.BANKOPS_WEBHOOK_REPLAYS_PER_DAY
    ordered = ReplayJob.objects.filter(endpoint=endpoint).order_by("-pk").values_list("created_at", flat=True)
    if seconds := _seconds_left(ordered, limit, _DAY, now):
        raise TooManyReplays(limit=limit, seconds=seconds)


def _seconds_left(
    newest_first: QuerySet[OutboxMessage | ReplayJob, datetime], limit: int, within: timedelta, now: datetime
) -> int:
    """Return for how many seconds the `limit`-newest moment still counts; 0 where it does not, or there are fewer."""
    last = next(iter(newest_first[limit - 1 : limit]), None)
    return 0 if last is None else max(0, math.ceil((last + within - now).total_seconds()))
