"""The chart of accounts, and the bank's own accounts under it."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from accounts import chart
from accounts.models import Account, Category, ChartLine, Product
from bankops.core.errors import UnknownCurrency
from bankops.core.models import AuditEvent
from tests.accounts.factories import NOW, TANG_LING, TODAY
from tests.committed import at_once

pytestmark = pytest.mark.django_db


def test_seeding_adds_what_is_missing_and_changes_nothing_else() -> None:
    chart.seed()
    ChartLine.objects.filter(code="1010").update(name="Tills and vaults")
    Product.objects.filter(code="SAVINGS").delete()
    assert chart.seed() == (0, 1)
    assert ChartLine.objects.get(code="1010").name == "Tills and vaults"
    call_command("seed_chart", stdout=StringIO())
    assert ChartLine.objects.count() == len(chart.SHIPPED)


def test_lines_stand_where_a_balance_sheet_has_them() -> None:
    categories = {
        "1": Category.ASSET,
        "2": Category.LIABILITY,
        "3": Category.EQUITY,
        "4": Category.INCOME,
        "5": Category.EXPENSE,
    }
    assert all(line.category == categories[line.code[0]] for line in chart.SHIPPED)
    assert [category.normal_side for category in Category] == ["D", "C", "C", "C", "D"]


def test_the_banks_own_account_is_opened_when_first_needed() -> None:
    chart.seed()
    account = chart.own_account(chart.CASH, "CNY", business_date=TODAY, actor=TANG_LING, now=NOW)
    assert (account.number, account.category, account.overdraft_limit, account.customer) == (
        "1010-CNY",
        "ASSET",
        None,
        None,
    )
    assert account.balance.available is None
    assert chart.own_account(chart.CASH, "CNY", business_date=TODAY, actor=TANG_LING, now=NOW) == account
    assert chart.own_account(chart.CASH, "JPY", business_date=TODAY, actor=TANG_LING, now=NOW) != account
    with pytest.raises(UnknownCurrency):
        chart.own_account(chart.CASH, "XXX", business_date=TODAY, actor=TANG_LING, now=NOW)


def test_two_who_need_it_first_get_the_same(committed_db: None) -> None:
    chart.seed()
    accounts = at_once(
        *[lambda: chart.own_account(chart.CASH, "CNY", business_date=TODAY, actor=TANG_LING, now=NOW) for _ in range(4)]
    )
    assert {getattr(account, "number", account) for account in accounts} == {"1010-CNY"}
    assert Account.objects.count() == 1


def test_the_first_need_of_an_own_account_is_in_the_audit_trail() -> None:
    chart.seed()
    account = chart.own_account(chart.CASH, "CNY", business_date=TODAY, actor=TANG_LING, now=NOW)
    chart.own_account(chart.CASH, "CNY", business_date=TODAY, actor=TANG_LING, now=NOW)
    event = AuditEvent.objects.get(event_type="accounts.account.opened")
    assert (event.subject_id, event.actor_id) == (account.public_id, TANG_LING.id)
