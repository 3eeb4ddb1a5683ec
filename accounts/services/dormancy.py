"""Dormancy: an account whose customer has done nothing for a long time takes money in and lets none out, until it is woken.

Money that somebody forgot is what thieves inside a bank look for; waking an account therefore needs two reviewers, and
putting one to sleep nobody.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import activity, errors, events
from accounts.locks import accounts_for_update
from accounts.models import Account, AccountStatus
from accounts.services.lifecycle import locked_open_account, tell
from bankops.core import operations
from bankops.core.actor import Actor
from bankops.core.texts import require_reason

CLOCK = Actor.system("dormancy")
_BATCH = 2000


@operations.only_through_gate("accounts.mark_dormant")
@transaction.atomic
def mark_dormant(*, account_id: UUID, reason: str, actor: Actor, now: datetime) -> Account:
    """Put an active account to sleep and return it. Writes `accounts.account.marked_dormant`.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises AccountNotActive: when it is not active.
    :raises AccountNotFound, OwnAccountProtected, AccountNotOpen: when it is not an open customer's account.
    """
    reason = require_reason(reason)
    account = locked_open_account(account_id).account
    refuse_sleep(account)
    _put_to_sleep(account, reason=reason, actor=actor, now=now)
    return account


@operations.only_through_gate("accounts.wake_account")
@transaction.atomic
def wake_account(*, account_id: UUID, reason: str, actor: Actor, now: datetime, business_date: date) -> Account:
    """Make a dormant account active again and return it. Writes `accounts.account.woken`.

    Waking counts as its customer's activity: it does not fall asleep again the next evening.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises AccountNotDormant: when it is not dormant.
    :raises AccountNotFound, OwnAccountProtected, AccountNotOpen: when it is not an open customer's account.
    """
    reason = require_reason(reason)
    account = locked_open_account(account_id).account
    refuse_waking(account)
    account.status, account.woken_date = AccountStatus.ACTIVE, business_date
    account.save(update_fields=["status", "woken_date"])
    changes = {"status": (AccountStatus.DORMANT, AccountStatus.ACTIVE)}
    tell(events.ACCOUNT_WOKEN, account, actor=actor, now=now, reason=reason, changes=changes)
    return account


def fall_dormant(*, business_date: date, now: datetime) -> int:
    """Put to sleep every active account whose customer did nothing for `BANKOPS_DORMANT_MONTHS`; return how many.

    In batches of a transaction each, so that a run that is broken off is simply run again.
    """
    last_day = months_before(business_date, settings.BANKOPS_DORMANT_MONTHS)
    return sum(_fall_dormant(batch, last_day, now) for batch in _old_enough(last_day))


def months_before(day: date, months: int) -> date:
    """Return the same day of the month, `months` earlier, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def refuse_sleep(account: Account) -> None:
    """:raises AccountNotActive: when the account is not active."""
    if account.status != AccountStatus.ACTIVE:
        raise errors.AccountNotActive(account=account.number, status=account.get_status_display())


def refuse_waking(account: Account) -> None:
    """:raises AccountNotDormant: when the account is not dormant."""
    if account.status != AccountStatus.DORMANT:
        raise errors.AccountNotDormant(account=account.number, status=account.get_status_display())


def _old_enough(last_day: date) -> Iterator[Sequence[UUID]]:
    """Yield the active customers' accounts that were opened and woken before `last_day`, in batches."""
    after: UUID | None = None
    while batch := list(_candidates(last_day, after).values_list("pk", flat=True)[:_BATCH]):
        yield batch
        after = batch[-1]


def _candidates(last_day: date, after: UUID | None) -> QuerySet[Account]:
    asleep_if_idle = Account.objects.filter(
        Q(woken_date__isnull=True) | Q(woken_date__lt=last_day),
        customer__isnull=False,
        status=AccountStatus.ACTIVE,
        opened_date__lt=last_day,
    )
    return (asleep_if_idle.filter(pk__gt=after) if after else asleep_if_idle).order_by("pk")


def _fall_dormant(account_ids: Sequence[UUID], last_day: date, now: datetime) -> int:
    idle = set(account_ids) - activity.active_since(account_ids, last_day)
    return _sleep_if_still_idle(idle, last_day, now) if idle else 0


@transaction.atomic
def _sleep_if_still_idle(account_ids: set[UUID], last_day: date, now: datetime) -> int:
    """Lock the accounts and look once more: a booking may have come in since."""
    accounts = [balance.account for balance in accounts_for_update(account_ids)]
    active = activity.active_since(account_ids, last_day)
    idle = [one for one in accounts if one.status == AccountStatus.ACTIVE and one.pk not in active]
    for account in idle:
        _put_to_sleep(account, reason="", actor=CLOCK, now=now)
    return len(idle)


def _put_to_sleep(account: Account, *, reason: str, actor: Actor, now: datetime) -> None:
    account.status = AccountStatus.DORMANT
    account.save(update_fields=["status"])
    changes = {"status": (AccountStatus.ACTIVE, AccountStatus.DORMANT)}
    tell(events.ACCOUNT_MARKED_DORMANT, account, actor=actor, now=now, reason=reason, changes=changes)
