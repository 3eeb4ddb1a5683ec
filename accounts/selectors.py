"""Reading customers and accounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum, Value

from accounts.models import Account, ChartLine, Customer, CustomerIdentifier, IdentifierType
from accounts.models.account import NumberElsewhere
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


SEARCHED_MAX = 500

Record = TypeVar("Record", Customer, Account)


@dataclass(frozen=True, slots=True)
class Found(Generic[Record]):
    """What a search found: `SEARCHED_MAX` records at most, and whether there are more of them.

    They are in the order of the query that was searched. Where there are more, what the text names exactly comes first,
    filled up with those that the indexes led to.
    """

    records: QuerySet[Record]
    more: bool


def search_customers(text: str, *, among: QuerySet[Customer]) -> Found[Customer]:
    """Find the customers of `among` whose number or identifier is `text`, or whose name has words that begin so.

    What `text` names exactly is looked up first, on unique indexes; an OR across tables would read every row. Two queries are
    made here.
    """
    wanted = text.strip()
    if not wanted:
        return Found(among, more=False)
    return _found(among, exact=[among.filter(pk__in=_named(wanted))], vague=[among.filter(name__words=wanted)])


def _named(text: str) -> list[UUID]:
    """Return the ids of the customers whose number, or number on any document, is `text`. Spaces and case may differ."""
    compact = "".join(text.split())
    spellings = {text, compact, text.upper(), compact.upper()}
    identified = reduce(or_, (Q(value_index__matches=spelling) for spelling in spellings))
    numbered = Customer.objects.filter(number=compact.upper()).values_list("pk", flat=True)
    return list(numbered.union(CustomerIdentifier.objects.filter(identified).values_list("customer_id", flat=True)))


def search_accounts(text: str, *, among: QuerySet[Account]) -> Found[Account]:
    """Find the accounts of `among` that `text` leads to.

    `text` is the beginning of an account number (spaces do not matter), a customer's number or a number on their documents,
    the beginnings of words of a customer's name, part of an own account's name, or the number at another system, with or
    without that system's key (`576` or `berka:576`). Each way has its index; the limit keeps a short text quick. Two queries
    are made here.
    """
    wanted, compact = text.strip(), "".join(text.split())
    if not wanted:
        return Found(among, more=False)
    elsewhere = among.alias(elsewhere=NumberElsewhere("external_reference"))
    exact = [
        among.filter(number=compact),
        among.filter(~Q(external_reference=""), external_reference=wanted),
        elsewhere.filter(~Q(external_reference=""), elsewhere=wanted),
        among.filter(customer__in=_named(wanted)),
    ]
    vague = [
        among.filter(number__startswith=compact),
        among.filter(customer__name__words=wanted),
        among.filter(customer__isnull=True, name__icontains=wanted),
    ]
    return _found(among, exact=exact, vague=vague)


def _found(
    among: QuerySet[Record], *, exact: Sequence[QuerySet[Record]], vague: Sequence[QuerySet[Record]]
) -> Found[Record]:
    """Return what the exact ways lead to, filled up from the vague ones; of each way no more than are shown. One query."""
    ranked = [(0, way) for way in exact] + [(1, way) for way in vague]
    # No order inside, and read here: else the planner walks the whole table in that order, to find ten rows or none.
    first, *others = [
        way.order_by().annotate(rank=Value(rank)).values_list("rank", "pk")[: SEARCHED_MAX + 1] for rank, way in ranked
    ]
    newest = sorted(first.union(*others), key=lambda hit: hit[1], reverse=True)
    # Of a record that several ways led to, the first stays: it is among the exact ones if any was.
    keys = list(dict.fromkeys(key for _rank, key in sorted(newest, key=lambda hit: hit[0])))
    return Found(among.filter(pk__in=keys[:SEARCHED_MAX]), more=len(keys) > SEARCHED_MAX)


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
    return {one.value.reveal(): one.customer_id for one in taken.only("value", "customer_id").iterator()}


def accounts_taken_over(source_key: str) -> dict[str, UUID]:
    """Return the ids of the accounts taken over from another bank, by that bank's account number."""
    prefix = f"{source_key}:"
    taken = Account.objects.filter(external_reference__startswith=prefix)
    return {
        reference.removeprefix(prefix): account_id
        for reference, account_id in taken.values_list("external_reference", "id")
    }
