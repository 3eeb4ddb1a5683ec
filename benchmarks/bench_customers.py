"""A bank with a million customers and accounts: lists and searches, as a teller of one branch and as an auditor. Needs Django."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.http import urlencode

from accounts import chart
from accounts.access import visible_accounts, visible_customers
from accounts.models import Account, Customer, CustomerIdentifier
from accounts.selectors import Found, search_accounts, search_customers
from bankops.core import clock
from bankops.core.actor import Actor
from benchmarks.bench_people import hire, people, signed_in, superuser, timed
from staff.models import Branch
from staff.roles import Role

CUSTOMERS, BRANCHES = 1_000_000, 50
_ACTOR = Actor.system("benchmark")
_FILL = Path(__file__).with_suffix(".sql")
_PASSPORT = "E12345678"
_NAMES = ("W", "Wang", "Wang Fang", "Wang Fang 12", "Nobody")
_SHOWN = 50


def found() -> None:
    """Fill in customers, identity cards, accounts; one passport is really sealed, to be looked for."""
    call_command("sync_roles", verbosity=0)
    chart.seed()
    with superuser() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in _FILL.read_text().split(";\n"):
            cursor.execute(statement, {"customers": CUSTOMERS, "branches": BRANCHES})
    known = CustomerIdentifier.objects.only("id", "value", "value_index")[CUSTOMERS // 2]
    known.value = _PASSPORT
    known.save(update_fields=["value", "value_index"])
    with superuser() as cursor:
        cursor.execute("VACUUM ANALYZE")
    branch = Branch.objects.order_by("code")[0]
    for role in (Role.TELLER, Role.AUDITOR):
        hire(role, 1, branch=branch, actor=_ACTOR, now=clock.now())


def read(rounds: int) -> dict[str, Any]:
    """Open every list, and that of every search, a few times; return the median milliseconds of each, and the most queries."""
    figures: dict[str, Any] = {}
    queries: list[int] = []
    for role in (Role.TELLER, Role.AUDITOR):
        client = signed_in(role)
        for name, url in _views().items():
            view = partial(_get, client, url)
            figures[f"{role.value}_{name}"] = timed(view, rounds)
            with CaptureQueriesContext(connection) as captured:
                view()
            queries.append(len(captured))
    return {**figures, "queries_max": max(queries)}


def search(rounds: int) -> dict[str, Any]:
    """Search as a teller and as an auditor, and read what a page shows; return the median milliseconds of each search.

    Short beginnings lead to most customers; what a teller finds of a name is almost all in other branches.
    """
    account = Account.objects.filter(customer__isnull=False, is_confidential=False).order_by("-id")[0]
    customer = Customer.objects.get(accounts=account)
    figures: dict[str, Any] = {}
    for role in (Role.TELLER, Role.AUDITOR):
        user = people(role)[0]
        for text in (customer.number, _PASSPORT, *_NAMES):
            look = partial(_find, search_customers, text, visible_customers(user))
            figures[f"{role.value}_customers_{text}"] = timed(look, rounds)
        for text in (account.number, account.number[:6], *_NAMES):
            look = partial(_find, search_accounts, text, visible_accounts(user))
            figures[f"{role.value}_accounts_{text}"] = timed(look, rounds)
    return figures


def _views() -> dict[str, str]:
    customers, accounts = (reverse(f"admin:accounts_{noun}_changelist") for noun in ("customer", "account"))
    account = Account.objects.filter(customer__isnull=False, is_confidential=False).order_by("-id")[0]
    customer = Customer.objects.get(accounts=account)
    return {
        "list_customers": customers,
        "list_accounts": accounts,
        "search_customer_number": _asking(customers, customer.number),
        "search_identifier": _asking(customers, _PASSPORT),
        "search_name_prefix": _asking(customers, "Wang Fang 12"),
        "search_account_number": _asking(accounts, account.number),
        "search_holder_prefix": _asking(accounts, "Wang Fang 12"),
    }


def _asking(url: str, text: str) -> str:
    return f"{url}?{urlencode({'q': text})}"


def _get(client: Any, url: str) -> None:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)


def _find(search: Callable[..., Found[Any]], text: str, among: QuerySet[Any]) -> None:
    list(search(text, among=among).records.order_by("-pk")[:_SHOWN])
