"""The chart of accounts and the products every bank starts with, and the bank's own account under a line of the chart.

The numbering follows the usual order of a bank's balance sheet: 1 assets, 2 liabilities, 3 equity, 4 income, 5 expenses.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext_noop as _

from accounts import events
from accounts.models import Account, AccountStatus, Balance, Category, ChartLine, Product
from bankops.core import audit, money
from bankops.core.actor import Actor


class Line(NamedTuple):
    """One line of the chart as shipped."""

    code: str
    name: str
    category: Category


CASH = Line("1010", _("Cash in hand"), Category.ASSET)
NOSTRO = Line("1020", _("Balances with other banks"), Category.ASSET)
LOANS = Line("1200", _("Loans to customers"), Category.ASSET)
CURRENT_ACCOUNTS = Line("2010", _("Customer current accounts"), Category.LIABILITY)
SAVINGS_ACCOUNTS = Line("2020", _("Customer savings accounts"), Category.LIABILITY)
CLEARING = Line("2100", _("Payments in clearing"), Category.LIABILITY)
SUSPENSE = Line("2900", _("Suspense"), Category.LIABILITY)
CAPITAL = Line("3010", _("Share capital"), Category.EQUITY)
RETAINED_EARNINGS = Line("3020", _("Retained earnings"), Category.EQUITY)
FEE_INCOME = Line("4010", _("Fee income"), Category.INCOME)
INTEREST_INCOME = Line("4020", _("Interest income"), Category.INCOME)
PENALTY_INTEREST = Line("4030", _("Penalty interest"), Category.INCOME)
INTEREST_EXPENSE = Line("5010", _("Interest paid to customers"), Category.EXPENSE)
OPERATING_EXPENSE = Line("5020", _("Operating expense"), Category.EXPENSE)

SHIPPED = (
    CASH,
    NOSTRO,
    LOANS,
    CURRENT_ACCOUNTS,
    SAVINGS_ACCOUNTS,
    CLEARING,
    SUSPENSE,
    CAPITAL,
    RETAINED_EARNINGS,
    FEE_INCOME,
    INTEREST_INCOME,
    PENALTY_INTEREST,
    INTEREST_EXPENSE,
    OPERATING_EXPENSE,
)

PRODUCTS = (("CURRENT", _("Current account"), CURRENT_ACCOUNTS), ("SAVINGS", _("Savings account"), SAVINGS_ACCOUNTS))


@transaction.atomic
def seed() -> tuple[int, int]:
    """Write the lines and products that are missing; change none that is there. Return how many of each were new."""
    lines = [ChartLine(code=line.code, name=line.name, category=line.category) for line in SHIPPED]
    products = [Product(code=code, name=name, chart_line_id=line.code) for code, name, line in PRODUCTS]
    return _add_missing(ChartLine, lines), _add_missing(Product, products)


def _add_missing(model: type[ChartLine | Product], shipped: Sequence[Any]) -> int:
    there = set(model.objects.values_list("code", flat=True))
    missing = [row for row in shipped if row.code not in there]
    model.objects.bulk_create(missing, ignore_conflicts=True)  # somebody else may add the same at this moment
    return len(missing)


def ensure_line(line: Line) -> ChartLine:
    """Return the chart's line with this code, adding it where it is missing. One that is there keeps its name and category."""
    return ChartLine.objects.get_or_create(code=line.code, defaults={"name": line.name, "category": line.category})[0]


def own_account(line: Line, currency: str, *, business_date: date, actor: Actor, now: datetime) -> Account:
    """Return the bank's own account under `line` in `currency`, opening it the first time it is needed.

    Its number is the line and the currency, for instance `1010-CNY`. It has no overdraft limit. Opening it writes
    `accounts.account.opened` in the name of `actor`, whose movement needed it.

    :raises UnknownCurrency: when ISO 4217 does not know `currency`.
    """
    money.exponent(currency)
    number = own_number(line, currency)
    existing = Account.objects.filter(number=number).first()
    return existing or _open_own_account(line, number, currency, business_date, actor, now)


def own_number(line: Line, currency: str) -> str:
    """Return the number of the bank's own account under `line` in `currency`."""
    return f"{line.code}-{currency}"


@transaction.atomic
def _open_own_account(  # noqa: PLR0917 - handed on as they came
    line: Line, number: str, currency: str, business_date: date, actor: Actor, now: datetime
) -> Account:
    account, created = Account.objects.get_or_create(
        number=number,
        defaults={
            "name": f"{line.name} {currency}",
            "category": line.category,
            "chart_line_id": line.code,
            "status": AccountStatus.ACTIVE,
            "currency": currency,
            "opened_date": business_date,
        },
    )
    if created:
        Balance.objects.create(account=account)
        subject = audit.Subject("account", account.public_id, account.number)
        facts = {"account": account.public_id, "number": number, "chart_line": line.code, "currency": currency}
        audit.record(events.ACCOUNT_OPENED, actor=actor, subject=subject, now=now, detail=facts)
    return account
