"""An account's history and statement: on the page, and as a file that no spreadsheet executes."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from bankops.core import clock
from staff.models import User
from tests.accounts.factories import cny, make_account, make_customer
from tests.desk import address, words
from tests.personas import SignIn
from tests.transactions.factories import deposit, withdraw
from transactions.admin import account_panels, statement

pytestmark = pytest.mark.django_db

MARCH, APRIL = date(2026, 3, 2), date(2026, 4, 7)
SPRING = {"from_date": "2026-03-01", "to_date": "2026-04-30"}


@pytest.fixture
def desk(signed_in_client: SignIn, customer_service: User) -> Client:
    """Somebody who reads and moves nothing."""
    return signed_in_client(customer_service)


@pytest.fixture
def account() -> Account:
    return make_account(customer=make_customer("Li Hua"))


def rows_of(response: Any) -> list[list[str]]:
    content = b"".join(response.streaming_content).decode()
    assert content.startswith("\ufeff")
    return list(csv.reader(io.StringIO(content[1:], newline="")))


def test_a_statement_runs_from_its_opening_to_its_closing_balance(desk: Client, account: Account) -> None:
    deposit(account, cny("100.00"), business_date=MARCH, narrative="March wages")
    deposit(account, cny("50.00"), business_date=APRIL, narrative="April wages")
    withdraw(account, cny("30.00"), business_date=APRIL, narrative="Rent")
    page = words(desk.get(address(account, "statement"), {"from_date": "2026-04-01", "to_date": "2026-04-30"}))
    assert "2026-04-01 to 2026-04-30" in page
    assert "Opening balance CNY 100.00" in page
    assert "April wages CNY 50.00 CNY 150.00" in page
    assert "Rent -CNY 30.00 CNY 120.00" in page
    assert "Closing balance CNY 120.00" in page
    assert "March wages" not in page


def test_both_ends_of_the_period_are_included(desk: Client, account: Account) -> None:
    for day in (date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 30), date(2026, 5, 1)):
        deposit(account, cny("1.00"), business_date=day, narrative=f"on {day}")
    page = words(desk.get(address(account, "statement"), {"from_date": "2026-04-01", "to_date": "2026-04-30"}))
    assert [day for day in ("03-31", "04-01", "04-30", "05-01") if f"on 2026-{day}" in page] == ["04-01", "04-30"]
    assert "Opening balance CNY 1.00" in page
    assert "Closing balance CNY 3.00" in page


def test_without_a_period_it_is_this_month(desk: Client, account: Account) -> None:
    today = clock.business_date()
    deposit(account, cny("7.00"), business_date=today.replace(day=1) - timedelta(days=1), narrative="before")
    deposit(account, cny("8.00"), business_date=today, narrative="now")
    page = words(desk.get(address(account, "statement")))
    assert f"{today.replace(day=1)} to {today}" in page
    assert "now CNY 8.00 CNY 15.00" in page
    assert "before CNY" not in page


def test_an_empty_period_says_when_the_last_booking_was(desk: Client, account: Account) -> None:
    url, empty = address(account, "statement"), {"from_date": "2020-01-01", "to_date": "2020-01-31"}
    assert "No bookings in this period." in words(desk.get(url, empty))
    deposit(account, cny("1.00"), business_date=MARCH)
    assert "The latest one is of 2026-03-02." in words(desk.get(url, empty))


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ({"from_date": "2026-05-01", "to_date": "2026-04-01"}, "The period ends before it begins."),
        ({"from_date": "soon", "to_date": "2026-04-01"}, "Enter a valid date."),
        ({"from_date": "", "to_date": ""}, "This field is required."),
    ],
)
@pytest.mark.parametrize("form", ["html", "csv"])
def test_a_period_that_is_none_is_refused(
    desk: Client, account: Account, period: dict[str, str], said: str, form: str
) -> None:
    answer = desk.get(address(account, "statement"), {**period, "format": form})
    assert answer.status_code == 422
    assert said in words(answer)


def test_the_file_has_every_booking_and_both_balances(desk: Client, account: Account) -> None:
    first = deposit(account, cny("100.00"), business_date=MARCH, narrative="工资")
    second = withdraw(account, cny("30.00"), business_date=APRIL, narrative="")
    answer = desk.get(address(account, "statement"), {**SPRING, "format": "csv"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert f"statement-{account.number}-20260301-20260430.csv" in answer["Content-Disposition"]
    assert answer.streaming
    assert rows_of(answer)[1:] == [
        [
            *("Booking date", "Value date", "Reference", "Narrative"),
            *("Counterparty", "Counterparty account", "Amount", "Balance"),
        ],
        ["2026-03-01", "", "", "Opening balance", "", "", "", "0.00"],
        ["2026-03-02", "2026-03-02", first.reference, "工资", "", "", "100.00", "100.00"],
        ["2026-04-07", "2026-04-07", second.reference, "withdrawal", "", "", "-30.00", "70.00"],
        ["2026-04-30", "", "", "Closing balance", "", "", "", "70.00"],
    ]


@pytest.mark.parametrize(
    "attack", ["=cmd|' /C calc'!A0", "@SUM(1+1)", "+1", "-2+3", "\t=1", '=HYPERLINK("http://x","y")']
)
def test_what_a_customer_wrote_is_text_in_the_file(desk: Client, attack: str) -> None:
    account = make_account(customer=make_customer(f"={attack.strip()}"))
    deposit(account, cny("1.00"), business_date=MARCH, narrative=attack)
    rows = rows_of(desk.get(address(account, "statement"), {**SPRING, "format": "csv"}))
    narrative, holder = rows[3][3], rows[0][2]
    assert narrative == ("+1" if attack == "+1" else f"'{attack}")
    assert holder.startswith("'=")


def test_a_long_period_says_that_it_is_cut_and_still_closes_right(
    desk: Client, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement, "LINES_SHOWN", 2)
    for _number in range(4):
        deposit(account, cny("1.00"), business_date=MARCH)
    page = words(desk.get(address(account, "statement"), SPRING))
    assert "Only the first 2 of 4 bookings are shown here." in page
    assert "Closing balance CNY 4.00" in page
    assert len(rows_of(desk.get(address(account, "statement"), {**SPRING, "format": "csv"}))) == 3 + 4 + 1


# -- The history on the account's page -------------------------------------------------------------------------------


def test_the_history_is_paged_without_losing_or_repeating_a_booking(
    desk: Client, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_panels, "PAGE_SIZE", 3)
    made = [deposit(account, cny(f"{number}.00"), business_date=MARCH).reference for number in range(1, 9)]

    def shown(query: dict[str, Any]) -> list[str]:
        page = words(desk.get(address(account), query))
        return [reference for reference in reversed(made) if reference in page]

    newest, middle, oldest = shown({}), shown({"before": 6}), shown({"before": 3})
    assert newest + middle + oldest == list(reversed(made))
    first = desk.get(address(account)).content.decode()
    assert 'href="?before=6#history-heading" rel="next"' in first
    assert 'rel="prev"' not in first
    second = desk.get(address(account), {"before": 6}).content.decode()
    assert 'href="?before=9#history-heading" rel="prev"' in second
    assert 'href="?before=3#history-heading" rel="next"' in second
    assert 'rel="next"' not in desk.get(address(account), {"before": 3}).content.decode()


@pytest.mark.parametrize("before", ["1", "x", "-1", "9" * 30, "٣", "1; DROP TABLE"])
def test_a_place_in_the_history_that_does_not_exist_does_no_harm(desk: Client, account: Account, before: str) -> None:
    deposit(account, cny("1.00"))
    assert desk.get(address(account), {"before": before}).status_code == 200


def test_the_history_shows_the_running_balance(desk: Client, account: Account) -> None:
    deposit(account, cny("100.00"), business_date=MARCH, narrative="Wages")
    withdraw(account, cny("30.00"), business_date=APRIL, narrative="Rent")
    page = words(desk.get(address(account)))
    assert "Rent CNY 30.00 CNY 70.00" in page
    assert "Wages CNY 100.00 CNY 100.00" in page
    assert page.index("Rent") < page.index("Wages")
