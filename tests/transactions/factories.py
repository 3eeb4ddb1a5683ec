"""Journal entries to be, and the movements of the bank with everything usual filled in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import Account
from approvals.models import ApprovalRequest
from bankops.core.money import Money
from tests.accounts.factories import NOW, TANG_LING, TODAY
from transactions import ledger
from transactions import services as transaction_services
from transactions.ledger import EntryDraft, PostingDraft, Result
from transactions.models import Posting, Side, Transaction

CIRCUMSTANCES: Any = {"actor": TANG_LING, "now": NOW, "business_date": TODAY}


def debit(account: Account | UUID, amount: Money) -> PostingDraft:
    return PostingDraft(_id(account), Side.DEBIT, amount)


def credit(account: Account | UUID, amount: Money) -> PostingDraft:
    return PostingDraft(_id(account), Side.CREDIT, amount)


def _id(account: Account | UUID) -> UUID:
    return account.pk if isinstance(account, Account) else account


def entry(
    *postings: PostingDraft, key: str | None = None, reverses: int | None = None, limits: bool = True
) -> EntryDraft:
    return EntryDraft(
        postings=postings,
        booking_date=TODAY,
        value_date=TODAY,
        description="test",
        idempotency_key=key,
        reverses_id=reverses,
        enforce_limits=limits,
    )


def moved(payer: Account | UUID, payee: Account | UUID, amount: Money, **options: Any) -> EntryDraft:
    """Return the entry that debits one account and credits the other."""
    return entry(debit(payer, amount), credit(payee, amount), **options)


def mirror_of(entry_id: int) -> EntryDraft:
    """Return the entry that reverses another one."""
    lines = Posting.objects.filter(entry_id=entry_id).order_by("line")
    return entry(
        *(PostingDraft(line.account_id, Side(line.side).opposite, line.money) for line in lines), reverses=entry_id
    )


def post(*drafts: EntryDraft) -> list[Result]:
    return ledger.post(drafts, now=NOW)


def codes(results: list[Result]) -> list[str]:
    return [result.code for result in results]


def deposit(account: Account, amount: Money, **options: Any) -> Transaction:
    return transaction_services.deposit(account_id=account.pk, amount=amount, **CIRCUMSTANCES | options)


def withdraw(account: Account, amount: Money, **options: Any) -> Transaction:
    return transaction_services.withdraw(account_id=account.pk, amount=amount, **CIRCUMSTANCES | options)


def transfer(payer: Account, payee: Account, amount: Money, **options: Any) -> Transaction:
    return transaction_services.transfer(
        from_account_id=payer.pk, to_account_id=payee.pk, amount=amount, **CIRCUMSTANCES | options
    )


def park_transfer(
    payer: Account, payee: Account, amount: Money, request: ApprovalRequest, **options: Any
) -> Transaction:
    park = transaction.atomic(transaction_services.park_transfer)
    return park(
        from_account_id=payer.pk,
        to_account_id=payee.pk,
        amount=amount,
        **CIRCUMSTANCES | {"approval_request_id": request.public_id} | options,
    )


def park_withdrawal(account: Account, amount: Money, request: ApprovalRequest, **options: Any) -> Transaction:
    park = transaction.atomic(transaction_services.park_withdrawal)
    return park(
        account_id=account.pk, amount=amount, **CIRCUMSTANCES | {"approval_request_id": request.public_id} | options
    )


def charge_fee(account: Account, amount: Money, **options: Any) -> Transaction:
    return transaction_services.charge_fee(account_id=account.pk, amount=amount, **CIRCUMSTANCES | options)


MOVEMENTS: dict[str, Callable[..., Transaction]] = {
    "deposit": lambda account, other, amount, **options: deposit(account, amount, **options),
    "withdrawal": lambda account, other, amount, **options: withdraw(account, amount, **options),
    "transfer": transfer,
    "fee": lambda account, other, amount, **options: charge_fee(account, amount, **options),
}
"""Every kind of movement, called alike: with the account, the payee of a transfer, and the amount."""


def reverse(original: Transaction, **options: Any) -> Transaction:
    return transaction_services.reverse(
        transaction_id=original.pk, **{"reason": "typed wrong", **CIRCUMSTANCES, **options}
    )
