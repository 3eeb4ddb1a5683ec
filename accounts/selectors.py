"""Reading customers and accounts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from accounts.models import Account, ChartLine, Customer, CustomerIdentifier, IdentifierType
from bankops.core.money import Money


def accounts_by_id(account_ids: Iterable[UUID]) -> dict[UUID, Account]:
    """Return the accounts that are there by their ids, in one query."""
    return Account.objects.in_bulk(list(account_ids))


def account_by_number(number: str) -> Account | None:
    """Return the account with this number, written with or without spaces, or None."""
    return Account.objects.filter(number="".join(number.split())).first()


def customer_accounts() -> QuerySet[Account]:
    """Return the customers' accounts, not the bank's own."""
    return Account.objects.filter(customer__isnull=False)


def search_customers(text: str, *, among: QuerySet[Customer] | None = None) -> QuerySet[Customer]:
    """Return the customers whose number or identifier is `text` or whose name contains it, in no order.

    :param among: the customers to search; all of them when None.
    """
    wanted = text.strip()
    identified = CustomerIdentifier.objects.filter(customer=OuterRef("pk"), value=wanted)
    customers = Customer.objects.all() if among is None else among
    return customers.filter(Q(number=wanted.upper()) | Q(name__icontains=wanted) | Exists(identified))


def search_accounts(text: str, *, among: QuerySet[Account]) -> QuerySet[Account]:
    """Return the accounts of `among` that `text` leads to, in no order.

    `text` is the beginning of an account number (spaces do not matter), a customer number, part of a customer's or an own
    account's name, or the number at another system, with or without that system's key (`576` or `berka:576`).
    """
    wanted, compact = text.strip(), "".join(text.split())
    if not wanted:
        return among
    return among.filter(
        Q(number__startswith=compact)
        | Q(customer__number=wanted.upper())
        | Q(customer__name__icontains=wanted)
        | Q(customer__isnull=True, name__icontains=wanted)
        | Q(external_reference=wanted)
        | (Q(external_reference__endswith=f":{wanted}") if wanted.isdecimal() else Q())
    )


@dataclass(frozen=True, slots=True)
class ChartTotal:
    """A line of the chart with its balances, one for each currency, positive on the line's normal side."""

    line: ChartLine
    account_count: int
    totals: list[Money]


def chart_totals() -> list[ChartTotal]:
    """Return every line of the chart in the order of its codes. Adds up all balances; two queries."""
    totals: dict[str, list[tuple[int, Money]]] = {}
    sums = Account.objects.values("chart_line_id", "currency").annotate(total=Sum("balance__ledger"), count=Count("pk"))
    for row in sums.order_by("chart_line_id", "currency"):
        money = Money(int(row["total"] or 0), row["currency"])
        totals.setdefault(row["chart_line_id"], []).append((row["count"], money))
    return [
        ChartTotal(
            line=line,
            account_count=sum(count for count, _money in totals.get(line.code, [])),
            totals=[money for _count, money in totals.get(line.code, [])],
        )
        for line in ChartLine.objects.order_by("code")
    ]


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
