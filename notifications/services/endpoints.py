"""Add a partner's endpoints, change them, and say whether events are sent to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from bankops.core import audit, ids
from bankops.core.actor import Actor
from bankops.core.operations import only_through_gate
from bankops.core.texts import require_reason
from notifications import dead_letters, endpoint_rules, events, locks, terms
from notifications.backlogs import backlog_of
from notifications.models import Delivery, DeliveryState, Endpoint, EndpointHealth, EndpointState
from partners.locks import lock_partner
from staff.models import User

PICKUP_WITHIN = timedelta(hours=72)
_LONGEST_REASON = 300


@only_through_gate("notifications.add_endpoint")
@transaction.atomic
def add_endpoint(
    *,
    partner_id: UUID,
    wanted: Mapping[str, Any],
    pickup_by: User,
    approval_request_id: UUID,
    actor: Actor,
    reason: str,
    now: datetime,
) -> Endpoint:
    """Give a partner an endpoint whose secret waits to be picked up; events from `now` on are kept for it. Return it.

    What is carried out before this has committed is made up for when the secret is picked up (`first_moment`).

    Writes `notifications.endpoint.added`.

    :param wanted: the fields of `terms.FIELDS`, as `terms.read` gives them.
    :param pickup_by: who gets the secret; the reviewers agreed to them.
    :param approval_request_id: under which it was agreed to; the database looks it up.
    :raises PartnerNotActive: when the partner is suspended or ended.
    :raises TooManyEndpoints, EndpointAddressTaken, MayNotPickUp: when it cannot be added.
    :raises WebhookAddressInvalid, WebhookAddressNotHttps: when it is no address for it.
    """
    require_reason(reason)
    partner = lock_partner(partner_id)
    endpoint_rules.refuse_new(partner, wanted)
    endpoint_rules.refuse_picker(pickup_by)
    endpoint = Endpoint(
        id=ids.uuid7(),
        partner=partner,
        added_at=now,
        pickup_by=pickup_by,
        pickup_until=now + PICKUP_WITHIN,
        approval_request_id=approval_request_id,
        terms_request_id=approval_request_id,
        **wanted,
    )
    endpoint._change_reason = reason[:100]  # type: ignore[attr-defined]
    endpoint.save(force_insert=True)
    EndpointHealth.objects.create(endpoint=endpoint)
    detail = {"partner": partner.public_id, **wanted}
    _tell(events.ADDED, endpoint, actor=actor, reason=reason, now=now, detail=detail)
    return endpoint


@only_through_gate("notifications.change_endpoint")
@transaction.atomic
def change_endpoint(
    *,
    endpoint_id: UUID,
    wanted: Mapping[str, Any],
    approval_request_id: UUID,
    actor: Actor,
    reason: str,
    now: datetime,
) -> Endpoint:
    """Change where events go, which, or how insistently; return the endpoint. Writes `notifications.endpoint.changed`.

    What waits for it goes to the new address, too.

    :param wanted: the fields of `terms.FIELDS`, as `terms.read` gives them.
    :raises PartnerNotActive: when the partner is suspended or ended.
    :raises EndpointUnchanged, EndpointAddressTaken, WebhookAddressInvalid, WebhookAddressNotHttps: when it cannot be changed.
    """
    require_reason(reason)
    endpoint = locks.lock_endpoint(endpoint_id)
    endpoint_rules.refuse_change(endpoint, wanted)
    before = terms.of(endpoint)
    for name, value in wanted.items():
        setattr(endpoint, name, value)
    endpoint.terms_request_id = approval_request_id
    _save(endpoint, reason, *wanted, "terms_request_id")
    changes = {name: (before[name], value) for name, value in wanted.items() if before[name] != value}
    _tell(events.CHANGED, endpoint, actor=actor, reason=reason, now=now, changes=changes)
    return endpoint


@only_through_gate("notifications.pause_endpoint")
@transaction.atomic
def pause_endpoint(*, endpoint_id: UUID, actor: Actor, reason: str, now: datetime) -> Endpoint:
    """Let events wait for an endpoint from now on; return it. Writes `notifications.endpoint.paused`.

    :raises EndpointNotEnabled: when it awaits its secret, is paused or disabled already.
    """
    require_reason(reason)
    endpoint = locks.lock_endpoint(endpoint_id)
    endpoint_rules.refuse_unless_enabled(endpoint)
    return _into(endpoint, EndpointState.PAUSED, events.PAUSED, actor=actor, reason=reason, now=now)


@only_through_gate("notifications.resume_endpoint")
@transaction.atomic
def resume_endpoint(*, endpoint_id: UUID, actor: Actor, reason: str, now: datetime) -> Endpoint:
    """Send to a paused or disabled endpoint again; return it. Writes `notifications.endpoint.resumed`.

    What waited is sent; what was not kept while it was disabled can be replayed.

    :raises PartnerNotActive: when the partner is suspended or ended.
    :raises EndpointAtWork, EndpointWithoutSecret, EndpointAddressTaken: when it cannot be sent to.
    """
    require_reason(reason)
    endpoint = locks.lock_endpoint(endpoint_id)
    endpoint_rules.refuse_resumption(endpoint, now)
    return _into(endpoint, EndpointState.ENABLED, events.RESUMED, actor=actor, reason=reason, now=now)


@only_through_gate("notifications.disable_endpoint")
@transaction.atomic
def disable_endpoint(*, endpoint_id: UUID, actor: Actor, reason: str, now: datetime) -> Endpoint:
    """Send nothing to an endpoint any more and keep nothing for it. Return it.

    What waits for it is dead: the first thousand at once, the others within a minute (`give_up_for_disabled`).

    Writes `notifications.endpoint.disabled`, with how many those are as `notifications.backlogs` counts.

    :raises EndpointDisabled: when it is already.
    """
    require_reason(reason)
    return _disable(endpoint_id, dead_letters.BY_HAND, actor=actor, reason=reason, now=now)


@transaction.atomic
def disable_gone_endpoint(*, endpoint_id: UUID, now: datetime) -> Endpoint:
    """Disable an endpoint that answered 410, as `disable_endpoint` does: it asked for no more. Return it.

    Needs no consent: it takes nothing from anybody that they did not ask for.

    :raises EndpointDisabled: when it is already.
    """
    gone, by = dead_letters.GONE, Actor.system("webhooks")
    return _disable(endpoint_id, gone, actor=by, reason=dead_letters.GONE_REASON, now=now)


def _disable(endpoint_id: UUID, why: str, *, actor: Actor, reason: str, now: datetime) -> Endpoint:
    endpoint = locks.lock_sending(endpoint_id)
    endpoint_rules.refuse_disabled(endpoint)
    detail = {"given_up": backlog_of(endpoint_id).count, "why": why}
    waiting = Delivery.objects.filter(endpoint=endpoint, state=DeliveryState.PENDING)
    dead_letters.give_up(waiting, why, now=now)
    return _into(endpoint, EndpointState.DISABLED, events.DISABLED, actor=actor, reason=reason, now=now, detail=detail)


def _into(endpoint: Endpoint, state: EndpointState, event: audit.EventType, *, reason: str, **what: Any) -> Endpoint:
    before, endpoint.state, endpoint.state_reason = endpoint.state, state, reason[:_LONGEST_REASON]
    _save(endpoint, reason, "state", "state_reason")
    _tell(event, endpoint, reason=reason, changes={"state": (str(before), str(state))}, **what)
    return endpoint


def _save(endpoint: Endpoint, reason: str, *fields: str) -> None:
    endpoint._change_reason = reason[:100]  # type: ignore[attr-defined]
    endpoint.save(update_fields=fields)


def _tell(event: audit.EventType, endpoint: Endpoint, **what: Any) -> None:
    audit.record(event, subject=events.about(endpoint), **what)
