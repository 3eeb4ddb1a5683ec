"""Which transactions and holds somebody may see: those that touch an account they may see (`accounts.access`)."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import access
from transactions.models import Hold, Transaction


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
