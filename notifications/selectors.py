"""What others ask about notifications."""

from __future__ import annotations

from bankops.core import ids
from notifications.errors import UnknownEndpoint
from notifications.models import Endpoint
from staff.models import User
from staff.models.user import UserQuerySet
from staff.roles import holders_of


def endpoint_by_public_id(public_id: str) -> Endpoint:
    """Return the endpoint behind an id (`wep_…`) with its partner, whatever its state.

    :raises InvalidId: when it is not an id of an endpoint.
    :raises UnknownEndpoint: when there is none.
    """
    endpoint_id = ids.decode(Endpoint.ID_PREFIX, public_id)
    endpoint = Endpoint.objects.select_related("partner").filter(pk=endpoint_id).first()
    if endpoint is None:
        raise UnknownEndpoint(endpoint=public_id)
    return endpoint


def may_pick_up() -> UserQuerySet:
    """Return everybody who may sign in and has the right to pick an endpoint's secret up, in no particular order."""
    roles = [role.value for role in holders_of("notifications.pick_up_endpoint_secret")]
    return User.objects.active().filter(groups__name__in=roles).distinct()
