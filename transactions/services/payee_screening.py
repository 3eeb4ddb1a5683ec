"""Payees of standing orders at other banks, held against the lists: when an order names one, and whenever a list has changed.

What is to be done stands on the orders: the version of the lists that their payee was held against. A worker that is killed
leaves it to the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from risk.assessment.payees import PayeeStanding
from risk.selectors.lists import screened_against
from risk.selectors.payees import standings
from risk.services import payees
from risk.services.payees import Payee
from transactions.models import StandingOrder
from transactions.models.standing_order import OPEN_STATES

AT_ONCE: Final = 200


def screen_due_payees(*, now: datetime) -> int:
    """Hold the next payees against the lists, and return how many it were: 0 when none is due, or others have them.

    Locks the orders. Raises an alert for each payee who may be somebody on a list.
    """
    if not _due(payees.lists_now()).exists():
        return 0
    version = payees.prepare()
    with transaction.atomic():
        locked = _due(version).select_for_update(of=("self",), skip_locked=True, no_key=True)
        orders = list(locked.select_related("account__customer").order_by("pk")[:AT_ONCE])
        for order in orders:
            order.payee_lists_version, order.payee_alert = payees.screen(_payee(order), now=now)
            order.save(update_fields=["payee_lists_version", "payee_alert"])
    return len(orders)


def payee_standings(orders: Sequence[StandingOrder]) -> list[PayeeStanding]:
    """Return how the payee of each order stands, in their order; two queries at most.

    One of ours is screened as the customer it is. One without a name, taken over so, cannot be.
    """
    named = [order for order in orders if order.payee_name]
    told = standings({order.payee_alert for order in named if order.payee_alert})
    fresh = any(order.payee_lists_version is None for order in named)
    unscreened = PayeeStanding.UNSCREENED if fresh and screened_against() else PayeeStanding.CLEAR
    return [_standing(order, told.get(order.payee_alert), unscreened) for order in orders]


def _standing(order: StandingOrder, told: PayeeStanding | None, unscreened: PayeeStanding) -> PayeeStanding:
    if not order.payee_name:
        return PayeeStanding.CLEAR
    if order.payee_lists_version is None:
        return unscreened
    return told or PayeeStanding.CLEAR


def _due(version: int) -> QuerySet[StandingOrder]:
    named = StandingOrder.objects.filter(state__in=OPEN_STATES, payee_name__isnull=False)
    return named.exclude(payee_lists_version=version)


def _payee(order: StandingOrder) -> Payee:
    account = order.account
    assert order.payee_name is not None  # it would not be due
    assert account.customer is not None  # whose order it is
    return Payee(order.public_id, order.payee_name.reveal(), account.customer.public_id, account.public_id)
