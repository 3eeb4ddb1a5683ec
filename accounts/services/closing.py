"""Closing an account, and opening it again. Nothing undecided is left behind: the books are asked (`accounts.settlement`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from accounts import errors, events, settlement
from accounts.locks import accounts_for_update, customer_for_update
from accounts.models import Account, AccountStatus, Balance, Customer, CustomerState, Restriction
from accounts.services.lifecycle import locked_account, refuse_closed, refuse_own, tell
from accounts.settlement import Closing
from approvals.selectors.requests import open_about
from bankops.core import operations
from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from bankops.core.errors import BankOpsError
from bankops.core.money import Money
from bankops.core.texts import require_reason

CLOSE = "accounts.close_account"


@operations.only_through_gate("accounts.close_account")
@transaction.atomic
def close_account(
    *,
    account_id: UUID,
    payee_id: UUID | None = None,
    reason: str,
    actor: Actor,
    now: datetime,
    business_date: date,
) -> Account:
    """Close a customer's account and return it. Writes `accounts.account.closed` and announces it.

    Locks the account, and the payee. Standing orders end with it; what is undecided on it has to be decided before.

    :param payee_id: the account its balance is paid out to, with accrued interest; None when there has to be neither.
    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises AccountRestricted: while it is frozen, whatever for.
    :raises AccountHasPending: while a hold or an approval request waits, naming them.
    :raises BalanceNotZero: when money, accrued interest or a debt is left on it.
    :raises PayeeUnfit: when the payee is the account itself, or kept in another currency.
    :raises PayoutRefused: when the books do not take the payout, saying why.
    :raises AccountNotFound, OwnAccountProtected, AccountNotOpen: when it is not an open customer's account.
    """
    reason = require_reason(reason)
    balance, payee = _locked_sides(account_id, payee_id)
    account = balance.account
    refuse_closing(balance, payee)
    closing = Closing(account, payee, actor=actor, now=now, business_date=business_date, reason=reason)
    _pay_out(closing, balance)
    ended = settlement.books().wind_up(closing)
    before = AccountStatus(account.status)
    account.status, account.closed_date = AccountStatus.CLOSED, business_date
    account.save(update_fields=["status", "closed_date"])
    changes = {"status": (before, AccountStatus.CLOSED)}
    facts = {"payee": payee.public_id if payee else "", "standing_orders_ended": ended}
    tell(events.ACCOUNT_CLOSED, account, actor=actor, now=now, reason=reason, changes=changes, **facts)
    return account


@operations.only_through_gate("accounts.reopen_account")
@transaction.atomic
def reopen_account(*, account_id: UUID, reason: str, actor: Actor, now: datetime, business_date: date) -> Account:
    """Make a closed account active again, as empty as it was left, and return it. Writes `accounts.account.reopened`.

    Locks the customer, then the account.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises AccountNotClosed: when it is not closed.
    :raises CustomerNotApproved: when its customer is none any more.
    :raises AccountNotFound, OwnAccountProtected: when it is no customer's account.
    """
    reason = require_reason(reason)
    customer_id = Account.objects.filter(pk=account_id).values_list("customer_id", flat=True).first()
    if customer_id:
        customer_for_update(customer_id)
    account = locked_account(account_id).account
    refuse_reopening(account)
    account.status, account.closed_date, account.woken_date = AccountStatus.ACTIVE, None, business_date
    account.save(update_fields=["status", "closed_date", "woken_date"])
    changes = {"status": (AccountStatus.CLOSED, AccountStatus.ACTIVE)}
    tell(events.ACCOUNT_REOPENED, account, actor=actor, now=now, reason=reason, changes=changes)
    return account


def refuse_closing(balance: Balance, payee: Account | None) -> None:
    """Refuse to close what is not settled; see `close_account` for the errors. `balance` has its account loaded."""
    account = balance.account
    refuse_closed(account)
    if account.restriction != Restriction.NONE:
        raise errors.AccountRestricted(account=account.number, restriction=Restriction(account.restriction).label)
    if pending := list(pending_on(account)):
        raise errors.AccountHasPending(account=account.number, pending="; ".join(pending))
    if payee is not None:
        _refuse_payee(account, payee)
    whole = whole_of(balance)
    if balance.ledger < 0 or (whole.minor and payee is None):
        raise errors.BalanceNotZero(account=account.number, balance=whole.format())


def whole_of(balance: Balance) -> Money:
    """Return what a closing pays out: the balance, and the interest that has accrued. `balance` has its account loaded."""
    return balance.ledger_money + settlement.books().accrued(balance.account)


def accounts_of(account_id: UUID, payee_id: UUID | None) -> set[UUID]:
    """Return the accounts that a closing posts on, to be locked together."""
    account = Account.objects.filter(pk=account_id).first()
    payers = settlement.books().payers(account) if account else ()
    return {account_id, *payers, *([payee_id] if payee_id else [])}


def refuse_reopening(account: Account) -> None:
    """Refuse to reopen what cannot be; see `reopen_account` for the errors."""
    if account.status != AccountStatus.CLOSED:
        raise errors.AccountNotClosed(account=account.number, status=account.get_status_display())
    if not Customer.objects.filter(accounts=account, state=CustomerState.ACTIVE).exists():
        raise errors.CustomerNotApproved(customer=account.number)


def pending_on(account: Account) -> Iterator[str]:
    """Yield what is undecided on an account, in words: approval requests, and what the books hold.

    Another request to close it does not count: the first to be carried out makes the others stale.
    """
    for request in open_about("account", account.public_id).exclude(operation=CLOSE):
        yield request.reference
    yield from settlement.books().pending(account)


def _refuse_payee(account: Account, payee: Account) -> None:
    refuse_own(payee)
    refuse_closed(payee)
    if payee.pk == account.pk or payee.currency != account.currency:
        raise errors.PayeeUnfit(payee=payee.number)


@transaction_required
def _locked_sides(account_id: UUID, payee_id: UUID | None) -> tuple[Balance, Account | None]:
    """Lock the account and its payee, in account order, and return the balance of the one and the other."""
    found = {one.account_id: one for one in accounts_for_update(accounts_of(account_id, payee_id))}
    if account_id not in found or (payee_id is not None and payee_id not in found):
        raise errors.AccountNotFound
    refuse_own(found[account_id].account)
    return found[account_id], found[payee_id].account if payee_id else None


@transaction_required
def _pay_out(closing: Closing, balance: Balance) -> None:
    if closing.payee is None or not whole_of(balance).minor:
        return
    try:
        settlement.books().pay_out(closing)
    except BankOpsError as refusal:
        raise errors.PayoutRefused(
            account=closing.account.number, payee=closing.payee.number, why=str(refusal)
        ) from refusal
