"""Row locks of this app: an account is locked by locking its balance row, always in account order."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from accounts.models import Balance, Customer
from bankops.core.db import busy_is_an_answer, transaction_required


@transaction_required
def accounts_for_update(account_ids: Iterable[UUID]) -> list[Balance]:
    """Lock the balance rows of the accounts, in account order, and return them with their accounts as they are now.

    Accounts that do not exist are left out. Read status and restriction only after this.

    :raises Busy: when PostgreSQL gave up waiting for one of them.
    """
    wanted = set(account_ids)
    balances = Balance.objects.select_for_update(of=("self",), no_key=True).filter(account_id__in=wanted)
    with busy_is_an_answer():
        list(balances.order_by("account_id").values_list("account_id"))
    return list(Balance.objects.filter(account_id__in=wanted).select_related("account").order_by("account_id"))


@transaction_required
def customer_for_update(customer_id: UUID) -> None:
    """Lock one customer's row, before any account of theirs. One that does not exist is left out."""
    list(Customer.objects.select_for_update(of=("self",), no_key=True).filter(pk=customer_id).values_list("pk"))
