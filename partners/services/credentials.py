"""Issue credentials, replace their secrets, hand those out once, and revoke.

Reviewers agree that there shall be a secret; nobody of them ever sees it. It is made when whoever asked for it picks it up.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models, transaction
from oauth2_provider.models import AccessToken

from bankops.core import audit, ids, texts
from bankops.core.actor import Actor
from bankops.core.operations import only_through_gate
from bankops.core.texts import require_reason
from partners import errors, events, locks, rules, secrets, system_rules
from partners.models import Credential, CredentialSecret, CredentialState, PartnerSystem
from partners.models.credential import SECRET_ELSEWHERE
from staff.models import User
from staff.services.second_factor import verify_code

PICKUP_WITHIN = timedelta(hours=72)
LONGEST_OVERLAP_HOURS = 168


@only_through_gate("partners.issue_credential")
@transaction.atomic
def issue_credential(
    *,
    partner_id: UUID,
    name: str,
    scopes: Sequence[str],
    system: PartnerSystem | None = None,
    pickup_by: User,
    approval_request_id: UUID,
    actor: Actor,
    reason: str,
    now: datetime,
) -> Credential:
    """Give a partner a credential whose secret waits to be picked up; return it. Writes `partners.credential.issued`.

    :param system: which of the partner's systems it is for, where that is known.
    :param pickup_by: who asked for it.
    :param approval_request_id: under which it was agreed to; the database looks it up.
    :raises PartnerNotActive: when the partner is suspended or ended.
    :raises UnknownSystem, SystemRetired: when it cannot be for that system.
    :raises TextTooLong, UnstorableText: when the name cannot be kept.
    """
    require_reason(reason)
    partner = locks.lock_partner(partner_id)
    rules.refuse_unless_active(partner)
    texts.check_fits(Credential, name=name)
    if system:
        system_rules.refuse_use(system, partner)
    credential = Credential(
        id=ids.uuid7(),
        partner=partner,
        name=name,
        system=system,
        scopes=list(scopes),
        issued_at=now,
        client_type=Credential.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Credential.GRANT_CLIENT_CREDENTIALS,
        hash_client_secret=False,
        pickup_by=pickup_by,
        pickup_until=now + PICKUP_WITHIN,
        approval_request_id=approval_request_id,
    )
    credential.client_id = credential.public_id
    credential.client_secret = f"{SECRET_ELSEWHERE}{credential.client_id}"
    credential.save(force_insert=True)
    detail = {"partner": partner.public_id, "scopes": list(scopes)}
    _tell(events.ISSUED, credential, actor=actor, reason=reason, now=now, detail=detail)
    return credential


@only_through_gate("partners.rotate_credential")
@transaction.atomic
def rotate_credential(
    *,
    credential_id: UUID,
    overlap: timedelta,
    pickup_by: User,
    approval_request_id: UUID,
    actor: Actor,
    reason: str,
    now: datetime,
) -> Credential:
    """Let a new secret be picked up; the old one lives on for `overlap` after that. Writes `partners.credential.rotated`.

    :raises PartnerNotActive, CredentialNotActive: when there is no secret to replace.
    """
    require_reason(reason)
    credential = locks.lock_credential(credential_id)
    rules.refuse_rotation(credential)
    credential.pickup_by, credential.pickup_until = pickup_by, now + PICKUP_WITHIN
    credential.pickup_overlap, credential.approval_request_id = overlap, approval_request_id
    credential.save(update_fields=["pickup_by", "pickup_until", "pickup_overlap", "approval_request_id"])
    detail = {"overlap_hours": int(overlap.total_seconds()) // 3600}
    _tell(events.ROTATED, credential, actor=actor, reason=reason, now=now, detail=detail)
    return credential


def pick_up_secret(*, credential_id: UUID, user: User, code: str, now: datetime) -> str:
    """Make the secret that was agreed to and return it, this once. Writes `partners.credential.picked_up`.

    Not to be called inside a transaction: a wrong code counts, whatever comes of the rest.

    :param code: a fresh one-time code of `user`.
    :raises NotYoursToPickUp: by anybody but who asked for it.
    :raises SecretNotWaiting: when it was picked up, or its time is over.
    :raises PartnerNotActive: when the partner is suspended or ended.
    :raises SecretsStillLive: while two older secrets live.
    :raises CodeRefused: also what else `verify_code` refuses.
    """
    _refuse_pick_up(Credential.objects.select_related("partner").get(pk=credential_id), user, now)
    verify_code(user=user, code=code, now=now)
    return _picked_up(credential_id, user, now)


@transaction.atomic
def _picked_up(credential_id: UUID, user: User, now: datetime) -> str:
    credential = locks.lock_credential(credential_id)
    _refuse_pick_up(credential, user, now)
    end_at(credential.secrets, now + (credential.pickup_overlap or timedelta(0)))
    secret = secrets.draw()
    CredentialSecret.objects.create(
        credential=credential,
        digest=secrets.digest(secret, client_id=credential.client_id),
        hint=secret[-4:],
        valid_from=now,
        picked_up_by=user,
        approval_request_id=credential.approval_request_id,
    )
    credential.state = CredentialState.ACTIVE
    credential.pickup_by = credential.pickup_until = credential.pickup_overlap = None
    credential.save(update_fields=["state", "pickup_by", "pickup_until", "pickup_overlap"])
    _tell(events.PICKED_UP, credential, actor=user.as_actor(), reason="", now=now, detail={"ends_in": secret[-4:]})
    return secret


@only_through_gate("partners.revoke_credential")
@transaction.atomic
def revoke_credential(*, credential_id: UUID, actor: Actor, reason: str, now: datetime) -> Credential:
    """End a credential at once and for good, with its tokens and secrets. Writes `partners.credential.revoked`.

    :raises CredentialRevoked: when it is already.
    """
    require_reason(reason)
    credential = locks.lock_credential(credential_id)
    rules.refuse_revoked(credential)
    _revoke(credential, actor=actor, reason=reason, now=now)
    return credential


def end_credentials(partner: models.Model, *, actor: Actor, reason: str, now: datetime) -> None:
    """Revoke every credential of a locked partner."""
    live = Credential.objects.filter(partner=partner).exclude(state=CredentialState.REVOKED)
    for credential in live.select_for_update(of=("self",), no_key=True).order_by("pk"):
        _revoke(credential, actor=actor, reason=reason, now=now)


def end_tokens(credentials: models.QuerySet[Credential]) -> None:
    """Take every access token of these credentials away."""
    AccessToken.objects.filter(application__in=credentials).delete()


def clear_tokens(*, now: datetime, older_than: timedelta = timedelta(days=1)) -> int:
    """Delete tokens that expired so long ago; return how many. Until then their owner is told that they expired."""
    deleted: int
    deleted, _per_model = AccessToken.objects.filter(expires__lt=now - older_than).delete()
    return deleted


def _revoke(credential: Credential, *, actor: Actor, reason: str, now: datetime) -> None:
    before, credential.state, credential.revoked_at = credential.state, CredentialState.REVOKED, now
    credential.pickup_by = credential.pickup_until = credential.pickup_overlap = None
    credential.save(update_fields=["state", "revoked_at", "pickup_by", "pickup_until", "pickup_overlap"])
    end_at(credential.secrets, now)
    end_at(credential.signing_keys, now)
    end_tokens(Credential.objects.filter(pk=credential.pk))
    changes = {"state": (str(before), str(credential.state))}
    _tell(events.REVOKED, credential, actor=actor, reason=reason, now=now, changes=changes)


def end_at(those: models.Manager[Any], until: datetime) -> None:
    """End those secrets or keys that would live on longer than `until`."""
    those.filter(models.Q(valid_until=None) | models.Q(valid_until__gt=until)).update(valid_until=until)


def _refuse_pick_up(credential: Credential, user: User, now: datetime) -> None:
    if credential.pickup_until is None or credential.pickup_until <= now:
        raise errors.SecretNotWaiting
    if credential.pickup_by_id != user.pk:
        raise errors.NotYoursToPickUp
    rules.refuse_unless_active(credential.partner)
    live = credential.secrets.filter(models.Q(valid_until=None) | models.Q(valid_until__gt=now)).count()
    if credential.pickup_overlap and live > 1:
        raise errors.SecretsStillLive(credential=credential.name)


def _tell(event: audit.EventType, credential: Credential, **what: object) -> None:
    audit.record(event, subject=events.about_credential(credential), **what)
