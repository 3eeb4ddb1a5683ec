"""What a partner sees of webhooks: its own endpoints, and what is sent there, whoever of the bank or of its own asked for it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from notifications.models import Delivery, Endpoint, ReplayJob


def own_endpoints(partner_id: UUID) -> QuerySet[Endpoint]:
    """Return a partner's endpoints, whatever their state, with what their answer needs; no query is made here."""
    return Endpoint.objects.filter(partner=partner_id).select_related("health").prefetch_related("secrets")


def own_deliveries(partner_id: UUID) -> QuerySet[Delivery]:
    """Return what is sent to a partner's endpoints, each with its endpoint; no query is made here."""
    return Delivery.objects.filter(endpoint__partner=partner_id).select_related("endpoint")


def own_replays(partner_id: UUID) -> QuerySet[ReplayJob]:
    """Return the replays for a partner's endpoints, each with its endpoint; no query is made here."""
    return ReplayJob.objects.filter(endpoint__partner=partner_id).select_related("endpoint")
