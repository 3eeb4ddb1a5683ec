"""From an access token and an address to a `Caller`, in one statement whose plan the server keeps."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bankops.core import ids
from bankops.core.db import prepared
from partners import networks
from partners.caller import Caller, actor_of
from partners.errors import NetworkRefused, TokenExpired, TokenInvalid, TokenMissing
from partners.models import Credential, Partner

_COLUMNS = {
    "expired": "t.expires <= %(now)s",
    "inside": """EXISTS (SELECT FROM partners_network n
                          WHERE n.partner_id = p.id AND n.removed_at IS NULL AND %(address)s::inet <<= n.cidr::inet)""",
    "scope": "t.scope",
    "credential_id": "c.id",
    "credential_name": "c.name",
    "partner_id": "p.id",
    "partner_name": "p.name",
    "group_id": "p.group_id",
    "may_credit_any": "p.may_credit_any",
    "is_agent": "p.kind = 'AGENT'",
    "must_sign": "p.requires_signature",
    "rate_per_second": "p.rate_per_second",
    "rate_burst": "p.rate_burst",
}
_FIND = f"""
    SELECT {", ".join(_COLUMNS.values())}
      FROM oauth2_provider_accesstoken t
      JOIN partners_credential c ON c.id = t.application_id
      JOIN partners_partner p ON p.id = c.partner_id
     WHERE t.token_checksum = %(checksum)s AND c.state = 'ACTIVE' AND p.state = 'ACTIVE'
       AND (c.ends_at IS NULL OR c.ends_at > %(now)s)
"""  # noqa: S608 - our own columns
_LONGEST_TOKEN = 255


def authenticate(authorization: str, *, address: str, now: datetime) -> Caller:
    """Return who calls.

    :param authorization: the header's value, empty where there is none.
    :param address: where the call comes from, IPv4 or IPv6; an IPv4 address inside IPv6 counts as itself.
    :raises TokenMissing: without a bearer token.
    :raises TokenInvalid: when it is unknown or revoked, or the credential or the partner is not active: all the same.
    :raises TokenExpired: when its time is over.
    :raises NetworkRefused: when it is right, and the address is in none of the partner's networks.
    """
    checksum = hashlib.sha256(_bearer_token(authorization).encode()).hexdigest()
    known_as = networks.plain_address(address)
    if known_as is None:
        raise NetworkRefused
    rows = prepared(_FIND, {"checksum": checksum, "address": known_as, "now": now})
    if not rows:
        raise TokenInvalid
    row = dict(zip(_COLUMNS, rows[0], strict=True))
    if row["expired"]:
        raise TokenExpired
    if not row["inside"]:
        raise NetworkRefused
    return _caller(row)


def _bearer_token(authorization: str) -> str:
    scheme, _space, token = authorization.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise TokenMissing
    if len(token) > _LONGEST_TOKEN or not token.isascii():
        raise TokenInvalid
    return token


def _caller(row: Mapping[str, Any]) -> Caller:
    return Caller(
        partner_id=row["partner_id"],
        credential_id=row["credential_id"],
        partner=ids.encode(Partner.ID_PREFIX, row["partner_id"]),
        credential=ids.encode(Credential.ID_PREFIX, row["credential_id"]),
        actor=actor_of(
            credential_id=row["credential_id"],
            credential_name=row["credential_name"],
            partner_name=row["partner_name"],
        ),
        scopes=frozenset(row["scope"].split()),
        group_id=row["group_id"],
        may_credit_any=row["may_credit_any"],
        is_agent=row["is_agent"],
        must_sign=row["must_sign"],
        rate_per_second=row["rate_per_second"],
        rate_burst=row["rate_burst"],
    )
