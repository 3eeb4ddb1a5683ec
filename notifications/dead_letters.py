"""Why deliveries are given up, and how: in pieces, so that nobody has an endpoint's lock for long, however much waits for it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from bankops.core.db import transaction_required
from notifications.models import Delivery, DeliveryState, Endpoint

BY_HAND, GONE, TOO_OLD = "endpoint_disabled", "endpoint_gone", "too_old"
GONE_REASON = "It answered 410 Gone."
"""With which an endpoint is disabled that said so, in place of a person's reason."""
PIECE = 1_000


@transaction_required
def give_up(waiting: QuerySet[Delivery], why: str, *, now: datetime) -> int:
    """Make dead letters of the first `PIECE` of what waits; return how many: fewer when no others are left.

    The caller has the endpoint's lock.
    """
    first = waiting.order_by("next_attempt_at", "pk").values("pk")[:PIECE]
    given_up = Delivery.objects.filter(pk__in=first)
    return given_up.update(state=DeliveryState.DEAD, why=why, next_attempt_at=None, finished_at=now)


def why_disabled(endpoint: Endpoint) -> str:
    """Return why what waits for a disabled endpoint is given up."""
    return GONE if endpoint.state_reason == GONE_REASON else BY_HAND
