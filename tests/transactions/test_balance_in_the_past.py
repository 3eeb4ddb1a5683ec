"""Any balance of the past: by booking date, however the history came about, and at a moment, as the ledger had it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account
from bankops.core.money import Money
from staff.models import User
from tests.accounts.factories import NOW, TODAY, cny, make_account
from tests.desk import address, words
from tests.personas import SignIn
from tests.properties import examples
from tests.transactions.factories import credit, debit, deposit, withdraw
from transactions import ledger, selectors, services, verification
from transactions.ledger import EntryDraft
from transactions.models import DayTurnover, RolledUp

pytestmark = pytest.mark.django_db

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


Pair = tuple[Account, Account]


@pytest.fixture
def pair() -> Pair:
    """Two accounts without postings; every example of a property begins with them as they are."""
    return make_account(), make_account()


def booked(account: Account, other: Account, amount: int, day: date) -> EntryDraft:
    """Return an entry that raises the account by `amount` (lowers it when negative), whatever is on it."""
    money = Money(abs(amount), "CNY")
    sides = (
        (debit(other, money), credit(account, money)) if amount > 0 else (debit(account, money), credit(other, money))
    )
    return EntryDraft(sides, booking_date=day, value_date=day, description="test", enforce_limits=False)


# -- By booking date --------------------------------------------------------------------------------------------------

DAYS = st.integers(0, 12)
BOOKINGS = st.lists(
    st.tuples(st.sampled_from(["post", "post", "post", "roll up"]), st.integers(1, 500), st.booleans(), DAYS),
    max_size=25,
)


@examples(40)
@given(history=BOOKINGS)
def test_it_is_the_sum_of_what_was_booked_before_whenever_it_was_added_up(
    pair: Pair, history: list[tuple[str, int, bool, int]]
) -> None:
    """Back-dated or not, rolled up or not, the balance is what adding up the whole history gives."""
    account, other = pair
    with transaction.atomic():
        known: list[tuple[date, int]] = []
        for what, amount, grows, ago in history:
            if what == "roll up":
                services.roll_up_turnover()
                continue
            day, signed = TODAY - timedelta(days=ago), amount if grows else -amount
            ledger.post([booked(account, other, signed, day)], now=NOW)
            known.append((day, signed))
        for day in (TODAY + timedelta(days=1), *(TODAY - timedelta(days=ago) for ago in range(14))):
            assert selectors.balance_before(account, day).minor == sum(amount for when, amount in known if when < day)
            assert selectors.balance_before(other, day).minor == -sum(amount for when, amount in known if when < day)
        transaction.set_rollback(True)


def test_a_roll_up_adds_each_posting_once() -> None:
    account = make_account("100.00")
    assert services.roll_up_turnover().postings == 2
    assert services.roll_up_turnover() == services.turnover.RolledUpNow(0, 0)
    withdraw(account, cny("30.00"), business_date=TODAY - timedelta(days=3))
    deposit(account, cny("1.00"))
    done = services.roll_up_turnover(accounts_at_once=1)
    assert (done.accounts, done.postings) == (2, 4)
    rows = DayTurnover.objects.filter(account=account).order_by("booking_date")
    assert [(row.booking_date, row.debit, row.credit, row.postings) for row in rows] == [
        (TODAY - timedelta(days=3), 3000, 0, 1),
        (TODAY, 0, 10100, 2),
    ]
    assert RolledUp.objects.get(account=account).through_version == 3


def test_reading_does_not_wait_for_the_roll_up() -> None:
    account = make_account("100.00")
    services.roll_up_turnover()
    deposit(account, cny("5.00"))
    assert selectors.balance_before(account, TODAY + timedelta(days=1)) == cny("105.00")
    assert selectors.balance_before(account, TODAY) == cny("0.00")


def test_more_than_a_column_of_money_holds_is_turned_over_in_a_day() -> None:
    """Four times the most one posting can be: a sum of 64 bits would overflow."""
    account, other = make_account(), make_account()
    most = 4 * 10**18
    for amount in (most, -most) * 2 + (most,):
        ledger.post([booked(account, other, amount, TODAY)], now=NOW)
    services.roll_up_turnover()
    row = DayTurnover.objects.get(account=account)
    assert (row.credit, row.debit) == (3 * most, 2 * most)
    assert selectors.balance_before(account, TODAY + timedelta(days=1)).minor == most


def test_the_books_are_checked_against_the_sums() -> None:
    account = make_account("100.00")
    services.roll_up_turnover()
    assert fault_count("turnover_matches_postings") == 0
    deposit(account, cny("1.00"))
    assert fault_count("turnover_matches_postings") == 0, "what is not added up yet is no fault"
    DayTurnover.objects.filter(account=account).update(credit=9900)
    assert fault_count("turnover_matches_postings") == 1
    services.roll_up_turnover_afresh()
    assert fault_count("turnover_matches_postings") == 0
    assert DayTurnover.objects.get(account=account).credit == 10100


@pytest.mark.parametrize(
    "falsify",
    [
        "UPDATE transactions_dayturnover SET versions = '{[1,3)}'",
        "UPDATE transactions_dayturnover SET booking_date = booking_date - 1",
        "UPDATE transactions_rolledup SET through_version = 0",
        "UPDATE transactions_rolledup SET through_version = 9",
        "DELETE FROM transactions_dayturnover",
    ],
)
def test_no_false_sum_goes_unnoticed(falsify: str) -> None:
    make_account("100.00")
    services.roll_up_turnover()
    with connection.cursor() as cursor:
        cursor.execute(falsify)
    assert fault_count("turnover_matches_postings") > 0


def fault_count(code: str) -> int:
    found = {outcome.check.code: outcome for outcome in verification.verify_books().outcomes}
    return found[code].fault_count


# -- At a moment ------------------------------------------------------------------------------------------------------


def ledger_order(account: Account) -> Iterator[tuple[Any, int]]:
    for posting in account.postings.select_related("entry").order_by("version"):
        yield posting.entry.posted_at, posting.balance_after


def brute_force(account: Account, moment: Any) -> int:
    """Return the balance before the first posting, in ledger order, that was posted later: everything is read."""
    standing = 0
    for posted_at, balance in ledger_order(account):
        if posted_at > moment:
            break
        standing = balance
    return standing


@examples(40)
@given(
    steps=st.lists(st.tuples(st.integers(-400, 400).filter(bool), st.integers(-59, 200)), max_size=30),
    asked=st.lists(st.integers(-100, 4000), min_size=1, max_size=10),
)
def test_it_is_what_reading_the_whole_ledger_gives(pair: Pair, steps: list[tuple[int, int]], asked: list[int]) -> None:
    """Times rise with the versions but for crossings of up to a minute, as callers who wait for each other make them."""
    account, other = pair
    with transaction.atomic():
        latest = 0
        for amount, later in steps:
            ledger.post([booked(account, other, amount, TODAY)], now=NOW + (latest + later) * SECOND)
            latest = max(latest, latest + later)
        for seconds in (*asked, *accumulate(later for _amount, later in steps)):
            moment = NOW + seconds * SECOND
            assert selectors.balance_at(account, moment).minor == brute_force(account, moment)
            assert selectors.balance_at(other, moment).minor == brute_force(other, moment)
        transaction.set_rollback(True)


def test_of_two_whose_times_cross_the_ledger_decides() -> None:
    """The second booking's caller read the clock first and waited: the balance between their times never stood."""
    account = make_account()
    deposit(account, cny("100.00"), now=NOW + 2 * SECOND)
    deposit(account, cny("7.00"), now=NOW + SECOND)
    at = {second: str(selectors.balance_at(account, NOW + second * SECOND)) for second in (0, 1, 2)}
    assert at == {0: "0.00", 1: "0.00", 2: "107.00"}


def test_the_booking_date_does_not_matter_to_a_moment() -> None:
    account = make_account()
    deposit(account, cny("100.00"), now=NOW, business_date=TODAY - timedelta(days=30))
    assert selectors.balance_at(account, NOW - SECOND) == cny("0.00")
    assert selectors.balance_at(account, NOW) == cny("100.00")
    assert selectors.balance_before(account, TODAY - timedelta(days=29)) == cny("100.00")


def test_an_account_without_postings_had_nothing() -> None:
    assert selectors.balance_at(make_account(), NOW) == cny("0.00")
    assert selectors.balance_before(make_account(), TODAY) == cny("0.00")


# -- The page ---------------------------------------------------------------------------------------------------------


def test_the_page_says_both(signed_in_client: SignIn, customer_service: User) -> None:
    account = make_account()
    deposit(account, cny("100.00"), now=NOW, business_date=TODAY - timedelta(days=1))
    deposit(account, cny("5.00"), now=NOW + 60 * MINUTE, business_date=TODAY)
    desk: Client = signed_in_client(customer_service)
    page = words(desk.get(address(account, "balance_then"), {"moment": "2026-03-02T18:00"}))  # 10:00 UTC
    assert "What stood on the account at 2026-03-02 18:00:00 CNY 100.00" in page
    assert "What is booked up to the end of 2026-03-02, by booking date CNY 105.00" in page
    answer = desk.get(address(account, "balance_then"), {"moment": "yesterday"})
    assert answer.status_code == 422


def test_nobody_without_the_right_opens_it(signed_in_client: SignIn, outsider: User) -> None:
    answer = signed_in_client(outsider).get(address(make_account(), "balance_then"))
    assert answer.status_code == 403
