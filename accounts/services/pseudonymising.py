"""A former customer is forgotten and the books are not: name and particulars go, number, accounts and postings stay."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from accounts import errors, events, personal_data, personal_data_errors
from accounts.locks import customer_for_update
from accounts.models import AccountParty, AccountStatus, Customer, CustomerState
from accounts.services.customers import subject_of
from bankops.core import audit, clock, operations
from bankops.core.actor import Actor
from bankops.core.anniversaries import LeapDay, years_later
from bankops.core.texts import require_reason


@operations.only_through_gate("accounts.pseudonymise_customer")
@transaction.atomic
def pseudonymise_customer(
    *, customer_id: UUID, reason: str, actor: Actor, now: datetime, business_date: date
) -> Customer:
    """Erase a former customer's personal data for good and return the customer. Writes `accounts.customer.pseudonymised`.

    Name, sealed fields, blind indexes, files and every version in the history; docs/operations.md says what cannot be.

    :raises ConsentRequired: outside the gate.
    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownCustomer: when there is none.
    :raises AlreadyPseudonymised, CustomerHasAccounts, CustomerHasRights, RetentionNotOver: as `refuse_pseudonymising`.
    """
    reason = require_reason(reason)
    customer_for_update(customer_id)
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise errors.UnknownCustomer
    refuse_pseudonymising(customer=customer, business_date=business_date)
    erased = personal_data.erase(customer, now)
    _forget(customer)
    audit.record(
        events.CUSTOMER_PSEUDONYMISED,
        actor=actor,
        subject=subject_of(customer),
        now=now,
        reason=reason,
        detail={name: count for name, count in erased.items() if count},
    )
    return customer


def refuse_pseudonymising(*, customer: Customer, business_date: date) -> None:
    """Refuse while the bank has business with the customer, or has to keep the data.

    :raises AlreadyPseudonymised: when it was done.
    :raises CustomerHasAccounts: while an account is not closed.
    :raises CustomerHasRights: while there are rights on somebody else's account.
    :raises RetentionNotOver: before `BANKOPS_RETENTION_YEARS` have passed since the last account was closed.
    """
    if customer.state == CustomerState.PSEUDONYMISED:
        raise personal_data_errors.AlreadyPseudonymised(customer=customer.number)
    standing = customer.accounts.exclude(status=AccountStatus.CLOSED).count()
    if standing:
        raise personal_data_errors.CustomerHasAccounts(customer=customer.number, count=standing)
    party = AccountParty.objects.standing().filter(customer=customer).select_related("account").first()
    if party:
        raise personal_data_errors.CustomerHasRights(customer=customer.number, account=party.account.number)
    kept_until = retention_ends(customer=customer)
    if business_date <= kept_until:
        raise personal_data_errors.RetentionNotOver(customer=customer.number, day=kept_until.isoformat())


def retention_ends(*, customer: Customer) -> date:
    """Return the last day on which the bank keeps the data.

    That is `BANKOPS_RETENTION_YEARS` after the last account was closed or, of somebody who never had one, after they were
    registered. How many years the law asks for differs by country (China: Anti-Money Laundering Law, article 34: ten).
    """
    last: Any = customer.accounts.aggregate(last=Max("closed_date"))["last"]
    ended: date = last or clock.business_date(customer.created_at)
    return years_later(ended, settings.BANKOPS_RETENTION_YEARS, leap_day=LeapDay.LATER)


def _forget(customer: Customer) -> None:
    """Overwrite the customer's own row, and the versions of it."""
    customer.name = f"Former customer {customer.number}"
    customer.birth_date, customer.ownership_note = None, ""
    customer.state = CustomerState.PSEUDONYMISED
    customer.version += 1
    customer.save(update_fields=["name", "birth_date", "ownership_note", "state", "version"])
    # A version that still had the name would be the name. History is rewritten here and nowhere else.
    customer.history.update(name=customer.name, birth_date=None, ownership_note="", history_change_reason=None)
