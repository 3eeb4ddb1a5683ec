"""What the services of an account's life have in common: the account under its lock, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts import errors
from accounts.locks import accounts_for_update
from accounts.models import Account, AccountStatus, Balance
from bankops.core import audit, outbox
from bankops.core.actor import Actor
from bankops.core.audit import EventType
from bankops.core.db import transaction_required


def subject_of(account: Account) -> audit.Subject:
    """Return how the audit trail names an account."""
    return audit.Subject("account", account.public_id, account.number)


@transaction_required
def locked_account(account_id: UUID) -> Balance:
    """Lock a customer's account, whatever its status, and return its balance with the account as it is now.

    :raises AccountNotFound, OwnAccountProtected: when it is no customer's account.
    """
    balances = accounts_for_update([account_id])
    if not balances:
        raise errors.AccountNotFound
    refuse_own(balances[0].account)
    return balances[0]


@transaction_required
def locked_open_account(account_id: UUID) -> Balance:
    """Lock a customer's account that is not closed, and return its balance with the account as it is now.

    :raises AccountNotFound, OwnAccountProtected, AccountNotOpen: when it is not an open customer's account.
    """
    balance = locked_account(account_id)
    refuse_closed(balance.account)
    return balance


def refuse_own(account: Account) -> None:
    """:raises OwnAccountProtected: when the account is the bank's own."""
    if not account.is_customer_account:
        raise errors.OwnAccountProtected(account=account.number)


def refuse_closed(account: Account) -> None:
    """:raises AccountNotOpen: when the account is closed."""
    if account.status == AccountStatus.CLOSED:
        raise errors.AccountNotOpen(account=account.number, status=AccountStatus.CLOSED.label)


@transaction_required
def tell(
    event: EventType,
    account: Account,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    **facts: Any,
) -> None:
    """Write the audit event of a change of an account, and announce it. `facts` are ids and words, no personal data."""
    told = {"account": account.public_id, **facts}
    audit.record(
        event,
        actor=actor,
        subject=subject_of(account),
        now=now,
        reason=reason,
        changes=changes or {},
        detail=told,
    )
    outbox.announce(event.name, subject_id=account.public_id, payload=told, now=now)
