"""The daily report of duplicates, kept: a day is written when it ends, and again until nothing of it is open."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction

from transactions.duplicates.day import bounds, day
from transactions.models import DuplicateDayReport


@transaction.atomic
def report_duplicates(*, business_date: date, now: datetime) -> DuplicateDayReport:
    """Keep the figures of a business day as they are now, and of every earlier day that was still open; return the day's.

    A day stays open until it is over and nothing of it is held back. Called again it writes the same rows.
    """
    still_open = DuplicateDayReport.objects.filter(is_settled=False, business_date__lt=business_date)
    for earlier in still_open.order_by("business_date").values_list("business_date", flat=True):
        _keep(earlier, now)
    return _keep(business_date, now)


def _keep(business_date: date, now: datetime) -> DuplicateDayReport:
    figures = day(business_date)
    settled = now >= bounds(business_date)[1] and not figures.total.still_held
    kept, _created = DuplicateDayReport.objects.update_or_create(
        business_date=business_date,
        defaults={
            **asdict(figures.total),
            "lines": [line.as_json() for line in figures.lines],
            "is_settled": settled,
            "made_at": now,
        },
    )
    return kept
