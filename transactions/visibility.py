"""Which transactions, holds and batches somebody may see: those that touch an account they may see (`accounts.access`)."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import access
from transactions.models import Hold, Transaction, TransferBatch, TransferBatchItem


def visible_transactions(person: access.Person, among: QuerySet[Transaction] | None = None) -> QuerySet[Transaction]:
    """Return the transactions of `among` (default: all) with a side that somebody may see; no query is made here."""
    transactions = Transaction.objects.all() if among is None else among
    mine = access.visible_accounts(person).order_by()
    # One look by key for each row read: a list of a million accounts would be read whole for its first page.
    debited, credited = (Exists(mine.filter(pk=OuterRef(side))) for side in ("debit_account", "credit_account"))
    return transactions.filter(Q(debited) | Q(credited))


def visible_holds(person: access.Person, among: QuerySet[Hold] | None = None) -> QuerySet[Hold]:
    """Return the holds of `among` (default: all) on accounts that somebody may see; no query is made here."""
    holds = Hold.objects.all() if among is None else among
    return holds.filter(Exists(access.visible_accounts(person).order_by().filter(pk=OuterRef("account"))))


def visible_items(
    person: access.Person, among: QuerySet[TransferBatchItem] | None = None
) -> QuerySet[TransferBatchItem]:
    """Return the items of `among` (default: all) with an account that somebody may see; no query is made here."""
    items = TransferBatchItem.objects.all() if among is None else among
    mine = access.visible_accounts(person).order_by()
    payer, payee = (Exists(mine.filter(pk=OuterRef(side))) for side in ("payer", "payee"))
    return items.filter(Q(payer) | Q(payee))


def visible_batches(person: access.Person) -> QuerySet[TransferBatch]:
    """Return the batches with an item that somebody may see; no query is made here."""
    return TransferBatch.objects.filter(
        Exists(visible_items(person, TransferBatchItem.objects.filter(batch=OuterRef("pk"))))
    )
