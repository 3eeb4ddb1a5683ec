"""The personal data that the books keep of customers beside what moved: whom their standing orders pay at other banks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import personal_data
from accounts.models import Customer
from transactions.models import StandingOrder
from transactions.standing_orders.wording import payee_of


def register_all() -> None:
    """Make it known; called once, when the app is ready."""
    personal_data.register_part("payees", _("Payees of standing orders"), _in_clear)
    personal_data.register_section("payees", _for_export)
    personal_data.register_eraser("payees", _erase)


def _named(customer: Customer) -> QuerySet[StandingOrder]:
    orders = StandingOrder.objects.filter(account__customer=customer, payee_name__isnull=False)
    return orders.select_related("payee_account").order_by("pk")


def _in_clear(customer: Customer) -> Iterator[tuple[str, str]]:
    for order in _named(customer):
        assert order.payee_name is not None  # the others are not asked for
        yield f"{order.public_id}, {payee_of(order)}", order.payee_name.reveal()


def _for_export(customer: Customer) -> Iterator[Mapping[str, Any]]:
    for order in _named(customer):
        assert order.payee_name is not None
        yield {
            "standing_order": order.public_id,
            "name": order.payee_name.reveal(),
            "bank": order.counterparty_bank,
            "account": order.counterparty_account,
        }


def _erase(customer: Customer, _now: datetime) -> int:
    """Wipe the names. Which account was paid stays: the books must add up."""
    orders = list(_named(customer))
    for order in orders:
        order.payee_name = None
        order.save(update_fields=["payee_name"])
    return len(orders)
