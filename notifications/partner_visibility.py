"""What a partner sees of webhooks: its own endpoints, and what is sent there, whoever of the bank or of its own asked for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Min, QuerySet

from notifications.models import Delivery, DeliveryState, Endpoint, ReplayJob


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for an endpoint.

    Attributes:
        oldest: when the event happened that has waited longest; None when nothing waits.

    """

    pending: int = 0
    oldest: datetime | None = None


def own_endpoints(partner_id: UUID) -> QuerySet[Endpoint]:
    """Return a partner's endpoints, whatever their state, with what their answer needs; no query is made here."""
    return Endpoint.objects.filter(partner=partner_id).select_related("health").prefetch_related("secrets")


def own_deliveries(partner_id: UUID) -> QuerySet[Delivery]:
    """Return what is sent to a partner's endpoints, each with its endpoint; no query is made here."""
    return Delivery.objects.filter(endpoint__partner=partner_id).select_related("endpoint")


def own_replays(partner_id: UUID) -> QuerySet[ReplayJob]:
    """Return the replays for a partner's endpoints, each with its endpoint; no query is made here."""
    return ReplayJob.objects.filter(endpoint__partner=partner_id).select_related("endpoint")


def backlogs(endpoint_ids: Collection[UUID]) -> Mapping[UUID, Backlog]:
    """Return what waits for these endpoints, by their keys; one query, and those for which nothing waits are left out."""
    waiting = Delivery.objects.filter(endpoint__in=endpoint_ids, state=DeliveryState.PENDING)
    found = waiting.values_list("endpoint").annotate(Count("pk"), Min("announced_at"))
    return {endpoint: Backlog(pending, oldest) for endpoint, pending, oldest in found}
