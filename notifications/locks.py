"""Locks. Order: replay job, health of an endpoint, its partner, the endpoint, its deliveries, incidents.

Whoever changes deliveries has the health.
"""

from __future__ import annotations

from uuid import UUID

from bankops.core.db import busy_is_an_answer, transaction_required
from notifications.models import Delivery, Endpoint, EndpointHealth, Incident, ReplayJob
from partners.locks import lock_partner


@transaction_required
def lock_endpoint(endpoint_id: UUID) -> Endpoint:
    """Lock an endpoint's row, after its partner's, and return it as it is now, with its partner.

    :raises Busy: when somebody else has one of them for too long.
    """
    partner = lock_partner(Endpoint.objects.values_list("partner_id", flat=True).get(pk=endpoint_id))
    with busy_is_an_answer():
        endpoint = Endpoint.objects.select_for_update(of=("self",), no_key=True).get(pk=endpoint_id)
    endpoint.partner = partner
    return endpoint


@transaction_required
def lock_sending(endpoint_id: UUID) -> Endpoint:
    """Lock an endpoint's health, under which its deliveries move, then the endpoint; return it as it is now.

    :raises Busy: when somebody else has one of them for too long.
    """
    with busy_is_an_answer():
        EndpointHealth.objects.select_for_update(no_key=True).get(pk=endpoint_id)
        return (
            Endpoint.objects.select_for_update(of=("self",), no_key=True).select_related("partner").get(pk=endpoint_id)
        )


@transaction_required
def lock_delivery(delivery_id: UUID) -> Delivery:
    """Lock a delivery, after its endpoint's health and its endpoint; return it as it is now.

    :raises Busy: when somebody else has it for too long.
    """
    endpoint = lock_sending(Delivery.objects.values_list("endpoint_id", flat=True).get(pk=delivery_id))
    with busy_is_an_answer():
        delivery = Delivery.objects.select_for_update(of=("self",), no_key=True).get(pk=delivery_id)
    delivery.endpoint = endpoint
    return delivery


@transaction_required
def lock_replay(job_id: UUID) -> ReplayJob | None:
    """Lock a replay that is not over and return it; None where it is, or where another worker has it."""
    unfinished = ReplayJob.objects.filter(pk=job_id, finished_at=None)
    return unfinished.select_for_update(of=("self",), no_key=True, skip_locked=True).first()


@transaction_required
def lock_incident(incident_id: UUID) -> Incident:
    """Lock an incident and return it as it is now, with its endpoint.

    :raises Busy: when somebody else has it for too long.
    """
    with busy_is_an_answer():
        incidents = Incident.objects.select_for_update(of=("self",), no_key=True)
        return incidents.select_related("endpoint__partner", "owner").get(pk=incident_id)
