"""What an account's page shows of the books: its postings with the running balance, holds and standing orders."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.models import Account
from bankops.core.admin.extensions import Panel
from transactions import selectors
from transactions.admin.standing_orders import state_badge
from transactions.models import Side
from transactions.standing_orders.wording import payee_of

PAGE_SIZE = 50
_ORDERS_SHOWN = 50
_HOLDS_SHOWN = 50


def posting_history(request: HttpRequest, account: Account) -> Panel | None:
    """Return a page of postings, newest first, in a constant number of queries however long the history is.

    `?before=` is the version that the page begins below. Versions have no gaps, so the page of newer postings is known
    without looking.
    """
    if not request.user.has_perm("transactions.view_transaction"):
        return None
    before = _version(request.GET.get("before", ""))
    postings = selectors.history_page(account, before=before, size=PAGE_SIZE + 1)
    shown = postings[:PAGE_SIZE]
    content: dict[str, Any] = {
        "postings": shown,
        "debit": Side.DEBIT,
        "is_newest": before is None,
        "newer": shown[0].version + PAGE_SIZE + 1 if before and shown else None,
        "older": shown[-1].version if len(postings) > PAGE_SIZE else None,
    }
    return Panel("transactions/posting_history.html", content)


def holds(request: HttpRequest, account: Account) -> Panel | None:
    """Return what is held on the account now and for what, or nothing where nothing is."""
    if not account.balance.held or not request.user.has_perm("transactions.view_transaction"):
        return None
    return Panel("transactions/holds.html", {"holds": list(selectors.pending_holds(account)[:_HOLDS_SHOWN])})


def standing_orders(request: HttpRequest, account: Account) -> Panel | None:
    """Return the account's standing orders, or nothing where it has none."""
    if not request.user.has_perm("transactions.view_standingorder"):
        return None
    orders = account.standing_orders.select_related("payee_account").order_by("external_reference", "id")
    rows = [{"order": order, "state": state_badge(order), "payee": payee_of(order)} for order in orders[:_ORDERS_SHOWN]]
    return Panel("transactions/standing_orders.html", {"rows": rows}) if rows else None


def _version(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
