"""The dates of a standing order, and the business days on which they are paid."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, islice, takewhile

from bankops.core.business_days import OnHoliday, adjusted
from transactions.models.standing_order import StandingOrder, Unit

_WEEK = timedelta(weeks=1)
_DAY = timedelta(days=1)
_YEAR = timedelta(days=365)
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Schedule:
    """Every few weeks, or every few months on a day; see `StandingOrder` for the fields.

    A day that a month does not have is its last one, in that month only: the 31st is 28 February, and 31 March again.
    """

    first: date
    last: date | None
    every: int
    unit: Unit
    day: int | None
    on_holiday: OnHoliday

    def on_or_after(self, day: date) -> date | None:
        """Return the first date from `day` on, or None when there is none any more."""
        return next((one for one in self._near(day) if one >= day), None)

    def after(self, day: date) -> date | None:
        """Return the date that follows `day`, or None when there is none any more."""
        return self.on_or_after(day + _DAY)

    def due(self, day: date) -> date:
        """Return the business day on which the payment of `day` is made."""
        return adjusted(day, self.on_holiday)

    def next_due(self, day: date, count: int) -> list[tuple[date, date]]:
        """Return the next few dates from `day` on, each with the business day on which it is paid."""
        upcoming = (one for one in self._near(day) if one >= day)
        return [(one, self.due(one)) for one in islice(upcoming, count)]

    def payments_in_a_year(self) -> int:
        """Return how many dates there are in the year that begins with the first."""
        return sum(1 for _date in takewhile(lambda one: one < self.first + _YEAR, self._near(self.first)))

    def _near(self, day: date) -> Iterator[date]:
        """Yield the dates in order, holidays not minded, without most of those before `day`: an order may be decades old."""
        before = max(self._steps_to(day) - 2, 0)
        dates = (self._nth(number) for number in count(before))
        from_first = (one for one in dates if one >= self.first)
        return takewhile(lambda one: self.last is None or one <= self.last, from_first)

    def _steps_to(self, day: date) -> int:
        if self.unit is Unit.WEEK:
            return (day - self.first) // (_WEEK * self.every)
        return ((day.year - self.first.year) * _MONTHS + day.month - self.first.month) // self.every

    def _nth(self, number: int) -> date:
        if self.unit is Unit.WEEK:
            return self.first + _WEEK * self.every * number
        years, month = divmod(self.first.month - 1 + self.every * number, _MONTHS)
        year = self.first.year + years
        days = monthrange(year, month + 1)[1]
        return date(year, month + 1, min(self.day or self.first.day, days))


def schedule_of(order: StandingOrder) -> Schedule:
    """Return an order's schedule. One from before there were schedules has none: it has no first date yet."""
    assert order.first_date is not None
    return Schedule(
        first=order.first_date,
        last=order.last_date,
        every=order.every,
        unit=Unit(order.unit),
        day=order.day,
        on_holiday=OnHoliday(order.on_holiday),
    )
