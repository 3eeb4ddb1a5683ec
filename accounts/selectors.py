"""Reading customers and accounts."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import Account, Customer, CustomerIdentifier, IdentifierType


def account_by_id(account_id: UUID) -> Account | None:
    """Return the account, or None."""
    return Account.objects.filter(pk=account_id).first()


def account_by_number(number: str) -> Account | None:
    """Return the account with this number, written with or without spaces, or None."""
    return Account.objects.filter(number="".join(number.split())).first()


def customer_accounts() -> QuerySet[Account]:
    """Return the customers' accounts, not the bank's own."""
    return Account.objects.filter(customer__isnull=False)


def search_customers(text: str) -> QuerySet[Customer]:
    """Return the customers whose number is `text` or whose name contains it, by name."""
    return Customer.objects.filter(Q(number=text.strip()) | Q(name__icontains=text.strip())).order_by("name", "id")


def customers_taken_over(source_key: str) -> dict[str, UUID]:
    """Return the ids of the customers taken over from another bank, by that bank's customer number."""
    taken = CustomerIdentifier.objects.filter(type=IdentifierType.EXTERNAL, issuer=source_key)
    return dict(taken.values_list("value", "customer_id"))


def accounts_taken_over(source_key: str) -> dict[str, UUID]:
    """Return the ids of the accounts taken over from another bank, by that bank's account number."""
    prefix = f"{source_key}:"
    taken = Account.objects.filter(external_reference__startswith=prefix)
    return {
        reference.removeprefix(prefix): account_id
        for reference, account_id in taken.values_list("external_reference", "id")
    }
