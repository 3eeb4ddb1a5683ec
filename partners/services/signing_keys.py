"""The keys that partners' requests are believed by, and the nonces they have used."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from bankops.core import audit, ids
from bankops.core.actor import Actor
from bankops.core.operations import only_through_gate
from bankops.core.texts import require_reason
from partners import events, locks, rules
from partners.models import SigningKey, UsedNonce
from partners.models.signing import fingerprint
from partners.services.credentials import end_at

NONCES_KEPT = timedelta(minutes=15)
"""Longer than a signature counts (`signing.LONGEST_AGE`), with clocks that are apart on either side."""


@only_through_gate("partners.set_signing_key")
@transaction.atomic
def set_signing_key(
    *,
    credential_id: UUID,
    public_key: str,
    overlap: timedelta,
    approval_request_id: UUID,
    actor: Actor,
    reason: str,
    now: datetime,
) -> SigningKey:
    """Let a credential's requests be signed with this key from now on; older ones count for `overlap` yet.

    Writes `partners.credential.signing_key_set`.

    :param public_key: Ed25519, 32 bytes in Base64.
    :param approval_request_id: under which it was agreed to; the database looks it up.
    :raises PartnerNotActive, CredentialRevoked: when nobody could use it.
    :raises SigningKeyInUse: when the credential has this key already.
    :raises SigningKeysStillLive: while two older ones live and one of them is to live on.
    """
    require_reason(reason)
    credential = locks.lock_credential(credential_id)
    rules.refuse_signing_key(credential, public_key, overlap=overlap, now=now)
    end_at(credential.signing_keys, now + overlap)
    key = SigningKey.objects.create(
        id=ids.uuid7(),
        credential=credential,
        public_key=public_key,
        valid_from=now,
        approval_request_id=approval_request_id,
    )
    audit.record(
        events.SIGNING_KEY_SET,
        actor=actor,
        subject=events.about_credential(credential),
        now=now,
        reason=reason,
        detail={"key": key.public_id, "fingerprint": fingerprint(public_key)},
    )
    return key


def purge_nonces(*, now: datetime, older_than: timedelta = NONCES_KEPT) -> int:
    """Forget nonces whose signatures would be refused for their age; return how many."""
    return UsedNonce.objects.filter(seen_at__lt=now - older_than).delete()[0]
