"""What somebody can do with money and the books, and what was booked last, on the page after signing in."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bankops.core.admin import home
from bankops.core.admin.extensions import Panel
from transactions.admin.sentences import sentence_of
from transactions.admin.transactions import state_badge
from transactions.visibility import visible_transactions

_SHOWN = 8
_SERVING = ("transactions.deposit", "transactions.withdraw", "transactions.transfer")


def install() -> None:
    """Bring steps and panel to the page; called once, when the admin modules are loaded."""
    home.add_steps(20, steps)
    home.add_panel(latest_transactions)


def steps(request: HttpRequest) -> Iterator[home.Step]:
    """Yield what this person may do."""
    may = request.user.has_perm
    if any(may(permission) for permission in _SERVING):
        yield home.Step(
            _("Deposit, withdraw, transfer"),
            _("Find the account; the buttons are at the top of its page."),
            reverse("admin:accounts_account_changelist"),
            "payments",
        )
    elif may("accounts.view_account"):
        yield home.Step(
            _("Look up an account"),
            _("Balance, history and statement."),
            reverse("admin:accounts_account_changelist"),
            "account_balance_wallet",
        )
    if may("transactions.reverse"):
        yield home.Step(
            _("Reverse a transaction"),
            _("Find it by reference or account number; a mistake is mirrored, never deleted."),
            reverse("admin:transactions_transaction_changelist"),
            "undo",
        )
    if may("transactions.view_trial_balance"):
        yield home.Step(
            _("Check the books"),
            _("The trial balance: do debits equal credits in every currency?"),
            reverse("admin:transactions_journalentry_trial_balance"),
            "balance",
        )
    if may("accounts.view_general_ledger"):
        yield home.Step(
            _("Read the chart of accounts"),
            _("Every line with its balance, down to the bank's own accounts."),
            reverse("admin:accounts_chartline_changelist"),
            "account_tree",
        )


def latest_transactions(request: HttpRequest) -> Panel | None:
    """Return the newest transactions for who may see them."""
    if not request.user.has_perm("transactions.view_transaction"):
        return None
    newest = visible_transactions(request.user).select_related("debit_account__customer", "credit_account__customer")
    rows = [
        {"transaction": row, "sentence": sentence_of(row), "state": state_badge(row)}
        for row in newest.order_by("-created_at", "-id")[:_SHOWN]
    ]
    return Panel(
        "transactions/latest.html", {"rows": rows, "may_deposit": request.user.has_perm("transactions.deposit")}
    )
