"""The daily report of risk, kept when a day ends, and again for days that were kept before they were over."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from bankops.core import clock
from risk.models import RiskDayReport
from risk.selectors import day_report


@transaction.atomic
def report_day(*, business_date: date, now: datetime) -> RiskDayReport:
    """Keep the figures of a business day, and of every earlier one that was kept before it was over; return the day's.

    Called again it writes the same rows.
    """
    unsettled = RiskDayReport.objects.filter(is_settled=False, business_date__lt=business_date)
    for earlier in unsettled.order_by("business_date").values_list("business_date", flat=True):
        _keep(earlier, now)
    return _keep(business_date, now)


def _keep(business_date: date, now: datetime) -> RiskDayReport:
    settled = day_report.is_over(business_date, clock.business_date(now))
    kept, _created = RiskDayReport.objects.update_or_create(
        business_date=business_date,
        defaults={**day_report.figures(business_date).columns(), "is_settled": settled, "made_at": now},
    )
    return kept
