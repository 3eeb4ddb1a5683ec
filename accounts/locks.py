"""Row locks of this app: an account is locked by locking its balance row, always in account order."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from accounts.models import Account, Application, Balance, Customer, Document
from bankops.core import sql_arrays
from bankops.core.db import busy_is_an_answer, prepared, transaction_required
from bankops.core.joined import Joined
from staff.models import Branch

_LOCK = """
    SELECT account_id FROM accounts_balance WHERE account_id = ANY ({accounts}) ORDER BY account_id FOR NO KEY UPDATE
"""
_ACCOUNTS = Joined(
    """accounts_balance b
       JOIN accounts_account a ON a.id = b.account_id
       LEFT JOIN accounts_customer c ON c.id = a.customer_id
       LEFT JOIN staff_branch r ON r.id = a.branch_id
      WHERE b.account_id = ANY ({accounts}) ORDER BY b.account_id""",
    b=Balance,
    a=Account,
    c=Customer,
    r=Branch,
)


@transaction_required
def accounts_for_update(account_ids: Iterable[UUID]) -> list[Balance]:
    """Lock the balance rows of the accounts, in account order; return them as they are now, with account, customer and branch.

    Accounts that do not exist are left out. Read status and restriction only after this.

    :raises Busy: when PostgreSQL gave up waiting for one of them.
    """
    named, wanted = sql_arrays.few_or_many("accounts", list(account_ids))
    with busy_is_an_answer():
        prepared(_LOCK.format(accounts=named), wanted)
    found = []
    for balance, account, customer, branch in _ACCOUNTS.read(wanted, accounts=named):
        account.customer, account.branch = customer, branch
        balance.account = account
        found.append(balance)
    return found


@transaction_required
def customer_for_update(customer_id: UUID) -> None:
    """Lock one customer's row, before any account of theirs. One that does not exist is left out.

    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        list(Customer.objects.select_for_update(of=("self",), no_key=True).filter(pk=customer_id).values_list("pk"))


@transaction_required
def application_for_update(application_id: UUID) -> Application | None:
    """Lock one application, before its customer and their accounts, and return it as it is now, or None."""
    with busy_is_an_answer():
        list(
            Application.objects.select_for_update(of=("self",), no_key=True).filter(pk=application_id).values_list("pk")
        )
    return Application.objects.select_related("customer", "branch").filter(pk=application_id).first()


@transaction_required
def document_for_update(document_id: UUID) -> Document | None:
    """Lock one document, after the application it belongs to, and return it as it is now, or None."""
    with busy_is_an_answer():
        list(Document.objects.select_for_update(of=("self",), no_key=True).filter(pk=document_id).values_list("pk"))
    return Document.objects.select_related("customer", "application").filter(pk=document_id).first()
