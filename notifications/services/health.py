"""How an endpoint's breaker is moved by hand."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from bankops.core import audit
from bankops.core.actor import Actor
from bankops.core.texts import require_reason
from notifications import breaker, events, locks
from notifications.errors import BreakerNotOpen
from notifications.models import BreakerState, EndpointHealth


@transaction.atomic
def close_breaker(*, endpoint_id: UUID, actor: Actor, reason: str, now: datetime) -> EndpointHealth:
    """Have everything sent to an endpoint again, before probes showed that it takes it; return its health.

    Its openings are not forgotten: fails it again within the hour, it rests for longer than before. An incident about it
    stays open until it took events for a while, or until somebody closes it. Writes `notifications.endpoint.breaker_closed`.

    :raises ReasonRequired: without a reason.
    :raises BreakerNotOpen: when it is closed.
    :raises Busy: when what came of deliveries is just being written.
    """
    require_reason(reason)
    endpoint = locks.lock_sending(endpoint_id)
    health = EndpointHealth.objects.get(pk=endpoint_id)
    before = breaker.standing_of(health)
    if before.state == BreakerState.CLOSED:
        raise BreakerNotOpen
    keep(health, breaker.closed_by_hand(before, now))
    audit.record(
        events.BREAKER_CLOSED,
        actor=actor,
        subject=events.about(endpoint),
        now=now,
        reason=reason,
        changes={"breaker": (before.state.value, BreakerState.CLOSED.value)},
    )
    return health


def keep(health: EndpointHealth, standing: breaker.Standing) -> None:
    """Write how a breaker stands into a row whose lock the caller has."""
    health.breaker, health.breaker_since = standing.state, standing.since
    health.opened_in_a_row, health.probe_at = standing.opened_in_a_row, standing.probe_at
    health.probes_sent, health.probes_good = standing.probes_sent, standing.probes_good
    health.save(update_fields=["breaker", "breaker_since", "opened_in_a_row", "probe_at", "probes_sent", "probes_good"])
