"""What services refuse about endpoints, asked once more before it is parked for reviewers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from notifications import addresses, errors, terms
from notifications.models import Endpoint, EndpointSecret, EndpointState
from partners.errors import SecretNotWaiting
from partners.models import Partner
from partners.rules import refuse_unless_active
from staff.models import User
from staff.selectors import holds_right

MOST_ENDPOINTS = 20
PICK_UP = "notifications.pick_up_endpoint_secret"


def refuse_new(partner: Partner, wanted: Mapping[str, Any]) -> None:
    """:raises PartnerNotActive, TooManyEndpoints, EndpointAddressTaken: when it cannot be added."""
    refuse_unless_active(partner)
    if in_use(partner).count() >= MOST_ENDPOINTS:
        raise errors.TooManyEndpoints(limit=MOST_ENDPOINTS)
    _refuse_address(partner, wanted["url"])


def refuse_change(endpoint: Endpoint, wanted: Mapping[str, Any]) -> None:
    """:raises PartnerNotActive, EndpointUnchanged, EndpointAddressTaken: when there is nothing to change, or it cannot be."""
    refuse_unless_active(endpoint.partner)
    if terms.of(endpoint) == dict(wanted):
        raise errors.EndpointUnchanged
    _refuse_address(endpoint.partner, wanted["url"], besides=endpoint)


def refuse_picker(user: User) -> None:
    """:raises MayNotPickUp: when somebody whom reviewers are to agree to could not pick a secret up."""
    if not holds_right(user, PICK_UP):
        raise errors.MayNotPickUp(name=user.full_name)


def refuse_pick_up(endpoint: Endpoint, user: User, now: datetime) -> None:
    """:raises SecretNotWaiting, EndpointSecretNotYours, PartnerNotActive, EndpointSecretsStillLive: when it cannot be."""
    if endpoint.pickup_until is None or endpoint.pickup_until <= now:
        raise SecretNotWaiting
    if endpoint.pickup_by_id != user.pk:
        raise errors.EndpointSecretNotYours
    refuse_unless_active(endpoint.partner)
    if endpoint.pickup_overlap and live_secrets(endpoint, now).count() > 1:
        raise errors.EndpointSecretsStillLive


def refuse_unless_enabled(endpoint: Endpoint) -> None:
    """:raises EndpointNotEnabled: when it awaits its secret, is paused or disabled."""
    if endpoint.state != EndpointState.ENABLED:
        raise errors.EndpointNotEnabled(state=EndpointState(endpoint.state).label)


def refuse_disabled(endpoint: Endpoint) -> None:
    """:raises EndpointDisabled: when it is."""
    if endpoint.state == EndpointState.DISABLED:
        raise errors.EndpointDisabled


def refuse_resumption(endpoint: Endpoint, now: datetime) -> None:
    """:raises PartnerNotActive, EndpointAtWork, EndpointWithoutSecret, EndpointAddressTaken: when it cannot be sent to again."""
    refuse_unless_active(endpoint.partner)
    if endpoint.state not in (EndpointState.PAUSED, EndpointState.DISABLED):
        raise errors.EndpointAtWork(state=EndpointState(endpoint.state).label)
    if not live_secrets(endpoint, now).exists():
        raise errors.EndpointWithoutSecret
    _refuse_address(endpoint.partner, endpoint.url, besides=endpoint)


def live_secrets(endpoint: Endpoint, now: datetime) -> QuerySet[EndpointSecret]:
    """Return the secrets that sign at `now`, in no particular order."""
    return endpoint.secrets.filter(Q(valid_until=None) | Q(valid_until__gt=now))


def in_use(partner: Partner) -> QuerySet[Endpoint]:
    """Return the endpoints of a partner that events are kept for, in no particular order."""
    return Endpoint.objects.filter(partner=partner).exclude(state=EndpointState.DISABLED)


def _refuse_address(partner: Partner, url: str, *, besides: Endpoint | None = None) -> None:
    """Refuse what is no address, without asking where it leads (the sender does), and what another endpoint has."""
    addresses.taken_apart(url, addresses.rules())
    others = in_use(partner).filter(url=url)
    if (others.exclude(pk=besides.pk) if besides else others).exists():
        raise errors.EndpointAddressTaken(partner=partner.name)
