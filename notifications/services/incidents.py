"""When a person has to look after an endpoint: two warnings, then one incident, however many events it holds up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from bankops.core import audit, ids, outbox
from bankops.core.actor import Actor
from bankops.core.audit import EventType
from bankops.core.db import transaction_required
from bankops.core.errors import Busy
from bankops.core.texts import require_reason
from notifications import events, locks
from notifications.backlogs import backlog_of
from notifications.breaker import REMEMBERED, Standing
from notifications.errors import IncidentClosed, IncidentYoursAlready
from notifications.models import (
    BreakerState,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointHealth,
    EndpointState,
    Incident,
    IncidentKind,
)
from partners.models import PartnerState
from staff.models import User

WEBHOOKS = Actor.system("webhooks")
OPENINGS = 3
"""At how many openings in a row somebody has to look after it. Before that, staff is warned."""
SILENCE = timedelta(minutes=30)
"""How long an endpoint may take nothing, with events waiting for it, before somebody has to look after it."""

_MOVED: Mapping[BreakerState, EventType] = {
    BreakerState.OPEN: events.BREAKER_OPENED,
    BreakerState.HALF_OPEN: events.BREAKER_HALF_OPENED,
    BreakerState.CLOSED: events.BREAKER_CLOSED,
}


@transaction_required
def breaker_moved(*, endpoint: Endpoint, before: Standing, after: Standing, waiting: int, now: datetime) -> None:
    """Tell what came of a breaker's move, under its health row's lock; nothing where it stands as it stood.

    Writes `notifications.endpoint.breaker_opened`, `…half_opened` or `…closed`; opens an incident at the third opening in a
    row, and closes it when probes closed the breaker.

    :param endpoint: with its partner.
    :param waiting: how many deliveries wait for it, as `notifications.backlogs` counts.
    """
    if (after.state, after.since) == (before.state, before.since):
        return
    _told_of_breaker(_MOVED[after.state], endpoint, after, waiting, now)
    if after.state == BreakerState.OPEN and after.opened_in_a_row >= OPENINGS:
        _open(endpoint, IncidentKind.ENDPOINT_DOWN, _facts(endpoint, waiting, after.opened_in_a_row), now=now)
    if after.state == BreakerState.CLOSED:
        _close_all(endpoint, _("It takes events again: its breaker closed by itself."), now=now)


@transaction_required
def endpoint_gone(*, endpoint: Endpoint, now: datetime) -> Incident:
    """Open an incident about an endpoint that answered 410 and was disabled for it, and return it.

    What was open about its being down is closed. Under its health row's lock.

    :param endpoint: with its partner.
    """
    _close_all(endpoint, _("It said that it is gone (410) and was disabled."), now=now)
    return _open(endpoint, IncidentKind.ENDPOINT_GONE, _facts(endpoint, 0, 0), now=now)


@transaction.atomic
def take_over_incident(*, incident_id: UUID, person: User, now: datetime) -> Incident:
    """Make somebody the one who looks after an incident, also instead of somebody else; return it.

    Writes `notifications.incident.taken_over`. Whoever looked after it before is told.

    :raises IncidentClosed: when it is closed.
    :raises IncidentYoursAlready: when they look after it already.
    """
    incident = _still_open(incident_id)
    if incident.owner_id == person.pk:
        raise IncidentYoursAlready(incident=incident.public_id)
    before, incident.owner = incident.owner, person
    incident.save(update_fields=["owner"])
    audit.record(
        events.INCIDENT_TAKEN_OVER,
        actor=person.as_actor(),
        subject=events.about_incident(incident),
        now=now,
        changes={"owner": (before.full_name if before else None, person.full_name)},
    )
    if before:
        _announced(events.INCIDENT_TAKEN_OVER, incident, person.as_actor(), now, before=before.public_id)
    return incident


@transaction.atomic
def close_incident(*, incident_id: UUID, actor: Actor, reason: str, now: datetime) -> Incident:
    """Close an incident by hand and return it. The endpoint stays as it is. Writes `notifications.incident.closed`.

    :raises ReasonRequired: without a reason.
    :raises IncidentClosed: when it is closed.
    """
    reason = require_reason(reason)
    return _close(_still_open(incident_id), actor, reason, now)


def look_after_endpoints(*, now: datetime) -> int:
    """Open and close incidents where no result does it; return how many. Each in a transaction of its own; safe to run twice.

    Opened: where events wait and, since half an hour, the breaker let none through that arrived. Closed: where the breaker was
    closed by hand, and the endpoint has taken events for as long as its openings are remembered.
    """
    opened = _each(_look_after_silent, _silent(now), now)
    return opened + _each(_look_after_healed, _healed(now), now)


def _each(look_after: Callable[[UUID, datetime], bool], found: QuerySet[EndpointHealth], now: datetime) -> int:
    changed = 0
    for key in list(found.values_list("pk", flat=True)):
        with suppress(Busy):  # it is found again by the next run; nobody's lock keeps the others waiting
            changed += look_after(key, now)
    return changed


def _silent(now: datetime) -> QuerySet[EndpointHealth]:
    since = now - SILENCE
    down = Incident.objects.filter(endpoint=OuterRef("pk"), kind=IncidentKind.ENDPOINT_DOWN, closed_at=None)
    quiet = EndpointHealth.objects.exclude(breaker=BreakerState.CLOSED).filter(
        Q(last_success_at=None) | Q(last_success_at__lte=since), breaker_since__lte=since
    )
    sent_to = quiet.filter(endpoint__state=EndpointState.ENABLED, endpoint__partner__state=PartnerState.ACTIVE)
    return sent_to.filter(Exists(_pending(OuterRef("pk")))).exclude(Exists(down))


def _healed(now: datetime) -> QuerySet[EndpointHealth]:
    down = Incident.objects.filter(endpoint=OuterRef("pk"), kind=IncidentKind.ENDPOINT_DOWN, closed_at=None)
    closed = EndpointHealth.objects.filter(breaker=BreakerState.CLOSED, breaker_since__lte=now - REMEMBERED)
    return closed.filter(Exists(down), last_success_at__gt=now - REMEMBERED)


@transaction.atomic
def _look_after_silent(endpoint_id: UUID, now: datetime) -> bool:
    endpoint = locks.lock_sending(endpoint_id)
    health = _silent(now).filter(pk=endpoint_id).first()
    if health is None:
        return False
    facts = _facts(endpoint, backlog_of(endpoint_id).count, health.opened_in_a_row)
    _open(endpoint, IncidentKind.ENDPOINT_DOWN, facts, now=now)
    return True


@transaction.atomic
def _look_after_healed(endpoint_id: UUID, now: datetime) -> bool:
    endpoint = locks.lock_sending(endpoint_id)
    if not _healed(now).filter(pk=endpoint_id).exists():
        return False
    return _close_all(endpoint, _("It takes events again since its breaker was closed by hand."), now=now) > 0


def _pending(endpoint_id: UUID | OuterRef) -> QuerySet[Delivery]:
    return Delivery.objects.filter(endpoint=endpoint_id, state=DeliveryState.PENDING)


def _facts(endpoint: Endpoint, waiting: int, openings: int) -> dict[str, Any]:
    failure = EndpointHealth.objects.filter(pk=endpoint.pk).values_list("last_failure", flat=True).first()
    return {"waiting": waiting, "openings": openings, "last_failure": failure or ""}


def _told_of_breaker(event: EventType, endpoint: Endpoint, standing: Standing, waiting: int, now: datetime) -> None:
    probe_at = standing.probe_at.isoformat() if standing.probe_at else None
    detail = {"openings": standing.opened_in_a_row, "waiting": waiting, "probe_at": probe_at}
    audit.record(event, actor=WEBHOOKS, subject=events.about(endpoint), now=now, detail=detail)
    outbox.announce(event.name, subject_id=endpoint.public_id, payload={**_named(endpoint), **detail}, now=now)


def _named(endpoint: Endpoint) -> dict[str, str]:
    """Return how people know an endpoint: its host only, because the rest of an address may hold a secret."""
    host = urlsplit(endpoint.url).hostname or ""
    return {"endpoint": endpoint.public_id, "partner": endpoint.partner.name, "host": host}


def _open(endpoint: Endpoint, kind: IncidentKind, facts: dict[str, Any], *, now: datetime) -> Incident:
    """Open an incident; where one is open already, bring its facts up to date and tell nobody again."""
    known = Incident.objects.select_for_update(no_key=True).filter(endpoint=endpoint, kind=kind, closed_at=None).first()
    if known is not None:
        known.told = facts
        known.save(update_fields=["told"])
        return known
    incident = Incident.objects.create(id=ids.uuid7(), endpoint=endpoint, kind=kind, told=facts, opened_at=now)
    _told_of_incident(events.INCIDENT_OPENED, incident, WEBHOOKS, now, detail={"kind": kind.value, **facts})
    return incident


def _close_all(endpoint: Endpoint, why: str, *, now: datetime) -> int:
    """Close what is open about an endpoint's being down; return how many that were."""
    down = Incident.objects.filter(endpoint=endpoint, kind=IncidentKind.ENDPOINT_DOWN, closed_at=None)
    found = list(down.select_for_update(of=("self",), no_key=True).select_related("endpoint__partner"))
    for incident in found:
        _close(incident, WEBHOOKS, why, now)
    return len(found)


def _close(incident: Incident, actor: Actor, why: str, now: datetime) -> Incident:
    incident.closed_at, incident.closed_because = now, why
    incident.save(update_fields=["closed_at", "closed_because"])
    _told_of_incident(events.INCIDENT_CLOSED, incident, actor, now, reason=why)
    return incident


def _told_of_incident(event: EventType, incident: Incident, actor: Actor, now: datetime, **said: Any) -> None:
    audit.record(event, actor=actor, subject=events.about_incident(incident), now=now, **said)
    _announced(event, incident, actor, now)


def _announced(event: EventType, incident: Incident, actor: Actor, now: datetime, **more: str) -> None:
    told = {"incident": incident.public_id, "kind": incident.kind, "by": actor.id, **more}
    payload = {**_named(incident.endpoint), **told}
    outbox.announce(event.name, subject_id=incident.public_id, payload=payload, now=now)


def _still_open(incident_id: UUID) -> Incident:
    incident = locks.lock_incident(incident_id)
    if incident.closed_at is not None:
        raise IncidentClosed(incident=incident.public_id)
    return incident
