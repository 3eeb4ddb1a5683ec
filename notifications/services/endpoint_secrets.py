"""Have the secrets replaced with which events are signed, and hand each out once.

Reviewers agree that there shall be a secret; nobody of them ever sees it. It is made when whom they agreed to picks it up.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import models, transaction

from bankops.core import audit, ids
from bankops.core.actor import Actor
from bankops.core.operations import only_through_gate
from bankops.core.texts import require_reason
from notifications import endpoint_rules, events, first_moment, locks, signing
from notifications.models import Endpoint, EndpointSecret, EndpointState
from notifications.services.endpoints import PICKUP_WITHIN
from partners.rules import refuse_unless_active
from staff.models import User
from staff.services.second_factor import verify_code

_WAITING = ("pickup_by", "pickup_until", "pickup_overlap")


@only_through_gate("notifications.rotate_endpoint_secret")
@transaction.atomic
def rotate_endpoint_secret(
    *,
    endpoint_id: UUID,
    overlap: timedelta,
    pickup_by: User,
    approval_request_id: UUID,
    actor: Actor,
    reason: str,
    now: datetime,
) -> Endpoint:
    """Let a new secret be picked up; the old one signs for `overlap` after that, too. Return the endpoint.

    Also for a first secret that nobody picked up in time. Writes `notifications.endpoint.secret_rotated`.

    :raises PartnerNotActive: when the partner is suspended or ended.
    :raises MayNotPickUp: when `pickup_by` has no right to pick it up.
    """
    require_reason(reason)
    endpoint = locks.lock_endpoint(endpoint_id)
    refuse_unless_active(endpoint.partner)
    endpoint_rules.refuse_picker(pickup_by)
    endpoint.pickup_by, endpoint.pickup_until = pickup_by, now + PICKUP_WITHIN
    endpoint.pickup_overlap, endpoint.approval_request_id = overlap, approval_request_id
    endpoint.save(update_fields=[*_WAITING, "approval_request_id"])
    detail = {"overlap_hours": int(overlap.total_seconds()) // 3600}
    audit.record(
        events.SECRET_ROTATED, subject=events.about(endpoint), actor=actor, reason=reason, now=now, detail=detail
    )
    return endpoint


def pick_up_endpoint_secret(*, endpoint_id: UUID, user: User, code: str, now: datetime) -> str:
    """Make the secret that was agreed to (`whsec_…`) and return it, this once. Events are signed with it from now on.

    Writes `notifications.endpoint.secret_picked_up`. Not to be called inside a transaction: a wrong code counts, whatever
    comes of the rest.

    :param code: a fresh one-time code of `user`.
    :raises EndpointSecretNotYours: by anybody but whom the reviewers agreed to.
    :raises SecretNotWaiting: when it was picked up, or its time is over.
    :raises PartnerNotActive: when the partner is suspended or ended.
    :raises EndpointSecretsStillLive: while two older secrets live.
    :raises CodeRefused: also what else `verify_code` refuses.
    """
    endpoint_rules.refuse_pick_up(Endpoint.objects.select_related("partner").get(pk=endpoint_id), user, now)
    verify_code(user=user, code=code, now=now)
    return _picked_up(endpoint_id, user, now)


@transaction.atomic
def _picked_up(endpoint_id: UUID, user: User, now: datetime) -> str:
    endpoint = locks.lock_endpoint(endpoint_id)
    endpoint_rules.refuse_pick_up(endpoint, user, now)
    _end_at(endpoint, now + (endpoint.pickup_overlap or timedelta(0)))
    secret = signing.new_secret()
    EndpointSecret.objects.create(
        id=ids.uuid7(),
        endpoint=endpoint,
        secret=secret,
        hint=secret[-4:],
        valid_from=now,
        picked_up_by=user,
        approval_request_id=endpoint.approval_request_id,
    )
    if endpoint.state == EndpointState.AWAITING_PICKUP:
        endpoint.state = EndpointState.ENABLED
        first_moment.make_up_for(endpoint)
    endpoint.pickup_by = endpoint.pickup_until = endpoint.pickup_overlap = None
    endpoint.save(update_fields=["state", *_WAITING])
    detail = {"ends_in": secret[-4:]}
    audit.record(events.SECRET_PICKED_UP, subject=events.about(endpoint), actor=user.as_actor(), now=now, detail=detail)
    return secret


def _end_at(endpoint: Endpoint, until: datetime) -> None:
    """End those secrets that would live on longer than `until`."""
    lasting = models.Q(valid_until=None) | models.Q(valid_until__gt=until)
    endpoint.secrets.filter(lasting).update(valid_until=until)
