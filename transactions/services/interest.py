"""Interest on savings: set a rate, and let every day accrue. docs/end-of-day.md.

What accrues is exact and by booking date: a day earns on the ledger balance at its end. What is booked later for a day that
had its interest is made good by the next run, with one more row for that day. Posting is `interest_posting`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Min

from accounts.models import Product
from bankops.core import audit, money, operations
from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from transactions import events
from transactions import interest as arithmetic
from transactions.interest import errors
from transactions.interest.amounts import rate_in_percent
from transactions.models import AccruedInterest, DayCount, InterestRate

_SQL = Path(arithmetic.__file__).parent
_DAY = timedelta(days=1)


class Accrued(NamedTuple):
    """What a run did: days it looked at, accounts that earned on them (each day counted), and corrected days of accounts."""

    days: int
    earned: int
    corrected: int


@operations.only_through_gate("transactions.set_interest_rate")
@transaction.atomic
def set_interest_rate(
    *,
    product: Product,
    currency: str,
    rate: int,
    day_count: DayCount,
    valid_from: date,
    reason: str,
    actor: Actor,
    now: datetime,
    business_date: date,
) -> InterestRate:
    """Let a product pay `rate` in a currency from a day on. Writes `transactions.interest_rate.set`.

    :param rate: millionths per year.
    :raises ConsentRequired: when the gate is not carrying it out.
    :raises RateInThePast: when `valid_from` is before the business date, or interest of that day has accrued.
    :raises RateExists: when the product has a rate from that day already.
    :raises UnknownCurrency: when ISO 4217 does not know it.
    """
    money.exponent(currency)
    check_rate_day(product.pk, currency, valid_from, business_date=business_date)
    row = InterestRate(
        product=product, currency=currency, rate=rate, day_count=day_count, valid_from=valid_from, created_at=now
    )
    before = rate_on(product.pk, currency, valid_from)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise errors.RateExists(product=product.pk, currency=currency, valid_from=valid_from) from None
    audit.record(
        events.INTEREST_RATE_SET,
        actor=actor,
        subject=subject_of(row),
        now=now,
        reason=reason,
        changes={"rate": (_words(before), _words(row))},
        detail={"product": product.pk, "currency": currency, "valid_from": valid_from.isoformat()},
    )
    return row


def check_rate_day(product_code: str, currency: str, valid_from: date, *, business_date: date) -> None:
    """Refuse a day from which no rate can be set any more.

    :raises RateInThePast: when it is before the business date, or interest of that day has accrued.
    :raises RateExists: when there is a rate from that day already.
    """
    last = _last_accrued()
    first = max(business_date, last + _DAY) if last else business_date
    if valid_from < first:
        raise errors.RateInThePast(valid_from=valid_from.isoformat(), first=first.isoformat())
    if InterestRate.objects.filter(product=product_code, currency=currency, valid_from=valid_from).exists():
        raise errors.RateExists(product=product_code, currency=currency, valid_from=valid_from.isoformat())


def rate_on(product_code: str, currency: str, day: date) -> InterestRate | None:
    """Return the rate of a product and currency on a day, or None while it pays nothing."""
    rates = InterestRate.objects.filter(product=product_code, currency=currency, valid_from__lte=day)
    return rates.order_by("-valid_from").first()


def subject_of(row: InterestRate) -> audit.Subject:
    """Return how the audit trail names a rate."""
    return audit.Subject("interest_rate", row.public_id, f"{row.product_id} {row.currency} {row.valid_from}")


def accrue_interest(*, business_date: date) -> Accrued:
    """Let every day up to `business_date` that has not accrued yet do so, for all accounts, oldest first.

    Each day is one database transaction: it accrues for all accounts or for none. Run again, it finds nothing to do but
    what was booked for earlier days in the meantime.
    """
    days = _days_up_to(business_date)
    done = [_accrue(day, run_date=business_date) for day in days]
    return Accrued(
        days=len(days),
        earned=sum(earned for earned, _corrected in done),
        corrected=sum(corrected for _earned, corrected in done),
    )


def _days_up_to(business_date: date) -> list[date]:
    """Return the days to accrue: after the last one that has, or from the first rate on; at least `business_date`.

    That one may have accrued already and still bring corrections of earlier days.
    """
    last = _last_accrued()
    beginning = InterestRate.objects.aggregate(first=Min("valid_from"))["first"] or business_date
    first = min(last + _DAY if last else beginning, business_date)
    return [first + _DAY * count for count in range((business_date - first).days + 1)]


def _last_accrued() -> date | None:
    last: date | None = AccruedInterest.objects.aggregate(last=Max("through"))["last"]
    return last


@transaction.atomic
def _accrue(day: date, *, run_date: date) -> tuple[int, int]:
    _one_view()
    corrected = _count("correct_days.sql", day, run_date)
    return _count("accrue_day.sql", day, run_date), corrected


@transaction_required
def _one_view() -> None:
    """Let both statements of a day read the same books: a posting that comes between them must not be lost to both."""
    if len(connection.atomic_blocks) == 1:  # inside another transaction, as in a test, they read what that one sees
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _count(name: str, day: date, run_date: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_statement(name), {"day": day, "run_date": run_date})
        return int(cursor.fetchone()[0])


@cache
def _statement(name: str) -> str:
    balance = (_SQL / "balance_at_end_of.sql").read_text()
    return (_SQL / name).read_text().replace("{balance_at_end_of}", balance)


def _words(rate: InterestRate | None) -> str:
    return f"{rate_in_percent(rate.rate)} % {DayCount(rate.day_count).value}" if rate else ""
