"""Which postings a statement consists of, found without reading any: the turnover of the days names them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection

from accounts.models import Account

PORTION = 1000


@dataclass(frozen=True, slots=True)
class Period:
    """The booking dates of a statement, both included."""

    from_date: date
    to_date: date


@dataclass(frozen=True, slots=True)
class BookedDay:
    """What was booked on an account on one day.

    Attributes:
        debit, credit: sums in minor units.
        count: how many postings these are.
        versions: ranges of their versions, in order.

    """

    booking_date: date
    debit: int
    credit: int
    count: int
    versions: tuple[range, ...]


@dataclass(frozen=True, slots=True)
class Booked:
    """What was booked before a period, in minor units, and the days within it, in order: all as of one moment."""

    debit_before: int
    credit_before: int
    days: tuple[BookedDay, ...]

    @property
    def count(self) -> int:
        """How many postings the period has."""
        return sum(day.count for day in self.days)


def booked(account: Account, period: Period) -> Booked:
    """Return what was booked on an account, in one query and one snapshot: no posting is in the sums but not in the days."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NULL::date AS day, debit, credit, 0, '{}'::int8multirange"
            "  FROM turnover_before(%(account)s, %(from)s)"
            " UNION ALL SELECT * FROM turnover_between(%(account)s, %(from)s, %(to)s) ORDER BY day NULLS FIRST",
            {"account": account.pk, "from": period.from_date, "to": period.to_date},
        )
        (_day, debit, credit, _count, _versions), *days = cursor.fetchall()
    return Booked(
        int(debit),
        int(credit),
        tuple(
            BookedDay(day, int(debit), int(credit), count, tuple(range(each.lower, each.upper) for each in versions))
            for day, debit, credit, count, versions in days
        ),
    )


def portions(days: tuple[BookedDay, ...], size: int = PORTION) -> Iterator[list[int]]:
    """Yield the versions of the days' postings in statement order (day, then ledger order), `size` at a time."""
    portion: list[int] = []
    for day in days:
        for versions in day.versions:
            for version in versions:
                portion.append(version)
                if len(portion) == size:
                    yield portion
                    portion = []
    if portion:
        yield portion
