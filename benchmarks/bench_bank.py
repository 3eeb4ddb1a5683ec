"""A bank with ten thousand customers' accounts and money on each, made by the product's own services. Needs Django."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from accounts import chart
from accounts.models import Account, Balance, Product
from accounts.services import taking_over
from bankops.core import clock, ids
from bankops.core.actor import Actor
from bankops.core.money import Money
from staff.services.branches import open_branch
from transactions import ledger
from transactions.ledger import EntryDraft, PostingDraft
from transactions.models import JournalEntry, Posting, Side, Transaction

CURRENCY = "CNY"
_ACTOR = Actor.system("benchmark")
_SOURCE = taking_over.Source("bench", "Bench")
_OPENING_BALANCE = Money(1_000_000_00, CURRENCY)
# So small that no account runs dry within a run.
_AMOUNT_MAX = 100_00
_TABLES = [model._meta.db_table for model in (Account, Balance, JournalEntry, Posting)]


def found(accounts: int) -> None:
    """Open the accounts and pay an opening balance into each. Leaves statistics and visibility as a quiet night would."""
    now, today = clock.now(), clock.business_date()
    branch = open_branch(code="001", name="Bench", actor=_ACTOR, reason="benchmark", now=now)
    numbers = [str(number) for number in range(accounts)]
    customers = taking_over.take_over_customers(
        drafts=[taking_over.CustomerDraft(number, f"Customer {number}", None, branch.pk) for number in numbers],
        source=_SOURCE,
        actor=_ACTOR,
        now=now,
    )
    opened = taking_over.take_over_accounts(
        drafts=[taking_over.AccountDraft(number, customers[number], branch.pk, today) for number in numbers],
        product=Product.objects.get(pk="CURRENT"),
        currency=CURRENCY,
        source=_SOURCE,
        actor=_ACTOR,
        now=now,
    )
    _pay_in(list(opened.values()), now=now, business_date=today)
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {', '.join(_TABLES)}")


def customer_accounts() -> list[UUID]:
    """Return the ids of the customers' accounts, in an order that is the same in every process."""
    return list(Account.objects.filter(customer__isnull=False).order_by("id").values_list("id", flat=True))


def random_transfers(chance: random.Random, accounts: Sequence[UUID], *, now: datetime, count: int) -> list[EntryDraft]:
    """Draft transfers between two different accounts each, every one under a key of its own, as the product's are."""
    return [_random_transfer(chance, accounts, now.date()) for _ in range(count)]


def _random_transfer(chance: random.Random, accounts: Sequence[UUID], day: date) -> EntryDraft:
    payer, payee = chance.sample(accounts, 2)
    amount = Money(chance.randint(1, _AMOUNT_MAX), CURRENCY)
    return EntryDraft(
        postings=(PostingDraft(payer, Side.DEBIT, amount), PostingDraft(payee, Side.CREDIT, amount)),
        booking_date=day,
        value_date=day,
        description="Transfer",
        idempotency_key=ids.encode(Transaction.ID_PREFIX, ids.uuid7()),
    )


def _pay_in(accounts: Sequence[UUID], *, now: datetime, business_date: date) -> None:
    cash = chart.own_account(chart.CASH, CURRENCY, business_date=business_date, actor=Actor.system("bench"), now=now).pk
    drafts = [
        EntryDraft(
            postings=(
                PostingDraft(cash, Side.DEBIT, _OPENING_BALANCE),
                PostingDraft(account, Side.CREDIT, _OPENING_BALANCE),
            ),
            booking_date=business_date,
            value_date=business_date,
            description="Opening balance",
        )
        for account in accounts
    ]
    for first in range(0, len(drafts), ledger.BATCH_MAX):
        results = ledger.post(drafts[first : first + ledger.BATCH_MAX], now=now)
        assert all(result.code == "posted" for result in results)
