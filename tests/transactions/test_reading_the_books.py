"""Statements, running balances, the trial balance, and finding a transaction."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts import chart
from accounts.models import Account
from tests.accounts.factories import NOW, TODAY, cny, make_account, own_account
from tests.transactions.factories import charge_fee, deposit, reverse, transfer, withdraw
from transactions import selectors
from transactions.models import Side, Transaction
from transactions.statements.content import statement
from transactions.statements.days import Period

pytestmark = pytest.mark.django_db

MONDAY, TUESDAY, WEDNESDAY = (TODAY + timedelta(days=days) for days in range(3))


@pytest.fixture
def li() -> Account:
    return make_account()


def of(account: Account, from_date: date, to_date: date) -> tuple[str, list[tuple[str, str]], str]:
    """Return a statement as opening, amounts with running balances, closing."""
    made = statement(account, Period(from_date, to_date), reader=AnonymousUser(), made_at=NOW)
    return str(made.opening), [(str(line.amount), str(line.balance)) for line in made.lines()], str(made.closing)


def test_a_statement_goes_from_opening_to_closing(li: Account) -> None:
    deposit(li, cny("100.00"), business_date=MONDAY)
    withdraw(li, cny("30.00"), business_date=TUESDAY)
    charge_fee(li, cny("1.00"), business_date=TUESDAY)
    deposit(li, cny("5.00"), business_date=WEDNESDAY)
    assert of(li, TUESDAY, TUESDAY) == ("100.00", [("-30.00", "70.00"), ("-1.00", "69.00")], "69.00")
    assert of(li, MONDAY, WEDNESDAY)[::2] == ("0.00", "74.00")
    assert of(li, WEDNESDAY + timedelta(1), WEDNESDAY + timedelta(9)) == ("74.00", [], "74.00")


def test_what_is_booked_back_into_the_past_stands_on_its_day(li: Account) -> None:
    """The ledger's order is that of posting; the statement's is that of booking dates, and its balances follow it."""
    deposit(li, cny("100.00"), business_date=WEDNESDAY)
    deposit(li, cny("7.00"), business_date=MONDAY)
    assert of(li, MONDAY, WEDNESDAY) == ("0.00", [("7.00", "7.00"), ("100.00", "107.00")], "107.00")
    assert of(li, TUESDAY, WEDNESDAY)[0] == "7.00"


def test_an_assets_statement_grows_on_the_debit_side(li: Account) -> None:
    deposit(li, cny("100.00"))
    withdraw(li, cny("30.00"))
    assert of(own_account(), TODAY, TODAY) == ("0.00", [("100.00", "100.00"), ("-30.00", "70.00")], "70.00")


def test_an_accounts_history_is_read_newest_first_and_page_by_page(li: Account) -> None:
    for amount in ("1.00", "2.00", "3.00"):
        deposit(li, cny(amount))
    newest = selectors.history_page(li, before=None, size=2)
    assert [(str(line.money), str(line.balance_after_money)) for line in newest] == [("3.00", "6.00"), ("2.00", "3.00")]
    assert [line.version for line in selectors.history_page(li, before=newest[-1].version, size=2)] == [1]
    assert [line.version for line in selectors.postings_of(li)] == [3, 2, 1]


def test_the_trial_balance_stands_on_both_sides_and_in_every_currency(li: Account) -> None:
    deposit(li, cny("100.00"))
    charge_fee(li, cny("10.00"))
    make_account("700", currency="JPY")
    own_account(chart.SUSPENSE)  # never used: not on the trial balance
    balance = selectors.trial_balance()
    lines = [(line.currency, line.code, str(line.debit or ""), str(line.credit or "")) for line in balance.lines]
    assert lines == [
        ("CNY", "1010", "100.00", ""),
        ("CNY", "2010", "", "90.00"),
        ("CNY", "4010", "", "10.00"),
        ("JPY", "1010", "700", ""),
        ("JPY", "2010", "", "700"),
    ]
    totals = {currency: (str(debit), str(credit)) for currency, (debit, credit) in balance.totals.items()}
    assert totals == {"CNY": ("100.00", "100.00"), "JPY": ("700", "700")}
    assert balance.balances


def test_a_line_on_its_unusual_side_is_shown_there() -> None:
    """An overdrawn customer is an asset of the bank's, whatever the chart says."""
    overdrawn = make_account(overdraft="50.00")
    withdraw(overdrawn, cny("20.00"))
    balance = selectors.trial_balance()
    assert {line.code: line.debit == cny("20.00") for line in balance.lines} == {"1010": False, "2010": True}
    assert balance.balances


def test_books_with_nothing_in_them_balance() -> None:
    assert selectors.trial_balance().balances
    assert selectors.trial_balance().lines == []


def test_an_entrys_lines_come_in_their_order_with_their_accounts(
    li: Account, django_assert_num_queries: object
) -> None:
    entry = deposit(li, cny("1.00")).entry
    assert entry
    with django_assert_num_queries(1):  # type: ignore[operator]
        lines = list(selectors.entry_lines(entry))
        assert [(line.side, line.account.number) for line in lines] == [(Side.DEBIT, "1010-CNY"), ("C", li.number)]


def test_a_transaction_is_found_by_what_people_know_of_it(li: Account) -> None:
    wang = make_account("10.00")
    rent = transfer(wang, li, cny("1.00"), narrative="Rent for March", external_reference="PO-7")
    fee = charge_fee(wang, cny("1.00"))

    def found(text: str) -> set[Transaction]:
        return set(selectors.search_transactions(text, among=Transaction.objects.all()))

    assert selectors.transaction_by_reference(f" {rent.reference.lower()} ") == rent
    assert selectors.transaction_by_reference("TR-2026-999999") is None
    assert found(rent.reference) == found("PO-7") == found("for march") == found(li.number) == {rent}
    assert found(wang.number) >= {rent, fee}
    assert found("TR-1999-000001") == found(f"{'9' * 12}") == set()


def test_a_reversal_leaves_both_lines_on_the_statement(li: Account) -> None:
    reverse(deposit(li, cny("100.00")))
    assert of(li, TODAY, TODAY) == ("0.00", [("100.00", "100.00"), ("-100.00", "0.00")], "0.00")
