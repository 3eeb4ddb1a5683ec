"""Confidential accounts: which they are, and who may see them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import Permission
from django.db import transaction

from accounts import access, errors, events
from accounts.models import Account, AccountGrant
from accounts.services.lifecycle import subject_of
from approvals.models import ApprovalRequest
from bankops.core import audit, ids
from bankops.core.actor import Actor
from bankops.core.db import busy_is_an_answer
from bankops.core.operations import only_through_gate
from bankops.core.texts import require_reason
from staff.models import User


@only_through_gate("accounts.set_confidential")
@transaction.atomic
def set_confidential(*, account_id: UUID, confidential: bool, reason: str, actor: Actor, now: datetime) -> Account:
    """Keep a customer's account from all eyes but those it is granted to, or open it to all again; return it.

    Opening it ends every grant. Writes `accounts.account.confidential_changed`.

    :raises ReasonRequired: when `reason` is blank.
    :raises ConfidentialUnchanged: when it is so already.
    :raises AccountNotFound, OwnAccountProtected: when it is no customer's account.
    """
    reason = require_reason(reason)
    account = _locked(account_id)
    refuse_set_confidential(account, confidential=confidential)
    account.is_confidential = confidential
    account.save(update_fields=["is_confidential"])
    if not confidential:
        AccountGrant.objects.filter(content_object=account).delete()  # made confidential again, it starts with nobody
    audit.record(
        events.CONFIDENTIAL_CHANGED,
        actor=actor,
        subject=subject_of(account),
        now=now,
        reason=reason,
        changes={"is_confidential": (not confidential, confidential)},
    )
    return account


@only_through_gate("accounts.grant_access")
@transaction.atomic
def grant_access(
    *, account_id: UUID, user: User, approval_request_id: str, reason: str, actor: Actor, now: datetime
) -> AccountGrant:
    """Let somebody see a confidential account and return the grant. Writes `accounts.account.access_granted`.

    :param approval_request_id: the request (`apr_…`) under which it was agreed to; the database looks it up.
    :raises ReasonRequired: when `reason` is blank.
    :raises AccountNotConfidential, AccessGrantedAlready: when there is nothing to grant.
    :raises AccountNotFound, OwnAccountProtected: when it is no customer's account.
    """
    reason = require_reason(reason)
    account = _locked(account_id)
    refuse_grant(account, user)
    grant = AccountGrant(
        permission=Permission.objects.get(codename=access.CONFIDENTIAL, content_type__app_label="accounts"),
        user=user,
        content_object=account,
        approval_request_id=ids.decode(ApprovalRequest.ID_PREFIX, approval_request_id),
        granted_at=now,
    )
    grant.save(force_insert=True)
    _tell(events.ACCESS_GRANTED, account, user, actor=actor, now=now, reason=reason)
    return grant


@only_through_gate("accounts.revoke_access")
@transaction.atomic
def revoke_access(*, account_id: UUID, user: User, reason: str, actor: Actor, now: datetime) -> Account:
    """Take the sight of a confidential account from somebody and return it. Writes `accounts.account.access_revoked`.

    :raises ReasonRequired: when `reason` is blank.
    :raises AccessNotGranted: when they have none.
    :raises AccountNotFound, OwnAccountProtected: when it is no customer's account.
    """
    reason = require_reason(reason)
    account = _locked(account_id)
    refuse_revocation(account, user)
    AccountGrant.objects.filter(content_object=account, user=user).delete()
    _tell(events.ACCESS_REVOKED, account, user, actor=actor, now=now, reason=reason)
    return account


def refuse_set_confidential(account: Account, *, confidential: bool) -> None:
    """:raises ConfidentialUnchanged: when it is so already."""
    if account.is_confidential == confidential:
        raise errors.ConfidentialUnchanged(account=account.number)


def refuse_grant(account: Account, user: User) -> None:
    """:raises AccountNotConfidential, AccessGrantedAlready: when there is nothing to grant."""
    if not account.is_confidential:
        raise errors.AccountNotConfidential(account=account.number)
    if AccountGrant.objects.filter(content_object=account, user=user).exists():
        raise errors.AccessGrantedAlready(account=account.number, name=user.full_name)


def refuse_revocation(account: Account, user: User) -> None:
    """:raises AccessNotGranted: when they have none."""
    if not AccountGrant.objects.filter(content_object=account, user=user).exists():
        raise errors.AccessNotGranted(account=account.number, name=user.full_name)


def _locked(account_id: UUID) -> Account:
    with busy_is_an_answer():
        account = Account.objects.select_for_update(of=("self",), no_key=True).filter(pk=account_id).first()
    if account is None:
        raise errors.AccountNotFound
    if not account.is_customer_account:
        raise errors.OwnAccountProtected(account=account.number)
    return account


def _tell(event: audit.EventType, account: Account, user: User, *, actor: Actor, now: datetime, reason: str) -> None:
    detail = {"user": user.public_id, "employee_number": user.employee_number}
    audit.record(event, actor=actor, subject=subject_of(account), now=now, reason=reason, detail=detail)
