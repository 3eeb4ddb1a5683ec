"""Which accounts a partner's systems may read, debit or credit."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Permission
from django.db import transaction

from accounts import errors, events
from accounts.models import Account, AccountPartnerGrant
from accounts.partner_access import Right, rights_on
from accounts.services.lifecycle import subject_of
from approvals.models import ApprovalRequest
from bankops.core import audit, ids
from bankops.core.actor import Actor
from bankops.core.db import busy_is_an_answer
from bankops.core.operations import only_through_gate
from bankops.core.texts import require_reason
from partners.errors import PartnerNotActive
from partners.models import Partner, PartnerState


@only_through_gate("accounts.grant_partner_access")
@transaction.atomic
def grant_partner_access(
    *,
    account_id: UUID,
    partner: Partner,
    rights: Collection[Right],
    approval_request_id: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Account:
    """Give a partner rights to a customer's account; return it. Writes `accounts.account.partner_access_granted`.

    :param rights: those it is to have from now on beside the ones it has.
    :param approval_request_id: the request (`apr_…`) under which it was agreed to; the database looks it up.
    :raises ReasonRequired: when `reason` is blank.
    :raises PartnerHasRights, PartnerNotActive: when there is nothing to give, or nobody to give it to.
    :raises AccountNotFound, OwnAccountProtected: when it is no customer's account.
    """
    account = _locked(account_id, reason)
    before = refuse_grant(account, partner, rights)
    codenames = sorted(set(rights) - before)
    wanted = Permission.objects.filter(codename__in=codenames, content_type__app_label="accounts")
    AccountPartnerGrant.objects.bulk_create(
        AccountPartnerGrant(
            permission=permission,
            group_id=partner.group_id,
            content_object=account,
            approval_request_id=ids.decode(ApprovalRequest.ID_PREFIX, approval_request_id),
            granted_at=now,
        )
        for permission in wanted
    )
    by: dict[str, Any] = {"actor": actor, "now": now, "reason": reason}
    _tell(events.PARTNER_ACCESS_GRANTED, account, partner, before, before | set(rights), **by)
    return account


@only_through_gate("accounts.revoke_partner_access")
@transaction.atomic
def revoke_partner_access(*, account_id: UUID, partner: Partner, reason: str, actor: Actor, now: datetime) -> Account:
    """Take all of a partner's rights to an account and return it. Writes `accounts.account.partner_access_revoked`.

    :raises ReasonRequired: when `reason` is blank.
    :raises PartnerHasNoRights: when it has none.
    :raises AccountNotFound, OwnAccountProtected: when it is no customer's account.
    """
    account = _locked(account_id, reason)
    before = refuse_revocation(account, partner)
    AccountPartnerGrant.objects.filter(content_object=account, group=partner.group_id).delete()
    by: dict[str, Any] = {"actor": actor, "now": now, "reason": reason}
    _tell(events.PARTNER_ACCESS_REVOKED, account, partner, before, frozenset(), **by)
    return account


def refuse_grant(account: Account, partner: Partner, rights: Collection[Right]) -> frozenset[Right]:
    """Return what the partner may do by now.

    :raises PartnerNotActive: when the partnership is suspended or has ended.
    :raises PartnerHasRights: when it has all of them.
    """
    if partner.state != PartnerState.ACTIVE:
        raise PartnerNotActive(partner=partner.name, state=partner.get_state_display())
    before = rights_of(account, partner)
    if before >= set(rights):
        raise errors.PartnerHasRights(account=account.number, partner=partner.name)
    return before


def refuse_revocation(account: Account, partner: Partner) -> frozenset[Right]:
    """Return what the partner may do by now.

    :raises PartnerHasNoRights: when that is nothing.
    """
    before = rights_of(account, partner)
    if not before:
        raise errors.PartnerHasNoRights(account=account.number, partner=partner.name)
    return before


def rights_of(account: Account, partner: Partner) -> frozenset[Right]:
    """Return what a partner may do with an account."""
    return rights_on(partner.group_id, [account.pk]).get(account.pk, frozenset())


def _locked(account_id: UUID, reason: str) -> Account:
    require_reason(reason)
    with busy_is_an_answer():
        account = Account.objects.select_for_update(of=("self",), no_key=True).filter(pk=account_id).first()
    if account is None:
        raise errors.AccountNotFound
    if not account.is_customer_account:
        raise errors.OwnAccountProtected(account=account.number)
    return account


def _tell(
    event: audit.EventType,
    account: Account,
    partner: Partner,
    before: Collection[Right],
    after: Collection[Right],
    *,
    actor: Actor,
    now: datetime,
    reason: str,
) -> None:
    audit.record(
        event,
        actor=actor,
        subject=subject_of(account),
        now=now,
        reason=reason,
        changes={"rights": (sorted(before), sorted(after))},
        detail={"partner": partner.public_id, "partner_name": partner.name},
    )
