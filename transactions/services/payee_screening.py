"""Payees of standing orders at other banks, held against the lists: when an order names one, and whenever a list has changed.

What is to be done stands on the orders: the version of the lists that their payee was held against. A worker that is killed
leaves it to the next one. Names are compared before anything is locked, so that no payment waits for it; what came of it is
written where the order is still as it was read. A payee who cannot be held against the lists keeps nobody else waiting: it
counts as not screened, is told of, and comes again after an hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse

from bankops.core.db import transaction_required
from risk.assessment.payees import PayeeStanding
from risk.screening.listed import Lists
from risk.selectors.lists import screened_against
from risk.selectors.payees import standings
from risk.services import payees
from risk.services.payees import Compared, Payee
from risk.services.screening_delays import tell_when_late
from risk.services.screening_queue import AGAIN
from transactions.models import StandingOrder
from transactions.models.standing_order import OPEN_STATES

log = structlog.get_logger(__name__)

AT_ONCE: Final = 200
_FAULT_MAX: Final = 100


def screen_due_payees(*, now: datetime) -> int:
    """Hold the next payees against the lists, and return how many it were: 0 when none is due, or others have them.

    Raises an alert for each payee who may be somebody on a list. The new ones come first: their payments wait.
    """
    if not _due(payees.lists_now(), now).exists():
        return 0
    lists = payees.prepare()
    due = _due(lists.version, now).order_by(F("payee_lists_version").asc(nulls_first=True), "pk")
    found = {order: _compared(order, lists) for order in due[:AT_ONCE]}
    with transaction.atomic():
        orders = _still(list(found))
        failed = [order for order in orders if not _keep(order, found[order], now)]
        if failed:
            link = reverse("admin:transactions_standingorder_change", args=[failed[0].pk])
            payees.tell_failed(first=failed[0].public_id, count=len(failed), link=link, now=now)
    return len(orders)


def look_after_payees(*, now: datetime) -> bool:
    """Tell analysts of the payee who waits longest when it is too long, at most once an hour; return whether it is.

    Who could not be held against the lists does not count: that is told of already.
    """
    waiting = _due(payees.lists_now(), now).filter(payee_failure="")
    named = waiting.filter(payee_lists_version=None).order_by("payee_looked_at")
    since = [moment for moment in named.values_list("payee_looked_at", flat=True)[:1] if moment]
    late = payees.late(now)
    if late and waiting.filter(payee_lists_version__isnull=False, payee_looked_at__lt=late.before).exists():
        since.append(late.since)
    return tell_when_late(since=min(since, default=None), now=now)


@transaction_required
def payee_named(order: StandingOrder, *, is_another: bool, now: datetime) -> None:
    """Have the payee of an order, whose row is locked, held against the lists anew; the caller saves the order.

    :param is_another: not only another account of the same name. Then the alert about the one before is closed.
    """
    if is_another:
        payees.let_go(order.payee_alert, now=now)
    order.payee_lists_version, order.payee_alert = None, ""
    order.payee_looked_at, order.payee_failure = now, ""


@transaction_required
def payee_let_go(order: StandingOrder, *, now: datetime) -> None:
    """Close the alert about the payee of an order that pays nobody any more."""
    if order.state not in OPEN_STATES:
        payees.let_go(order.payee_alert, now=now)


def payee_standings(orders: Sequence[StandingOrder], *, now: datetime) -> list[PayeeStanding]:
    """Return how the payee of each order stands, in their order; five queries at most.

    One of ours is screened as the customer it is. One without a name, taken over so, cannot be. One that was held against the
    lists before they changed stands as it did, but not for longer than `screening_delays.LATE`.
    """
    named = [order for order in orders if order.payee_name]
    told = standings({order.payee_alert for order in named if order.payee_alert})
    late = _late(named, now)
    unscreened = any(one.payee_lists_version is None or one in late for one in named) and screened_against()
    waits = PayeeStanding.UNSCREENED if unscreened else PayeeStanding.CLEAR
    return [_standing(order, told.get(order.payee_alert), waits, is_late=order in late) for order in orders]


def _standing(
    order: StandingOrder, told: PayeeStanding | None, waits: PayeeStanding, *, is_late: bool
) -> PayeeStanding:
    if not order.payee_name:
        return PayeeStanding.CLEAR
    if told is PayeeStanding.CONFIRMED:
        return told
    return waits if order.payee_lists_version is None or is_late else told or PayeeStanding.CLEAR


def _late(orders: Sequence[StandingOrder], now: datetime) -> set[StandingOrder]:
    """Return the orders whose payee was held against other lists than those that are in force, too long ago."""
    held = [order for order in orders if order.payee_lists_version is not None]
    version = payees.lists_now() if held else None
    behind = [order for order in held if order.payee_lists_version != version]
    late = payees.late(now) if behind else None
    return {one for one in behind if late and (one.payee_looked_at is None or one.payee_looked_at < late.before)}


def _due(version: int, now: datetime) -> QuerySet[StandingOrder]:
    named = StandingOrder.objects.filter(state__in=OPEN_STATES, payee_name__isnull=False)
    wanted = named.filter(Q(payee_failure="") | Q(payee_looked_at__lte=now - AGAIN))
    return wanted.exclude(payee_lists_version=version)


def _compared(order: StandingOrder, lists: Lists) -> Compared | str:
    """Return whom a payee meets, or the name of the fault for which nobody can tell."""
    assert order.payee_name is not None  # it would not be due
    try:
        return payees.compare(order.payee_name.reveal(), lists)
    except Exception as broken:
        log.exception("payee_not_screened", order=order.public_id)
        return type(broken).__name__[:_FAULT_MAX]


def _still(read: Sequence[StandingOrder]) -> list[StandingOrder]:
    """Lock orders and return those that are as they were read; whoever holds one of the others changes or pays it."""
    as_read = {(order.pk, order.version, order.payee_lists_version) for order in read}
    rows = StandingOrder.objects.select_related("account__customer").filter(pk__in=[order.pk for order in read])
    locked = rows.select_for_update(of=("self",), skip_locked=True, no_key=True).order_by("pk")
    return [one for one in locked if (one.pk, one.version, one.payee_lists_version) in as_read]


def _keep(order: StandingOrder, found: Compared | str, now: datetime) -> bool:
    """Write on an order what came of its payee; return whether it could be held against the lists."""
    fault = found if isinstance(found, str) else _told(order, found, now)
    order.payee_looked_at, order.payee_failure = now, fault
    order.payee_lists_version = None if isinstance(found, str) or fault else found.lists.version
    order.save(update_fields=["payee_lists_version", "payee_alert", "payee_looked_at", "payee_failure"])
    return not fault


def _told(order: StandingOrder, found: Compared, now: datetime) -> str:
    """Raise the alert about a payee, if any; return the name of the fault for which that cannot be done, or an empty text."""
    try:
        with transaction.atomic():
            order.payee_alert = payees.raise_about(_payee(order), found, now=now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as broken:
        log.exception("payee_not_screened", order=order.public_id)
        return type(broken).__name__[:_FAULT_MAX]
    return ""


def _payee(order: StandingOrder) -> Payee:
    account = order.account
    assert order.payee_name is not None  # it would not be due
    assert account.customer is not None  # whose order it is
    name = order.payee_name.reveal()
    return Payee(order.public_id, name, account.customer.public_id, account.public_id, order.payee_alert)
