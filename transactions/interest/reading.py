"""Reading what an account has earned."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Account
from bankops.core import money
from transactions.interest.amounts import UNITS, rate_in_percent
from transactions.models import AccruedInterest, DayCount, InterestAccrual, InterestPosting

_DAYS_SHOWN = 10
_MONTHS_SHOWN = 12
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Day:
    """A day's interest, or what a correction added to it."""

    accrual: InterestAccrual
    rate: str
    amount: str


@dataclass(frozen=True, slots=True)
class Interest:
    """What an account earns: accrued and not posted yet, its newest days, and what was posted."""

    accrued: str
    through: str
    days: list[Day]
    postings: list[InterestPosting]


def interest_of(account: Account) -> Interest | None:
    """Return what an account earns, or None where it never did. Three queries."""
    standing = AccruedInterest.objects.filter(account=account).first()
    if standing is None:
        return None
    accruals = InterestAccrual.objects.filter(account=account).order_by("-date", "-version")[:_DAYS_SHOWN]
    postings = InterestPosting.objects.filter(account=account).select_related("transaction").order_by("-month")
    return Interest(
        accrued=in_currency(standing.units, account.currency),
        through=standing.through.isoformat(),
        days=[_day(one, account.currency) for one in accruals],
        postings=list(postings[:_MONTHS_SHOWN]),
    )


def in_currency(units: int, currency: str) -> str:
    """Return units as people read them, with more decimals than money has: `12.328767 CNY`. For the eye, not for sums."""
    amount = Decimal(units) / UNITS / 10 ** money.exponent(currency)
    return f"{amount:.{_DECIMALS}f} {currency}"


def _day(accrual: InterestAccrual, currency: str) -> Day:
    rate = f"{rate_in_percent(accrual.rate)} % {DayCount(accrual.day_count).label}"
    return Day(accrual, rate, in_currency(accrual.units, currency))
