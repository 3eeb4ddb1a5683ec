"""Take over another bank's customers and accounts, many at a time.

The counterpart of `register_customer` and `open_account` for history that exists already: one audit event for a batch
instead of one for each record, no announcement to partners, and the other bank's dates. Every record keeps that bank's id,
by which a repeated import finds it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from simple_history.utils import bulk_create_with_history

from accounts import events, numbers
from accounts.models import (
    Account,
    AccountParty,
    AccountStatus,
    Balance,
    Customer,
    CustomerIdentifier,
    CustomerKind,
    CustomerState,
    IdentifierType,
    PartyRole,
    Product,
)
from accounts.services.parties import rights_by_role
from bankops.core import audit
from bankops.core.actor import Actor


@dataclass(frozen=True, slots=True)
class Source:
    """The bank that is taken over: a short key, which goes before its ids, and its name for people."""

    key: str
    name: str

    def reference(self, external_id: str) -> str:
        """Return how we call what that bank calls `external_id`: `berka:576`."""
        return f"{self.key}:{external_id}"

    @property
    def subject(self) -> audit.Subject:
        """How the audit trail names the import."""
        return audit.Subject("bank_import", self.key, self.name)


@dataclass(frozen=True, slots=True)
class CustomerDraft:
    """A person to be taken over; `external_id` is the other bank's customer number."""

    external_id: str
    name: str
    birth_date: date | None
    branch_id: UUID


@dataclass(frozen=True, slots=True)
class AccountDraft:
    """An account to be taken over; `external_id` is the other bank's account number."""

    external_id: str
    customer_id: UUID
    branch_id: UUID
    opened_date: date


@dataclass(frozen=True, slots=True)
class PartyDraft:
    """Somebody with rights on an account beside its owner."""

    account_id: UUID
    customer_id: UUID
    role: PartyRole


@transaction.atomic
def take_over_customers(
    *, drafts: Sequence[CustomerDraft], source: Source, actor: Actor, now: datetime
) -> dict[str, UUID]:
    """Register persons under new numbers and return their ids by the other bank's. Writes `accounts.batch.imported`.

    None of them may have been taken over before: `selectors.customers_taken_over` knows.
    """
    customers = [
        Customer(
            number=number,
            kind=CustomerKind.PERSON,
            name=draft.name,
            birth_date=draft.birth_date.isoformat() if draft.birth_date else None,
            branch_id=draft.branch_id,
            state=CustomerState.ACTIVE,  # whoever banks somewhere is no newcomer; reviewed as the bank decides
            created_at=now,
        )
        for draft, number in zip(drafts, numbers.next_customer_numbers(len(drafts)), strict=True)
    ]
    bulk_create_with_history(customers, Customer, default_date=now, default_change_reason=_reason(source))
    taken_over = {draft.external_id: customer.id for draft, customer in zip(drafts, customers, strict=True)}
    CustomerIdentifier.objects.bulk_create(
        CustomerIdentifier(customer_id=customer_id, type=IdentifierType.EXTERNAL, issuer=source.key, value=external_id)
        for external_id, customer_id in taken_over.items()
    )
    _record(source, actor, now, customers=len(customers))
    return taken_over


@transaction.atomic
def take_over_accounts(
    *, drafts: Sequence[AccountDraft], product: Product, currency: str, source: Source, actor: Actor, now: datetime
) -> dict[str, UUID]:
    """Open accounts with empty balances and return their ids by the other bank's. Writes `accounts.batch.imported`.

    They are active, have no overdraft limit to use, and were opened when the other bank says. None of them may have been
    taken over before: `selectors.accounts_taken_over` knows.
    """
    accounts = [
        Account(
            number=number,
            name=f"{product.name} {currency}",
            category=product.chart_line.category,
            chart_line=product.chart_line,
            product=product,
            customer_id=draft.customer_id,
            branch_id=draft.branch_id,
            status=AccountStatus.ACTIVE,
            currency=currency,
            overdraft_limit=0,
            opened_date=draft.opened_date,
            external_reference=source.reference(draft.external_id),
        )
        for draft, number in zip(drafts, numbers.next_account_numbers(len(drafts)), strict=True)
    ]
    bulk_create_with_history(accounts, Account, default_date=now, default_change_reason=_reason(source))
    Balance.objects.bulk_create(Balance(account=account) for account in accounts)
    _record(source, actor, now, accounts=len(accounts))
    return {draft.external_id: account.id for draft, account in zip(drafts, accounts, strict=True)}


@transaction.atomic
def take_over_parties(*, drafts: Sequence[PartyDraft], source: Source, actor: Actor, now: datetime) -> int:
    """Add parties to accounts, leaving those that are there, and return how many were new. Writes `accounts.batch.imported`."""
    account_ids = {draft.account_id for draft in drafts}
    there = set(AccountParty.objects.filter(account_id__in=account_ids).values_list("account_id", "customer_id"))
    new = {(draft.account_id, draft.customer_id): draft.role for draft in drafts}
    missing = [
        AccountParty(account_id=account_id, customer_id=customer_id, role=role, rights=rights_by_role(role))
        for (account_id, customer_id), role in new.items()
        if (account_id, customer_id) not in there
    ]
    if missing:
        AccountParty.objects.bulk_create(missing)
        _record(source, actor, now, parties=len(missing))
    return len(missing)


def _reason(source: Source) -> str:
    return f"taken over: {source.name}"[:100]


def _record(source: Source, actor: Actor, now: datetime, **counts: int) -> None:
    audit.record(events.BANK_IMPORTED, actor=actor, subject=source.subject, now=now, detail=counts)
