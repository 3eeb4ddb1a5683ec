"""Opening an account: the beginning of its life."""

from __future__ import annotations

from datetime import date, datetime
from typing import Required, TypedDict, Unpack

from django.db import transaction

from accounts import errors, events, numbers
from accounts.locks import customer_for_update
from accounts.models import Account, AccountStatus, Balance, Customer, CustomerState, Product
from accounts.services.lifecycle import tell
from bankops.core import operations
from bankops.core.actor import Actor
from bankops.core.errors import CurrencyMismatch
from bankops.core.money import Money
from staff.errors import BranchClosed
from staff.models import Branch


class Opening(TypedDict, total=False):
    """What an account is opened with.

    Attributes:
        overdraft_limit: how far the balance may go below zero; None is not at all.
        idempotency_key: the caller's key, or None when the call cannot repeat.

    """

    customer: Required[Customer]
    product: Required[Product]
    branch: Required[Branch]
    currency: Required[str]
    overdraft_limit: Money | None
    idempotency_key: str | None
    actor: Required[Actor]
    now: Required[datetime]
    business_date: Required[date]


@operations.only_through_gate("accounts.open_account")
def open_account(**terms: Unpack[Opening]) -> Account:
    """Open an account with an empty balance and return it. Writes `accounts.account.opened` and announces it.

    Called again with the same idempotency key and terms for the same customer, it returns the account opened first.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises CustomerNotApproved: unless the customer is an approved one.
    :raises UnknownCurrency: when ISO 4217 does not know the currency.
    :raises ProductNotOffered, BranchClosed: when either is not for new accounts.
    :raises OverdraftNegative: when the limit is below zero.
    :raises OpeningConflict: when the key opened an account on other terms.
    :raises CurrencyMismatch: when the limit is not in the account's currency.
    """
    return opening(**terms)


@transaction.atomic
def opening(**terms: Unpack[Opening]) -> Account:
    """Open an account within something that was consented to as a whole; otherwise as `open_account`. Locks the customer."""
    customer_for_update(terms["customer"].pk)
    refuse_opening(**terms)
    earlier = opened_earlier(terms["customer"], terms.get("idempotency_key"))
    if earlier:
        return if_the_same(earlier, **terms)
    account = _new(terms)
    account.save(force_insert=True)
    Balance(account=account).save(force_insert=True)
    tell(
        events.ACCOUNT_OPENED,
        account,
        actor=terms["actor"],
        now=terms["now"],
        number=account.number,
        customer=terms["customer"].public_id,
        currency=account.currency,
    )
    return account


def refuse_opening(**terms: Unpack[Opening]) -> None:
    """Refuse terms on which no account can be opened at this moment; see `open_account` for the errors."""
    customer, product, branch = terms["customer"], terms["product"], terms["branch"]
    limit = _overdraft(terms)
    if limit.currency != terms["currency"]:
        raise CurrencyMismatch(left=terms["currency"], right=limit.currency)
    if not product.is_offered:
        raise errors.ProductNotOffered(product=product.name)
    if not branch.is_open:
        raise BranchClosed(branch_code=branch.code)
    if limit.minor < 0:
        raise errors.OverdraftNegative
    if not Customer.objects.filter(pk=customer.pk, state=CustomerState.ACTIVE).exists():
        raise errors.CustomerNotApproved(customer=customer.number)


def opened_earlier(customer: Customer, idempotency_key: str | None) -> Account | None:
    """Return the account this key opened for the customer, or None."""
    return customer.accounts.filter(opening_key=idempotency_key).first() if idempotency_key else None


def if_the_same(earlier: Account, **terms: Unpack[Opening]) -> Account:
    """Return the account that the same order opened before.

    :raises OpeningConflict: when it was an order on other terms.
    """
    opened_with = (earlier.product_id, earlier.branch_id, earlier.currency)
    if opened_with != (terms["product"].pk, terms["branch"].pk, terms["currency"]):
        raise errors.OpeningConflict(account=earlier.number)
    return earlier


def _new(terms: Opening) -> Account:
    product, currency = terms["product"], terms["currency"]
    (number,) = numbers.next_account_numbers()
    return Account(
        number=number,
        name=f"{product.name} {currency}",
        category=product.chart_line.category,
        chart_line=product.chart_line,
        product=product,
        customer=terms["customer"],
        branch=terms["branch"],
        status=AccountStatus.ACTIVE,
        currency=currency,
        overdraft_limit=_overdraft(terms).minor,
        opened_date=terms["business_date"],
        opening_key=terms.get("idempotency_key"),
    )


def _overdraft(terms: Opening) -> Money:
    return terms.get("overdraft_limit") or Money(0, terms["currency"])
