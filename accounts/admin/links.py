"""Links to accounts, for those who may follow them."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import access, numbers
from accounts.models import Account


def may_see(request: HttpRequest, account: Account) -> bool:
    """Tell whether the person at the keyboard may open an account."""
    return access.may_see(request.user, account)


def number_link(request: HttpRequest, account: Account) -> SafeString:
    """Return the account's number, as a link where the person may follow it."""
    number = format_html('<span class="bk-number">{}</span>', numbers.display(account.number))
    if not may_see(request, account):
        return number
    return format_html(
        '<a class="bk-link" href="{}">{}</a>', reverse("admin:accounts_account_change", args=[account.pk]), number
    )


def holder(request: HttpRequest, account: Account) -> str:
    """Return whose account it is, in words this person may read. Needs `customer` loaded."""
    return access.holder(request.user, account)
