"""What somebody can do with customers and accounts, on the page after signing in."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bankops.core.admin import home


def install() -> None:
    """Bring the steps to the page; called once, when the admin modules are loaded."""
    home.add_steps(10, steps)


def steps(request: HttpRequest) -> Iterator[home.Step]:
    """Yield what this person may do, in the order of a customer's first day."""
    may = request.user.has_perm
    if may("accounts.register_customer"):
        yield home.Step(
            _("Register a customer"),
            _("Name and document. Their first account is opened on the page that follows."),
            reverse("admin:accounts_customer_register_customer"),
            "person_add",
        )
    if may("accounts.view_customer"):
        yield home.Step(
            _("Find a customer"),
            _("By name, customer number or identity number: accounts, balances, what happened."),
            reverse("admin:accounts_customer_changelist"),
            "person_search",
        )
