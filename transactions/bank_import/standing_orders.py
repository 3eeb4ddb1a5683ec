"""Take over the bank's standing orders: from the month after the import on they are paid here, or from the present one.

Files of other banks say whom an order pays and how much, not on which day. So each is monthly, on the first day of the
month; one without a payee's account is suspended until somebody names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Sum

from bankops.core import audit, clock
from bankops.core.business_days import OnHoliday, adjusted, is_business_day
from transactions import events
from transactions.bank_import.intake import in_batches
from transactions.bank_import.report import PaidOrders
from transactions.bank_import.rows import StandingOrderRow
from transactions.bank_import.run import REFERENCE_BATCH, ImportRun
from transactions.end_of_day import STANDING_ORDERS
from transactions.models import OrderState, StandingOrder, StandingOrderRun
from transactions.models.standing_order import RunState
from transactions.services.standing_order_runs import run_standing_orders


def take_over_standing_orders(run: ImportRun, accounts: Mapping[str, UUID]) -> None:
    """Write the orders that are not there yet, on our `accounts` by the bank's numbers. Writes `transactions.batch.imported`."""
    if not run.has("standing_orders"):
        return
    intake = run.intake("standing_orders", run.parser.standing_order)
    for rows in in_batches(intake, REFERENCE_BATCH):
        known = [row for row in rows if intake.knows_account(row, accounts)]
        created = _write(run, [_order(run, row, accounts[row.account]) for row in known])
        intake.took(created=created, already_there=len(known) - created)


def _order(run: ImportRun, row: StandingOrderRow, account_id: UUID) -> StandingOrder:
    first = _first_date(run)
    has_payee = bool(row.account_to)
    return StandingOrder(
        state=OrderState.ACTIVE if has_payee else OrderState.SUSPENDED,
        day=first.day,
        first_date=first,
        next_date=first if has_payee else None,
        next_due=adjusted(first, OnHoliday.FOLLOWING) if has_payee else None,
        account_id=account_id,
        amount=row.amount,
        currency=run.profile.currency,
        counterparty_bank=row.bank_to,
        counterparty_account=row.account_to,
        purpose=row.purpose,
        external_reference=run.profile.reference(row.id),
    )


def _first_date(run: ImportRun) -> date:
    today = clock.business_date(run.now)
    return today.replace(day=1) if run.pays_orders else (today.replace(day=28) + timedelta(days=4)).replace(day=1)


@transaction.atomic
def _write(run: ImportRun, orders: list[StandingOrder]) -> int:
    references = [order.external_reference for order in orders]
    found = StandingOrder.objects.filter(external_reference__in=references)
    there = set(found.values_list("external_reference", flat=True))
    new = [order for order in orders if order.external_reference not in there]
    if new:
        StandingOrder.objects.bulk_create(new)
        detail = {"standing_orders": len(new)}
        audit.record(events.BANK_IMPORTED, actor=run.actor, subject=run.source.subject, now=run.now, detail=detail)
    return len(new)


def pay_this_month(run: ImportRun) -> None:
    """Pay what is due of this bank's orders from the first of the present month up to today, each business day as its end would.

    What is refused is tried again on the following business days, up to today; the ends of the days to come go on from
    there. Orders that were taken over earlier begin when they were told to. The report gets the numbers. The caller holds
    the lock of the end of the day.
    """
    today = clock.business_date(run.now)
    first, ours = today.replace(day=1), run.profile.reference("")
    for number in range((today - first).days + 1):
        day = first + timedelta(days=number)
        if is_business_day(day):
            run_standing_orders(business_date=day, actor=STANDING_ORDERS, now=run.now, reference_start=ours)
    run.report.paid_orders = _what_became(run, first, today)


def _what_became(run: ImportRun, first: date, today: date) -> PaidOrders:
    orders = StandingOrderRun.objects.filter(order__external_reference__startswith=run.profile.reference(""))
    told = PaidOrders(first, today)
    found = orders.filter(date__gte=first, date__lte=today).values_list("state", "refusal")
    for state, refusal, count, amount in found.annotate(Count("pk"), Sum("order__amount")):
        told.add(RunState(state), refusal, count, amount)
    return told
