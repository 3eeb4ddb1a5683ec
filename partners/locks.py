"""Locks. Order: partners, then credentials."""

from __future__ import annotations

from uuid import UUID

from bankops.core.db import busy_is_an_answer, transaction_required
from partners.models import Credential, Partner


@transaction_required
def lock_partner(partner_id: UUID) -> Partner:
    """Lock a partner's row and return it as it is now.

    :raises Busy: when somebody else has it for too long.
    """
    with busy_is_an_answer():
        return Partner.objects.select_for_update(of=("self",), no_key=True).get(pk=partner_id)


@transaction_required
def lock_credential(credential_id: UUID) -> Credential:
    """Lock a credential's row, after its partner's, and return it as it is now.

    :raises Busy: when somebody else has it for too long.
    """
    partner_id = Credential.objects.values_list("partner_id", flat=True).get(pk=credential_id)
    partner = lock_partner(partner_id)
    with busy_is_an_answer():
        credential: Credential = Credential.objects.select_for_update(of=("self",), no_key=True).get(pk=credential_id)
    credential.partner = partner
    return credential
