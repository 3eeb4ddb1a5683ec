"""What others ask about partners."""

from __future__ import annotations

import json
from datetime import datetime

from bankops.core import ids
from bankops.core.db import prepared
from bankops.core.errors import InvalidId
from partners.errors import UnknownContact, UnknownCredential, UnknownPartner, UnknownSystem
from partners.models import Credential, Partner, PartnerContact, PartnerSystem

_SCOPES_NOW = """
    SELECT c.scopes::text FROM partners_credential c JOIN partners_partner p ON p.id = c.partner_id
     WHERE c.id = %(credential)s AND c.state = 'ACTIVE' AND p.state = 'ACTIVE'
       AND (c.ends_at IS NULL OR c.ends_at > %(now)s)
"""
_LIVE_DIGESTS = """
    SELECT s.digest FROM partners_credentialsecret s JOIN partners_credential c ON c.id = s.credential_id
     WHERE c.client_id = %(client_id)s AND s.valid_from <= %(now)s AND (s.valid_until IS NULL OR s.valid_until > %(now)s)
       AND EXISTS (SELECT FROM partners_network n WHERE n.partner_id = c.partner_id AND n.removed_at IS NULL
                      AND %(address)s::inet <<= n.cidr::inet)
"""
_PARTNER_OF = "SELECT partner_id FROM partners_credential WHERE id = %(credential)s"


def scopes_now(credential: str, *, now: datetime) -> frozenset[str]:
    """Return what a credential (`crd_…`) may do at `now`, in one quick query: nothing when it, or its partner, is not active."""
    try:
        rows = prepared(_SCOPES_NOW, {"credential": ids.decode(Credential.ID_PREFIX, credential), "now": now})
    except InvalidId:
        return frozenset()
    return frozenset(scope for (scopes,) in rows for scope in json.loads(scopes))


def same_partner(one: str, other: str) -> bool:
    """Tell whether two credentials (`crd_…`) are one partner's."""
    try:
        partners = [
            prepared(_PARTNER_OF, {"credential": ids.decode(Credential.ID_PREFIX, text)}) for text in (one, other)
        ]
    except InvalidId:
        return False
    return bool(partners[0]) and partners[0] == partners[1]


def partner_by_public_id(public_id: str) -> Partner:
    """Return the partner behind an id (`ptn_…`), whatever its state.

    :raises InvalidId: when it is not an id of a partner.
    :raises UnknownPartner: when there is none.
    """
    partner = Partner.objects.filter(pk=ids.decode(Partner.ID_PREFIX, public_id)).first()
    if partner is None:
        raise UnknownPartner(partner=public_id)
    return partner


def credential_by_public_id(public_id: str) -> Credential:
    """Return the credential behind an id (`crd_…`) with its partner, whatever its state.

    :raises InvalidId: when it is not an id of a credential.
    :raises UnknownCredential: when there is none.
    """
    credential_id = ids.decode(Credential.ID_PREFIX, public_id)
    credential: Credential | None = Credential.objects.select_related("partner").filter(pk=credential_id).first()
    if credential is None:
        raise UnknownCredential(credential=public_id)
    return credential


def system_by_public_id(public_id: str) -> PartnerSystem:
    """Return the system behind an id (`psy_…`) with its partner, retired or not.

    :raises InvalidId: when it is not an id of a system.
    :raises UnknownSystem: when there is none.
    """
    system_id = ids.decode(PartnerSystem.ID_PREFIX, public_id)
    system = PartnerSystem.objects.select_related("partner").filter(pk=system_id).first()
    if system is None:
        raise UnknownSystem(system=public_id)
    return system


def contact_by_public_id(public_id: str) -> PartnerContact:
    """Return the contact behind an id (`pct_…`) with its partner, a draft or ended too.

    :raises InvalidId: when it is not an id of a contact.
    :raises UnknownContact: when there is none.
    """
    contact_id = ids.decode(PartnerContact.ID_PREFIX, public_id)
    contact = PartnerContact.objects.select_related("partner").filter(pk=contact_id).first()
    if contact is None:
        raise UnknownContact(contact=public_id)
    return contact


def live_digests(client_id: str, *, address: str, now: datetime) -> list[str]:
    """Return the digests of the secrets with which a credential can sign in at `now`; none from outside its networks.

    :param address: where somebody signs in from, as `networks.plain_address` writes it.
    """
    asked = {"client_id": client_id, "address": address, "now": now}
    return [digest for (digest,) in prepared(_LIVE_DIGESTS, asked)]
