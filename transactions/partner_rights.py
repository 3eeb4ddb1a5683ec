"""Whether a partner may order this movement: asked when it orders, and once more when reviewers have agreed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from accounts import partner_access
from accounts.errors import UnknownAccount
from accounts.partner_access import Needs
from bankops.core.operations import Order
from partners.errors import PartnerNotActive, PartnerNotAllowed
from partners.models import Partner, PartnerState
from transactions.duplicates.errors import PartnerMayNoLonger
from transactions.models import Kind, Transaction

_NEEDS: Final[Mapping[Kind, Needs]] = {
    Kind.DEPOSIT: partner_access.CASH_IN,
    Kind.WITHDRAWAL: partner_access.CASH_OUT,
}


def needs_of(kind: Kind) -> Needs:
    """Return which rights a partner needs for a movement: cash is what only agents move."""
    return _NEEDS.get(kind, partner_access.PAYMENT)


def check(order: Order, payload: Mapping[str, Any], *, debit: UUID, credit: UUID, kind: Kind) -> None:
    """Ask for a partner's rights to two accounts, maybe days after it ordered.

    What the bank's own people order is theirs, and names no partner.

    :raises PartnerNotAllowed: when the payload names another partner than the maker's, or the bank's people name one.
    :raises UnknownAccount: when the partner may not use these accounts, or no longer.
    """
    if order.actor.kind != "partner":
        if payload.get("partner"):
            raise PartnerNotAllowed
        return
    granted = partner_access.grants_behind(order.actor.id, [debit, credit])
    if payload.get("partner") != granted.partner:
        raise PartnerNotAllowed
    partner_access.require_met(
        granted.rights,
        debit=[debit],
        credit=[credit],
        may_credit_any=granted.may_credit_any,
        needs=needs_of(kind),
    )


def check_behind(partner: Partner, row: Transaction) -> None:
    """Ask for the rights of the partner that ordered a payment before one of the bank's own people releases it.

    :raises PartnerNotActive: when the partner is suspended, or its partnership has ended.
    :raises PartnerMayNoLonger: when it may not use these accounts any more.
    """
    if partner.state != PartnerState.ACTIVE:
        raise PartnerNotActive(partner=partner.name, state=partner.get_state_display())
    try:
        partner_access.require(
            group_id=partner.group_id,
            may_credit_any=partner.may_credit_any,
            debit=[row.debit_account_id],
            credit=[row.credit_account_id],
            needs=needs_of(Kind(row.kind)),
        )
    except UnknownAccount as refusal:
        raise PartnerMayNoLonger(partner=partner.name, reference=row.reference) from refusal
