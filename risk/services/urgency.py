"""In which order alerts are worked, and by when.

**Order.** Each point of the score counts as much as `BANKOPS_ALERT_MINUTES_PER_POINT` minutes of waiting: an alert stands in
the queue as if it had come so much earlier. With five minutes, the shipped figure, one of score 800 goes before one of score
200 that has waited for two days, and after one that has waited for three. As the place never changes with time, the
queue is an index.

**By when.** The end of the n-th business day after the one on which it was raised, by the bank's calendar
(`bankops.core.business_days`); n by priority: `BANKOPS_ALERT_DAYS`, as shipped 1 day for high, 3 for medium, 5 for low.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from bankops.core.business_days import end_of_business_day
from risk.bands import Band


def urgent_since(score: int, raised_at: datetime) -> datetime:
    """Return the place in the queue of an alert, as the moment it counts to have come."""
    return raised_at - timedelta(minutes=score * settings.BANKOPS_ALERT_MINUTES_PER_POINT)


def due_at(priority: Band, raised_at: datetime) -> datetime:
    """Return the first moment at which an alert is overdue: midnight, the bank's time, after its last business day."""
    return end_of_business_day(raised_at, settings.BANKOPS_ALERT_DAYS[priority.value])
