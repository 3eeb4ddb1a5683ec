"""A bank with savings accounts that earn interest, a day's movements and standing orders due. Needs Django."""

from __future__ import annotations

import random
import resource
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from bankops.core import clock, end_of_day, ids
from bankops.core.actor import Actor
from bankops.core.bulk_insert import refresh_statistics
from bankops.core.business_days import OnHoliday, adjusted
from bankops.core.models import EndOfDayRun
from benchmarks import bench_bank
from transactions import ledger
from transactions.models import (
    DayCount,
    InterestRate,
    JournalEntry,
    Kind,
    Posting,
    StandingOrder,
    Transaction,
    TransactionEvent,
)
from transactions.models.standing_order import Unit
from transactions.services.batches import Movement, record_batch
from transactions.services.turnover import roll_up_turnover

ORDERS = 6_471  # as many as the Berka bank has
_RATE = 15_000
_ACTOR = Actor.system("benchmark")
_BATCH = 5_000


def found(accounts: int) -> None:
    """Open the accounts with money on them, set a rate, move money on the day before the month's last, and order payments."""
    bench_bank.found(accounts)
    last = _last_of_month()
    ids = bench_bank.customer_accounts()
    InterestRate.objects.create(
        product_id="CURRENT",
        currency=bench_bank.CURRENCY,
        rate=_RATE,
        day_count=DayCount.ACT_365,
        valid_from=last - timedelta(days=1),
        created_at=clock.now(),
    )
    _move_money(ids, accounts)
    _order(ids, last)
    roll_up_turnover()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def run() -> dict[str, Any]:
    """End the day before the month's last, then the last, which posts interest; return the seconds of every step."""
    last = _last_of_month()
    ordinary = _end(last - timedelta(days=1), last)
    before = _peak_mb()
    month_end = _end(last, last)
    return {
        "ordinary_day": _seconds(ordinary),
        "month_end": _seconds(month_end),
        "counts": {row.name: row.counts for row in month_end.steps.order_by("position")},
        "peak_mb_before": before,
        "peak_mb": _peak_mb(),
    }


def _end(day: date, today: date) -> EndOfDayRun:
    run = end_of_day.run_end_of_day(business_date=day, today=today, now=clock.now)
    failed = {row.name: row.error for row in run.steps.exclude(state="DONE")}
    assert not failed, failed
    return run


def _seconds(run: EndOfDayRun) -> dict[str, float]:
    steps = {row.name: row.finished_at - row.started_at for row in run.steps.order_by("position") if row.finished_at}
    taken = {name: round(span.total_seconds(), 2) for name, span in steps.items()}
    return {**taken, "all": round(sum(taken.values()), 2)}


def _move_money(accounts: Sequence[UUID], count: int) -> None:
    chance, now = random.Random(7), clock.now()
    for first in range(0, count, _BATCH):
        drafts = bench_bank.random_transfers(chance, accounts, now=now, count=min(_BATCH, count - first))
        with transaction.atomic():
            results = ledger.post(drafts, now=now)
            moved = [
                Movement(Kind.TRANSFER, draft, result.entry_id or 0, key=ids.uuid7())  # as if assessed
                for draft, result in zip(drafts, results, strict=True)
            ]
            record_batch(moved, actor=_ACTOR, now=now)
        if first == 0:
            refresh_statistics(JournalEntry, Posting, Transaction, TransactionEvent)  # they were empty until now


def _order(accounts: Sequence[UUID], last: date) -> None:
    first = adjusted(last, OnHoliday.MODIFIED_FOLLOWING)
    orders = [
        StandingOrder(
            account_id=accounts[number % len(accounts)],
            amount=1_00,
            currency=bench_bank.CURRENCY,
            counterparty_bank="YZ",
            counterparty_account=str(number),
            unit=Unit.MONTH,
            day=first.day,
            first_date=first,
            next_date=first,
            next_due=last,
        )
        for number in range(ORDERS)
    ]
    StandingOrder.objects.bulk_create(orders, batch_size=1_000)


def _last_of_month() -> date:
    today = clock.business_date()
    return today.replace(day=monthrange(today.year, today.month)[1])


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
