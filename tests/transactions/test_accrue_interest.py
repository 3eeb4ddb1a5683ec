"""Interest accrues every day: exact, once, and corrected when something is booked for a day that had its interest."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account, AccountStatus
from bankops.core.money import Money
from tests.accounts.factories import TODAY, make_account
from tests.concurrency.racing import execute
from tests.properties import examples
from tests.transactions.interest_cases import accrue, book, days, set_rate, units_of
from tests.unchanged import refused_by_database
from transactions import services as transaction_services
from transactions.interest.amounts import of_one_day
from transactions.models import AccruedInterest, DayCount, InterestAccrual

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consented")]

TOMORROW = TODAY + timedelta(days=1)
RATE = 15_000


def earned(*balances: int, day_count: DayCount = DayCount.ACT_365) -> int:
    """Return the interest in units of one day on each of these balances."""
    return sum(of_one_day(balance, RATE, day_count) for balance in balances)


def test_a_day_earns_on_the_balance_at_its_end() -> None:
    li = make_account("10000.00")
    set_rate()
    assert accrue(TODAY).earned == 1
    row = InterestAccrual.objects.get(account=li)
    assert (row.date, row.balance, row.rate, row.is_correction) == (TODAY, 1_000_000, RATE, False)
    assert row.units == units_of(li) == earned(1_000_000)
    assert AccruedInterest.objects.get(account=li).units == row.units


@pytest.mark.parametrize("day_count", DayCount)
def test_the_day_count_is_that_of_the_rate(day_count: DayCount) -> None:
    li = make_account("10000.00")
    set_rate(day_count=day_count)
    accrue(TODAY)
    assert units_of(li) == earned(1_000_000, day_count=day_count)


def test_run_again_it_accrues_nothing_more() -> None:
    li = make_account("10000.00")
    set_rate()
    first = accrue(TODAY)
    again = accrue(TODAY)
    assert (first.earned, again.earned, again.corrected) == (1, 0, 0)
    assert units_of(li) == earned(1_000_000)


def test_days_that_were_missed_are_made_up_for_with_their_own_balances() -> None:
    li = make_account("100.00")
    set_rate()
    accrue(TODAY)
    book(transaction_services.deposit, li, "50.00", TODAY + timedelta(days=2))
    book(transaction_services.deposit, li, "7.00", TODAY + timedelta(days=4))
    done = accrue(TODAY + timedelta(days=3))
    assert (done.days, done.earned, done.corrected) == (3, 3, 0)
    assert units_of(li) == earned(10_000, 10_000, 15_000, 15_000)


@pytest.mark.parametrize("rolled_up", [True, False], ids=["rolled up", "from the postings"])
def test_what_is_booked_for_later_days_does_not_count_yet(rolled_up: bool) -> None:
    li = make_account("100.00")
    set_rate()
    book(transaction_services.deposit, li, "50.00", TOMORROW)
    accrue(TODAY, rolled_up=rolled_up)
    assert units_of(li) == earned(10_000)


@pytest.mark.parametrize("rolled_up", [True, False], ids=["rolled up", "from the postings"])
def test_what_is_booked_for_a_day_that_had_its_interest_is_made_good(rolled_up: bool) -> None:
    li, wang = make_account("100.00"), make_account("100.00")
    set_rate()
    for day in days(TODAY, TODAY + timedelta(days=4)):
        accrue(day, rolled_up=rolled_up)
    book(transaction_services.deposit, li, "30.00", TODAY + timedelta(days=2))
    done = accrue(TODAY + timedelta(days=5), rolled_up=rolled_up)
    assert (done.earned, done.corrected) == (2, 3)
    assert units_of(li) == earned(10_000, 10_000, 13_000, 13_000, 13_000, 13_000)
    assert units_of(wang) == earned(*[10_000] * 6)
    corrections = InterestAccrual.objects.filter(is_correction=True).order_by("date")
    assert [(row.date.day, row.balance) for row in corrections] == [(4, 13_000), (5, 13_000), (6, 13_000)]
    assert accrue(TODAY + timedelta(days=5)).corrected == 0


def test_interest_is_taken_back_where_money_had_left_already() -> None:
    li = make_account("100.00")
    set_rate()
    for day in days(TODAY, TODAY + timedelta(days=1)):
        accrue(day)
    book(transaction_services.withdraw, li, "100.00", TODAY)
    accrue(TODAY + timedelta(days=2))
    assert units_of(li) == 0
    assert AccruedInterest.objects.get(account=li).units == 0


def test_what_came_and_went_between_two_days_counts_for_the_days_it_was_there() -> None:
    li = make_account("100.00")
    set_rate()
    for day in days(TODAY, TODAY + timedelta(days=3)):
        accrue(day)
    book(transaction_services.deposit, li, "30.00", TODAY + timedelta(days=1))
    book(transaction_services.withdraw, li, "30.00", TODAY + timedelta(days=2))
    accrue(TODAY + timedelta(days=4))
    assert units_of(li) == earned(10_000, 13_000, 10_000, 10_000, 10_000)


def test_a_balance_below_zero_earns_nothing() -> None:
    li = make_account("10.00", overdraft="100.00")
    set_rate()
    book(transaction_services.withdraw, li, "60.00", TODAY)
    assert accrue(TODAY).earned == 0
    assert units_of(li) == 0
    book(transaction_services.deposit, li, "60.00", TOMORROW)
    accrue(TOMORROW)
    assert units_of(li) == earned(1_000)


def test_a_new_rate_counts_from_its_day_on() -> None:
    li = make_account("100.00")
    set_rate(10_000)
    set_rate(20_000, valid_from=TOMORROW, day_count=DayCount.ACT_360)
    accrue(TODAY)
    accrue(TOMORROW)
    assert units_of(li) == of_one_day(10_000, 10_000, DayCount.ACT_365) + of_one_day(10_000, 20_000, DayCount.ACT_360)


def test_a_correction_uses_the_rate_of_its_day() -> None:
    li = make_account("100.00")
    set_rate(10_000)
    set_rate(20_000, valid_from=TOMORROW)
    accrue(TODAY)
    accrue(TOMORROW)
    book(transaction_services.deposit, li, "100.00", TODAY)
    accrue(TOMORROW + timedelta(days=1))
    expected = [(20_000, 10_000), (20_000, 20_000), (20_000, 20_000)]
    assert units_of(li) == sum(of_one_day(balance, rate, DayCount.ACT_365) for balance, rate in expected)


def test_without_a_rate_nothing_accrues() -> None:
    make_account("100.00")
    set_rate(currency="EUR")
    set_rate(valid_from=TOMORROW)
    assert accrue(TODAY).earned == 0
    assert not InterestAccrual.objects.exists()


@pytest.mark.parametrize(("status", "earns"), [(AccountStatus.DORMANT, 1), (AccountStatus.PENDING, 0)])
def test_a_dormant_account_earns_and_one_that_is_not_open_yet_does_not(status: AccountStatus, earns: int) -> None:
    make_account("100.00", status=status)
    set_rate()
    assert accrue(TODAY).earned == earns


def test_a_closed_account_earned_up_to_the_day_before() -> None:
    li = make_account("100.00")
    set_rate()
    accrue(TODAY)
    book(transaction_services.withdraw, li, "100.00", TOMORROW)
    Account.objects.filter(pk=li.pk).update(status=AccountStatus.CLOSED, closed_date=TOMORROW)
    accrue(TOMORROW)
    assert units_of(li) == earned(10_000)


@examples(8)
@given(
    rolled_up=st.booleans(),
    bookings=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 50_000)), min_size=1, max_size=8),
)
def test_whatever_is_booked_when_the_sum_is_that_of_the_daily_balances(
    rolled_up: bool, bookings: list[tuple[int, int, int]]
) -> None:
    """Each booking is made on one day, for a day up to then: what accrued in the end is what the balances earn."""
    with transaction.atomic():
        li = make_account()
        set_rate()
        for number, today in enumerate(days(TODAY, TODAY + timedelta(days=6))):
            for made, back, amount in bookings:
                if made == number:
                    booked = max(TODAY, today - timedelta(days=back))
                    book(transaction_services.deposit, li, str(Money(amount, "CNY")), booked)
            accrue(today, rolled_up=rolled_up)
        accrue(TODAY + timedelta(days=7), rolled_up=rolled_up)
        booked_on = [(max(0, made - back), amount) for made, back, amount in bookings]
        ends = [sum(amount for day, amount in booked_on if day <= number) for number in range(8)]
        assert units_of(li) == earned(*ends)
        assert AccruedInterest.objects.get(account=li).units == units_of(li)
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE transactions_interestrate SET rate = 1", "append_only"),
        ("DELETE FROM transactions_interestrate", "append_only"),
        ("UPDATE transactions_interestaccrual SET units = 1", "append_only"),
        ("DELETE FROM transactions_interestaccrual", "append_only"),
        ("{rate} 1000001, 'ACT_365', '2026-05-01', now()", "interest_rate_at_most_100_percent"),
        ("{rate} 1, 'ACT_ACT', '2026-05-01', now()", "interest_day_count_known"),
        ("{rate} 1, 'ACT_365', '2026-03-02', now()", "interest_rate_once"),
        ("{accrual} -1, 1, 'ACT_365', 1, false, '2026-03-02'", "accrual_balance_not_negative"),
        ("{accrual} 1, 1, 'ACT_365', -1, false, '2026-03-02'", "accrual_units_positive"),
    ],
)
def test_the_database_holds_what_accrued(change: str, words: str) -> None:
    li = make_account("100.00")
    set_rate()
    accrue(TODAY)
    rate = (
        "INSERT INTO transactions_interestrate (id, product_id, currency, rate, day_count, valid_from, created_at)"
        " SELECT gen_random_uuid(), 'CURRENT', 'CNY',"
    )
    accrual = (
        "INSERT INTO transactions_interestaccrual"
        " (account_id, date, version, balance, rate, day_count, units, is_correction, run_date)"
        f" SELECT '{li.pk}', date '2026-03-02', 99,"
    )
    with refused_by_database(words):
        execute(change.format(rate=rate, accrual=accrual))
