"""Keep the bank's standing orders as data. Nothing pays them."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from bankops.core import audit
from transactions import events
from transactions.bank_import.intake import in_batches
from transactions.bank_import.rows import StandingOrderRow
from transactions.bank_import.run import REFERENCE_BATCH, ImportRun
from transactions.models import StandingOrder


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
    return StandingOrder(
        account_id=account_id,
        amount=row.amount,
        currency=run.profile.currency,
        counterparty_bank=row.bank_to,
        counterparty_account=row.account_to,
        purpose=row.purpose,
        external_reference=run.profile.reference(row.id),
    )


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
