"""Interest is credited on the last day of the month: once, to the minor unit, with the rest carried forward."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts import chart
from accounts.models import Account, Restriction
from bankops.core.models import AuditEvent, OutboxMessage
from tests.accounts.factories import freeze, ledger_of, make_account, own_account, release
from tests.concurrency.racing import execute
from tests.transactions.interest_cases import END_OF_MARCH, SYSTEM, accrue, at, book, post, set_rate, units_of
from tests.unchanged import nothing_changes, refused_by_database
from transactions import services as transaction_services
from transactions.interest.amounts import UNITS, of_one_day
from transactions.models import AccruedInterest, DayCount, InterestPosting, JournalEntry, Kind, Transaction
from transactions.services import interest_posting
from transactions.verification import verify_books

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consented")]


def left_on(account: Account) -> int:
    return AccruedInterest.objects.get(account=account).units


def test_a_month_of_interest_is_credited_on_its_last_day() -> None:
    """CNY 10,000.00 at 1.50 % for the 30 days from 2 to 31 March: 12.3287… are 12.33, and −0.1233… fen are carried.

    Interest paid to customers   D 12.33
    Li Hua                                C 12.33
    """
    li = make_account("10000.00")
    set_rate()
    accrue(END_OF_MARCH)
    assert post(END_OF_MARCH) == {"posted": 1, "refused": 0}
    assert (ledger_of(li), ledger_of(own_account(chart.INTEREST_EXPENSE))) == ("10012.33", "12.33")
    row = Transaction.objects.get(kind=Kind.INTEREST)
    assert (row.narrative, row.booking_date, row.maker_name) == ("Interest 2026-03", END_OF_MARCH, "interest")
    assert [event.to_state for event in row.events.order_by("id")] == ["RECEIVED", "POSTED"]
    posting = InterestPosting.objects.get()
    assert (posting.month, posting.amount, posting.transaction) == (date(2026, 3, 1), 1_233, row)
    assert posting.accrued == 30 * of_one_day(1_000_000, 15_000, DayCount.ACT_365)
    assert left_on(li) == posting.carried == posting.accrued - 1_233 * UNITS
    told = {"month": "2026-03", "transactions": 1, "first": row.reference, "last": row.reference}
    assert AuditEvent.objects.get(event_type="transactions.interest.posted").detail == told
    assert OutboxMessage.objects.get(topic="transactions.interest.posted").payload == told
    assert verify_books().ok


def test_run_again_it_posts_nothing_more() -> None:
    make_account("10000.00")
    set_rate()
    accrue(END_OF_MARCH)
    post(END_OF_MARCH)
    with nothing_changes():
        assert post(END_OF_MARCH) == {"posted": 0, "refused": 0}


def test_interest_earns_from_the_day_after_it_was_credited() -> None:
    li = make_account("10000.00")
    set_rate()
    accrue(END_OF_MARCH)
    post(END_OF_MARCH)
    assert accrue(END_OF_MARCH).corrected == 0
    assert accrue(END_OF_MARCH + timedelta(days=1)).corrected == 0
    assert units_of(li) == sum(of_one_day(one, 15_000, DayCount.ACT_365) for one in [1_000_000] * 30 + [1_001_233])


def test_another_booking_of_that_day_is_made_good_without_it() -> None:
    li = make_account("10000.00")
    set_rate()
    accrue(END_OF_MARCH)
    book(transaction_services.deposit, li, "1.00", END_OF_MARCH)
    post(END_OF_MARCH)
    assert accrue(END_OF_MARCH + timedelta(days=1)).corrected == 1
    ends = [1_000_000] * 29 + [1_000_100, 1_001_333]
    assert units_of(li) == sum(of_one_day(one, 15_000, DayCount.ACT_365) for one in ends)


def test_over_the_year_what_is_posted_and_what_is_left_is_what_accrued() -> None:
    """Months of 28 to 31 days. Every day accrues on its own; the account is followed for a year."""
    accounts = [make_account(balance) for balance in ("0.37", "1234.56", "10000.00")]
    set_rate(17_500)
    month_ends = [
        date(2026, 4, 1) - timedelta(days=1),
        *(date(2026, month, 1) - timedelta(days=1) for month in range(5, 13)),
    ]
    month_ends += [date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28)]
    for last in month_ends:
        accrue(last)
        post(last)
    for account in accounts:
        posted = sum(InterestPosting.objects.filter(account=account).values_list("amount", flat=True))
        assert posted * UNITS + left_on(account) == units_of(account)
        assert 2 * abs(left_on(account)) <= UNITS
    assert InterestPosting.objects.filter(account=accounts[2]).count() == 12
    assert not InterestPosting.objects.filter(account=accounts[0]).exclude(amount=1).exists()
    assert verify_books().ok


def test_less_than_half_a_minor_unit_waits() -> None:
    li = make_account("0.37")
    set_rate()
    accrue(END_OF_MARCH)
    assert post(END_OF_MARCH) == {"posted": 0, "refused": 0}
    assert left_on(li) == units_of(li) > 0


@pytest.mark.parametrize("restriction", [Restriction.BLOCK_CREDIT, Restriction.BLOCK_ALL])
def test_what_a_blocked_account_cannot_take_stays_accrued_and_comes_after_its_release(restriction: Restriction) -> None:
    li, wang = make_account("10000.00"), make_account("10000.00")
    freeze(li, restriction)
    set_rate()
    accrue(END_OF_MARCH)
    assert post(END_OF_MARCH) == {"posted": 1, "refused": 1}
    assert (ledger_of(li), left_on(li)) == ("10000.00", units_of(li))
    release(li)
    end_of_april = date(2026, 4, 30)
    accrue(end_of_april)
    assert post(end_of_april) == {"posted": 2, "refused": 0}
    assert ledger_of(li) == "10024.66"  # 60 days on 10,000.00: 24.6575…
    assert ledger_of(wang) == "10024.67"  # 12.33 in March earned 0.015 in April


def test_debits_blocked_does_not_stop_interest() -> None:
    li = make_account("10000.00")
    freeze(li, Restriction.BLOCK_DEBIT)
    set_rate()
    accrue(END_OF_MARCH)
    assert post(END_OF_MARCH) == {"posted": 1, "refused": 0}
    assert ledger_of(li) == "10012.33"


def test_a_run_that_breaks_off_keeps_its_batches_and_is_continued(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = [make_account("10000.00") for _ in range(5)]
    set_rate()
    accrue(END_OF_MARCH)
    monkeypatch.setattr(interest_posting, "BATCH", 2)

    def killed(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interest_posting.post_interest(business_date=END_OF_MARCH, actor=SYSTEM, now=at(END_OF_MARCH), advance=killed)
    assert Transaction.objects.filter(kind=Kind.INTEREST).count() == 2
    assert post(END_OF_MARCH) == {"posted": 3, "refused": 0}
    assert [ledger_of(account) for account in accounts] == ["10012.33"] * 5
    assert verify_books().ok


def test_killed_in_the_middle_of_a_batch_nothing_of_it_remains(monkeypatch: pytest.MonkeyPatch) -> None:
    make_account("10000.00")
    set_rate()
    accrue(END_OF_MARCH)

    def killed(*_anything: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, nothing_changes():
        patch.setattr(interest_posting, "_tell", killed)
        with pytest.raises(KeyboardInterrupt):
            post(END_OF_MARCH)
    assert post(END_OF_MARCH)["posted"] == 1


def test_months_do_not_take_each_others_place() -> None:
    li = make_account("10000.00")
    set_rate()
    for last in (END_OF_MARCH, date(2026, 4, 30)):
        accrue(last)
        post(last)
    entries = JournalEntry.objects.filter(idempotency_key__startswith="int:").order_by("id")
    assert [one.idempotency_key for one in entries] == [f"int:{li.pk.hex}:202603", f"int:{li.pk.hex}:202604"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE transactions_interestposting SET amount = amount + 1", "append_only"),
        ("DELETE FROM transactions_interestposting", "append_only"),
        ("{posting} 1, 0, 1, t.id", "interest_posting_positive"),
        ("{posting} 26280000000, 1, 1, t.id", "interest_posting_loses_nothing"),
    ],
)
def test_the_database_holds_what_was_posted(change: str, words: str) -> None:
    li = make_account("10000.00")
    set_rate()
    accrue(END_OF_MARCH)
    post(END_OF_MARCH)
    posting = (
        "INSERT INTO transactions_interestposting (account_id, month, posted_on, accrued, amount, carried, transaction_id)"
        f" SELECT '{li.pk}', date '2026-05-01', date '2026-05-31',"
    )
    deposit = " FROM transactions_transaction t WHERE t.kind = 'DEPOSIT'" if "{posting}" in change else ""
    with refused_by_database(words):
        execute(change.format(posting=posting) + deposit)
