"""Links to accounts, for those who may follow them."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import numbers
from accounts.models import Account

GENERAL_LEDGER = "accounts.view_general_ledger"


def may_see(request: HttpRequest, account: Account) -> bool:
    """Tell whether the person may open an account: the bank's own are for those who may view the general ledger."""
    needed = ["accounts.view_account"] if account.is_customer_account else ["accounts.view_account", GENERAL_LEDGER]
    return request.user.has_perms(needed)


def number_link(request: HttpRequest, account: Account) -> SafeString:
    """Return the account's number, as a link where the person may follow it."""
    number = format_html('<span class="bk-number">{}</span>', numbers.display(account.number))
    if not may_see(request, account):
        return number
    return format_html(
        '<a class="bk-link" href="{}">{}</a>', reverse("admin:accounts_account_change", args=[account.pk]), number
    )


def holder(account: Account) -> str:
    """Return whose account it is: the customer's name, or that of the bank's own account. Needs `customer` loaded."""
    return account.customer.name if account.customer else account.name
