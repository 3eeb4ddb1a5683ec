"""Whether a partner may order this movement: asked when it orders, and once more when reviewers have agreed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from accounts import partner_access
from bankops.core.operations import Order
from partners.errors import PartnerNotAllowed
from partners.selectors import credential_by_public_id


def check(order: Order, payload: Mapping[str, Any], *, debit: UUID, credit: UUID) -> None:
    """Ask for a partner's rights to two accounts, maybe days after it ordered.

    What the bank's own people order is theirs, and names no partner.

    :raises PartnerNotAllowed: when the payload names another partner than the maker's, or the bank's people name one.
    :raises UnknownAccount: when the partner may not use these accounts, or no longer.
    """
    if order.actor.kind != "partner":
        if payload.get("partner"):
            raise PartnerNotAllowed
        return
    partner = credential_by_public_id(order.actor.id).partner
    if payload.get("partner") != partner.public_id:
        raise PartnerNotAllowed
    partner_access.require(
        group_id=partner.group_id, may_credit_any=partner.may_credit_any, debit=[debit], credit=[credit]
    )
