"""An account's life: opening, freezing and releasing, closing."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from accounts import errors, events, numbers
from accounts.locks import accounts_for_update, customer_for_update
from accounts.models import Account, AccountStatus, Balance, Customer, Product, Restriction
from bankops.core import audit, outbox
from bankops.core.actor import Actor
from bankops.core.audit import EventType
from bankops.core.errors import CurrencyMismatch, ReasonRequired
from bankops.core.money import Money
from staff.errors import BranchClosed
from staff.models import Branch


@transaction.atomic
def open_account(
    *,
    customer: Customer,
    product: Product,
    branch: Branch,
    currency: str,
    overdraft_limit: Money | None = None,
    idempotency_key: str | None = None,
    actor: Actor,
    now: datetime,
    business_date: date,
) -> Account:
    """Open an account with an empty balance and return it. Writes `accounts.account.opened` and announces it.

    Called again with the same idempotency key and terms for the same customer, it returns the account opened first.

    :param overdraft_limit: how far the balance may go below zero; None is not at all.
    :raises UnknownCurrency: when ISO 4217 does not know `currency`.
    :raises ProductNotOffered, BranchClosed: when either is not for new accounts.
    :raises OverdraftNegative: when the limit is below zero.
    :raises OpeningConflict: when the key opened an account on other terms.
    :raises CurrencyMismatch: when the limit is not in the account's currency.
    """
    limit = overdraft_limit or Money(0, currency)
    _check_opening(product, branch, limit, currency)
    earlier = _opened_earlier(customer, idempotency_key)
    if earlier:
        if (earlier.product_id, earlier.branch_id, earlier.currency) != (product.pk, branch.pk, currency):
            raise errors.OpeningConflict(account=earlier.number)
        return earlier
    (number,) = numbers.next_account_numbers()
    account = Account(
        number=number,
        name=f"{product.name} {currency}",
        category=product.chart_line.category,
        chart_line=product.chart_line,
        product=product,
        customer=customer,
        branch=branch,
        status=AccountStatus.ACTIVE,
        currency=currency,
        overdraft_limit=limit.minor,
        opened_date=business_date,
        opening_key=idempotency_key,
    )
    account.save(force_insert=True)
    Balance(account=account).save(force_insert=True)
    facts = {"account": account.public_id, "number": number, "customer": customer.public_id, "currency": currency}
    audit.record(events.ACCOUNT_OPENED, actor=actor, subject=subject_of(account), now=now, detail=facts)
    outbox.announce(events.ACCOUNT_OPENED.name, subject_id=account.public_id, payload=facts, now=now)
    return account


def _opened_earlier(customer: Customer, idempotency_key: str | None) -> Account | None:
    """Return the account this key opened for the customer; the customer's lock makes the second of two calls wait."""
    if idempotency_key is None:
        return None
    customer_for_update(customer.pk)
    return customer.accounts.filter(opening_key=idempotency_key).first()


def _check_opening(product: Product, branch: Branch, limit: Money, currency: str) -> None:
    if limit.currency != currency:
        raise CurrencyMismatch(left=currency, right=limit.currency)
    if not product.is_offered:
        raise errors.ProductNotOffered(product=product.name)
    if not branch.is_open:
        raise BranchClosed(branch_code=branch.code)
    if limit.minor < 0:
        raise errors.OverdraftNegative


@transaction.atomic
def freeze_account(*, account_id: UUID, restriction: Restriction, reason: str, actor: Actor, now: datetime) -> Account:
    """Block one or both sides of a customer's account and return it. Writes `accounts.account.frozen`.

    Locks the account's balance, so that no movement passes unseen.

    :raises ReasonRequired: when `reason` is blank.
    :raises RestrictionUnchanged: when it is restricted exactly so already, or `restriction` is none.
    :raises AccountNotFound, OwnAccountProtected, AccountNotOpen: when it is not an open customer's account.
    """
    balance = _customer_balance(account_id, reason)
    if restriction == Restriction.NONE:
        raise errors.RestrictionUnchanged(account=balance.account.number, restriction=restriction.label)
    return _restrict(
        account=balance.account,
        restriction=restriction,
        event=events.ACCOUNT_FROZEN,
        reason=reason,
        actor=actor,
        now=now,
    )


@transaction.atomic
def release_account(*, account_id: UUID, reason: str, actor: Actor, now: datetime) -> Account:
    """Lift an account's restriction and return it. Writes `accounts.account.released`.

    :raises ReasonRequired: when `reason` is blank.
    :raises RestrictionUnchanged: when it is not restricted.
    :raises AccountNotFound, OwnAccountProtected, AccountNotOpen: when it is not an open customer's account.
    """
    balance = _customer_balance(account_id, reason)
    return _restrict(
        account=balance.account,
        restriction=Restriction.NONE,
        event=events.ACCOUNT_RELEASED,
        reason=reason,
        actor=actor,
        now=now,
    )


@transaction.atomic
def close_account(*, account_id: UUID, reason: str, actor: Actor, now: datetime, business_date: date) -> Account:
    """Close a customer's account for good and return it. Writes `accounts.account.closed` and announces it.

    :raises ReasonRequired: when `reason` is blank.
    :raises BalanceNotZero: while money is on it.
    :raises MoneyHeld: while a hold counts on its overdraft.
    :raises AccountNotFound, OwnAccountProtected, AccountNotOpen: when it is not an open customer's account.
    """
    balance = _customer_balance(account_id, reason)
    account = balance.account
    if balance.ledger:
        raise errors.BalanceNotZero(account=account.number, balance=balance.ledger_money.format())
    if balance.held:
        raise errors.MoneyHeld(account=account.number, held=balance.held_money.format())
    before = account.status
    account.status, account.closed_date = AccountStatus.CLOSED, business_date
    account.save(update_fields=["status", "closed_date"])
    changes = {"status": (before, AccountStatus.CLOSED)}
    audit.record(
        events.ACCOUNT_CLOSED, actor=actor, subject=subject_of(account), now=now, reason=reason, changes=changes
    )
    outbox.announce(
        events.ACCOUNT_CLOSED.name, subject_id=account.public_id, payload={"account": account.public_id}, now=now
    )
    return account


def subject_of(account: Account) -> audit.Subject:
    """Return how the audit trail names an account."""
    return audit.Subject("account", account.public_id, account.number)


def _customer_balance(account_id: UUID, reason: str) -> Balance:
    if not reason.strip():
        raise ReasonRequired
    balances = accounts_for_update([account_id])
    if not balances:
        raise errors.AccountNotFound
    account = balances[0].account
    if not account.is_customer_account:
        raise errors.OwnAccountProtected(account=account.number)
    if account.status == AccountStatus.CLOSED:
        raise errors.AccountNotOpen(account=account.number, status=AccountStatus.CLOSED.label)
    return balances[0]


def _restrict(
    *, account: Account, restriction: Restriction, event: EventType, reason: str, actor: Actor, now: datetime
) -> Account:
    before = Restriction(account.restriction)
    if before == restriction:
        raise errors.RestrictionUnchanged(account=account.number, restriction=before.label)
    account.restriction = restriction
    account.save(update_fields=["restriction"])
    changes = {"restriction": (str(before), str(restriction))}
    audit.record(event, actor=actor, subject=subject_of(account), now=now, reason=reason, changes=changes)
    outbox.announce(
        event.name,
        subject_id=account.public_id,
        payload={"account": account.public_id, "restriction": str(restriction)},
        now=now,
    )
    return account
