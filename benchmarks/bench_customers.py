"""A bank with a million customers and accounts: lists and searches, as a teller of one branch and as an auditor. Needs Django."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.http import urlencode

from accounts import chart
from accounts.models import Account, Customer, CustomerIdentifier
from bankops.core import clock
from bankops.core.actor import Actor
from benchmarks.bench_people import hire, signed_in, superuser, timed
from staff.models import Branch
from staff.roles import Role

CUSTOMERS, BRANCHES = 1_000_000, 50
_ACTOR = Actor.system("benchmark")
_FILL = Path(__file__).with_suffix(".sql")
_PASSPORT = "E12345678"


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
    """Open every list and search a few times; return the median milliseconds of each, and the most queries of any."""
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
