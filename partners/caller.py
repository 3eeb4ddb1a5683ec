"""Who calls the API: what a checked access token stands for. Services take it; they know nothing of requests."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bankops.core import ids
from bankops.core.actor import Actor
from partners import scopes
from partners.errors import ScopeMissing
from partners.models import Credential, Partner


@dataclass(frozen=True, slots=True)
class Caller:
    """A partner's system, for the length of one call.

    Attributes:
        partner: the partner's public id (`ptn_…`).
        credential: the credential's public id (`crd_…`); keys and rates are counted per credential.
        actor: as whom it stands in the audit trail and as maker of orders.
        group_id: the group to which rights to single accounts are granted.
        may_credit_any: it may pay into any customer's account, granted or not.
        must_sign: each of its requests has to be signed (`partners.signing`).
        rate_per_second, rate_burst: how often it may call.

    """

    partner_id: UUID
    credential_id: UUID
    partner: str
    credential: str
    actor: Actor
    scopes: frozenset[str]
    group_id: int
    may_credit_any: bool
    is_agent: bool
    must_sign: bool
    rate_per_second: int
    rate_burst: int

    def opens(self, scope: str) -> bool:
        """Tell whether the token was given for `scope`, or for one that opens as much."""
        return scopes.opens(self.scopes, scope)

    def require(self, scope: str) -> None:
        """:raises ScopeMissing: when the token was not given for `scope`, or for one that opens as much."""
        if not self.opens(scope):
            raise ScopeMissing(scope=scope)


def actor_of(*, credential_id: UUID, credential_name: str, partner_name: str) -> Actor:
    """Return a credential as the maker of what it asks for."""
    public_id = ids.encode(Credential.ID_PREFIX, credential_id)
    return Actor("partner", public_id, f"{partner_name} · {credential_name}")


def caller_as(credential: Credential, *, scopes: frozenset[str]) -> Caller:
    """Return the caller that a token of this credential would stand for."""
    partner: Partner = credential.partner
    return Caller(
        partner_id=partner.pk,
        credential_id=credential.pk,
        partner=partner.public_id,
        credential=credential.public_id,
        actor=actor_of(credential_id=credential.pk, credential_name=credential.name, partner_name=partner.name),
        scopes=scopes,
        group_id=partner.group_id,
        may_credit_any=partner.may_credit_any,
        is_agent=partner.kind == "AGENT",
        must_sign=partner.requires_signature,
        rate_per_second=partner.rate_per_second,
        rate_burst=partner.rate_burst,
    )
