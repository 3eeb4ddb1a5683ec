"""The journal defends itself against straight SQL, whoever writes it and in whatever order."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AccountStatus, Customer, Restriction
from bankops.core.money import Money
from tests.accounts.factories import cny, ledger_of, make_account, own_account
from tests.transactions.factories import credit, debit, deposit, mirror_of, moved, post, reverse, transfer
from tests.transactions.raw_books import (
    altered,
    execute,
    insert_entry,
    insert_postings,
    lines_of,
    update_balances,
    write_entry,
)
from tests.unchanged import check_deferred, refused_by_database

pytestmark = pytest.mark.django_db

CLOSED, PENDING, DORMANT = AccountStatus.CLOSED, AccountStatus.PENDING, AccountStatus.DORMANT


@pytest.fixture
def li() -> Account:
    """Li Hua's account, with 100.00 on it."""
    return make_account("100.00")


@pytest.fixture
def wang() -> Account:
    return make_account("50.00")


def write_earlier(*drafts: Any) -> int:
    """Write an entry as an earlier transaction would have."""
    with transaction.atomic():
        entry_id = write_entry(*drafts)
        check_deferred()
    return entry_id


def test_an_entry_with_everything_right_is_taken(li: Account, wang: Account) -> None:
    write_entry(debit(li, cny("30.00")), credit(wang, cny("30.00")))
    check_deferred()
    assert (ledger_of(li), ledger_of(wang)) == ("70.00", "80.00")


# -- what the posting function refuses, the tables refuse too -------------------------------------------------------


def test_more_than_the_available_balance(li: Account, wang: Account) -> None:
    with refused_by_database("insufficient_funds"):
        write_entry(debit(li, cny("100.01")), credit(wang, cny("100.01")))


def test_more_than_the_available_balance_for_a_moment(li: Account, wang: Account) -> None:
    with refused_by_database("insufficient_funds"):
        write_entry(debit(li, cny("100.01")), credit(li, cny("100.01")))


def test_what_is_held_is_not_available(wang: Account) -> None:
    li = make_account("100.00", held="20.00")
    with refused_by_database("insufficient_funds"):
        write_entry(debit(li, cny("80.01")), credit(wang, cny("80.01")))


@pytest.mark.parametrize(
    ("state", "side", "code"),
    [
        ({"status": CLOSED}, debit, "account_closed"),
        ({"status": CLOSED}, credit, "account_closed"),
        ({"status": PENDING}, debit, "account_pending"),
        ({"status": PENDING}, credit, "account_pending"),
        ({"status": DORMANT}, debit, "account_dormant"),
        ({"restriction": Restriction.BLOCK_DEBIT}, debit, "account_blocked"),
        ({"restriction": Restriction.BLOCK_CREDIT}, credit, "account_blocked"),
        ({"restriction": Restriction.BLOCK_ALL}, debit, "account_blocked"),
        ({"restriction": Restriction.BLOCK_ALL}, credit, "account_blocked"),
    ],
)
def test_an_account_that_may_not_move(li: Account, state: dict[str, Any], side: Any, code: str) -> None:
    other = make_account(**state)
    with refused_by_database(code):
        write_entry(side(other, cny("1.00")), (credit if side is debit else debit)(li, cny("1.00")))


@pytest.mark.parametrize(
    ("state", "side"),
    [
        ({"status": DORMANT}, credit),
        ({"balance": "5.00", "restriction": Restriction.BLOCK_CREDIT}, debit),
        ({"restriction": Restriction.BLOCK_DEBIT}, credit),
    ],
)
def test_the_side_that_is_not_blocked_moves(li: Account, state: dict[str, Any], side: Any) -> None:
    other = make_account(**state)
    write_entry(side(other, cny("1.00")), (credit if side is debit else debit)(li, cny("1.00")))
    check_deferred()


def test_another_currency_than_the_accounts(li: Account, wang: Account) -> None:
    with refused_by_database("currency_mismatch"):
        write_entry(debit(li, Money(100, "USD")), credit(wang, Money(100, "USD")))


def test_an_amount_that_is_not_positive(li: Account, wang: Account) -> None:
    for minor in (0, -100):
        with refused_by_database("posting_amount_positive"):
            write_entry(debit(li, Money(minor, "CNY")), credit(wang, Money(minor, "CNY")))


def test_an_unknown_account(li: Account) -> None:
    with refused_by_database("unknown_account"):
        write_entry(debit(li, cny("1.00")), credit(Customer().pk, cny("1.00")))


def test_a_side_there_is_not(li: Account, wang: Account) -> None:
    with refused_by_database("posting_side_known"):
        lines = lines_of(insert_entry(), [debit(li, cny("1.00")), credit(wang, cny("1.00"))])
        insert_postings(altered(lines, 1, side="X"))


def test_an_entry_that_does_not_balance(li: Account, wang: Account) -> None:
    with refused_by_database("unbalanced_entry"):
        write_entry(debit(li, cny("1.00")), credit(wang, cny("0.99")))


def test_an_entry_that_balances_only_across_currencies(li: Account) -> None:
    yen = make_account(currency="JPY")
    with refused_by_database("unbalanced_entry"):
        write_entry(debit(li, cny("1.00")), credit(yen, Money(100, "JPY")))


def test_an_entry_of_two_currencies_that_balances_in_each(li: Account, wang: Account) -> None:
    first, second = make_account("700", currency="JPY"), make_account(currency="JPY")
    write_entry(
        debit(li, cny("1.00")),
        debit(first, Money(20, "JPY")),
        credit(wang, cny("1.00")),
        credit(second, Money(20, "JPY")),
    )
    check_deferred()
    assert ledger_of(second) == "20"


# -- what only straight SQL can try -----------------------------------------------------------------------------------


def test_an_entry_without_postings() -> None:
    with refused_by_database("entry_incomplete"):
        insert_entry()


def test_an_entry_meant_to_have_one_posting() -> None:
    with refused_by_database("entry_two_postings"):
        insert_entry(posting_count=1)


def test_postings_that_are_fewer_or_more_than_the_entry_says(li: Account, wang: Account) -> None:
    for count in (3, 4):
        with refused_by_database("entry_incomplete"):
            write_entry(debit(li, cny("1.00")), credit(wang, cny("1.00")), posting_count=count)
    with refused_by_database("entry_"):
        write_entry(*[debit(li, cny("1.00")), credit(wang, cny("1.00"))] * 2, posting_count=2)


def test_a_forged_transaction_id(li: Account, wang: Account) -> None:
    for xid in (1, 2**62):
        with refused_by_database("entry_not_now"):
            write_entry(debit(li, cny("1.00")), credit(wang, cny("1.00")), posted_xid=xid)


def test_postings_without_an_entry(li: Account, wang: Account) -> None:
    with refused_by_database("unknown_entry"):
        insert_postings(lines_of(999_999_999, [debit(li, cny("1.00")), credit(wang, cny("1.00"))]))


@pytest.mark.parametrize("first_line", [1, 3])
@pytest.mark.parametrize("immediate", [False, True])
def test_postings_added_to_an_entry_in_its_own_transaction(
    li: Account, wang: Account, first_line: int, immediate: bool
) -> None:
    drafts = [debit(li, cny("1.00")), credit(wang, cny("1.00"))]
    with refused_by_database("entry_complete|posting_pk|transactions_posting_pkey"):
        entry_id = write_entry(*drafts)
        if immediate:
            execute("SET CONSTRAINTS ALL IMMEDIATE")
        more = lines_of(entry_id, drafts, first=first_line)
        insert_postings(more)
        update_balances(more)


@pytest.mark.parametrize("immediate", [False, True])
def test_postings_added_to_an_entry_by_a_later_transaction(committed_db: None, immediate: bool) -> None:
    li, wang = make_account("100.00"), make_account("50.00")
    drafts = [debit(li, cny("1.00")), credit(wang, cny("1.00"))]
    entry_id = write_earlier(*drafts)
    with refused_by_database("entry_complete"):
        if immediate:
            execute("SET CONSTRAINTS ALL IMMEDIATE")
        more = lines_of(entry_id, drafts, first=3)
        insert_postings(more)
        update_balances(more)


def test_postings_one_at_a_time(li: Account, wang: Account) -> None:
    """Even when they balance in the end: an entry is written in one statement."""
    with refused_by_database("unbalanced_entry"):
        entry_id = insert_entry()
        for line in lines_of(entry_id, [debit(li, cny("1.00")), credit(wang, cny("1.00"))]):
            insert_postings([line])


def test_postings_of_which_the_balance_does_not_know(li: Account, wang: Account) -> None:
    drafts = [debit(li, cny("1.00")), credit(wang, cny("1.00"))]
    with refused_by_database("balance_not_updated"):
        insert_postings(lines_of(insert_entry(), drafts))
    with refused_by_database("balance_not_updated"):
        lines = lines_of(insert_entry(), drafts)
        insert_postings(lines)
        update_balances(lines[:1])


@pytest.mark.parametrize("change", [{"balance_after": 9_901}, {"balance_after": 0}, {"version": 3}, {"version": 1}])
def test_postings_that_do_not_continue_the_balance(li: Account, wang: Account, change: dict[str, int]) -> None:
    with refused_by_database("balance_does_not_chain|posting_version_once"):
        lines = lines_of(insert_entry(), [debit(li, cny("1.00")), credit(wang, cny("1.00"))])
        insert_postings(altered(lines, 0, **change))


def test_postings_that_jump_within_a_statement(li: Account, wang: Account) -> None:
    drafts = [debit(li, cny("1.00")), credit(wang, cny("2.00")), debit(li, cny("1.00"))]
    with refused_by_database("balance_does_not_chain"):
        lines = lines_of(insert_entry(posting_count=3), drafts)
        insert_postings(altered(lines, 2, version=4))
    with refused_by_database("balance_does_not_chain"):
        lines = lines_of(insert_entry(posting_count=3), drafts)
        insert_postings(altered(lines, 2, balance_after=9_801))


def test_one_version_of_an_account_twice(li: Account) -> None:
    with refused_by_database("posting_version_once"):
        lines = lines_of(insert_entry(), [debit(li, cny("1.00")), credit(li, cny("1.00"))])
        insert_postings(altered(lines, 1, version=lines[0].version, balance_after=10_000))


@pytest.mark.parametrize("ledger", ["ledger + 1", "ledger - 1", "0", "-ledger"])
def test_a_balance_set_by_hand(li: Account, ledger: str) -> None:
    with refused_by_database("balance_not_posted"):
        execute(f"UPDATE accounts_balance SET ledger = {ledger} WHERE account_id = %s", li.pk)


@pytest.mark.parametrize("to", ["ledger = 0, version = 0", "ledger = 10000, version = 1", "version = version + 1"])
def test_a_balance_set_back_or_forth_in_its_own_history(li: Account, wang: Account, to: str) -> None:
    transfer(li, wang, cny("40.00"))
    check_deferred()
    with refused_by_database("balance_not_posted"):
        execute(f"UPDATE accounts_balance SET {to} WHERE account_id = %s", li.pk)


def test_a_balance_handed_to_another_account(li: Account) -> None:
    new = Account.objects.get(pk=li.pk)
    new.pk, new.number = Customer().pk, "another"
    Account.objects.bulk_create([new])
    with refused_by_database("balance_not_posted"):
        execute("UPDATE accounts_balance SET account_id = %s WHERE account_id = %s", new.pk, li.pk)


# -- reversals --------------------------------------------------------------------------------------------------------


def test_a_reversal_that_is_no_mirror(li: Account, wang: Account) -> None:
    other = make_account("50.00")
    original = transfer(li, wang, cny("10.00")).entry_id
    for wrong in (
        [debit(wang, cny("9.00")), credit(li, cny("9.00"))],
        [debit(other, cny("10.00")), credit(li, cny("10.00"))],
        [debit(li, cny("10.00")), credit(wang, cny("10.00"))],
        [debit(wang, cny("10.00")), credit(li, cny("5.00")), credit(li, cny("5.00"))],
    ):
        with refused_by_database("reversal_not_a_mirror"):
            write_entry(*wrong, reverses_id=original)


def test_a_second_reversal(li: Account, wang: Account) -> None:
    original = transfer(li, wang, cny("10.00"))
    reverse(original)
    with refused_by_database("transactions_journalentry_reverses_id"):
        write_entry(debit(wang, cny("10.00")), credit(li, cny("10.00")), reverses_id=original.entry_id)


def test_a_reversal_of_a_reversal(li: Account, wang: Account) -> None:
    reversal = reverse(transfer(li, wang, cny("10.00"))).entry_id
    with refused_by_database("reversal_of_reversal"):
        write_entry(debit(li, cny("10.00")), credit(wang, cny("10.00")), reverses_id=reversal)


def test_a_reversal_of_itself_or_of_nothing(li: Account, wang: Account) -> None:
    drafts = [debit(li, cny("1.00")), credit(wang, cny("1.00"))]
    with refused_by_database("entry_not_its_own_reversal"):
        write_entry(*drafts, id=999_999_999, reverses_id=999_999_999)
    with refused_by_database("foreign key|reversal_not_a_mirror"):
        write_entry(*drafts, reverses_id=999_999_999)


def test_a_mirror_is_taken(li: Account, wang: Account) -> None:
    original = transfer(li, wang, cny("10.00")).entry_id
    write_entry(credit(li, cny("10.00")), debit(wang, cny("10.00")), reverses_id=original)
    check_deferred()
    assert (ledger_of(li), ledger_of(wang)) == ("100.00", "50.00")


# -- nothing written is ever changed ----------------------------------------------------------------------------------


def test_one_key_for_two_entries(li: Account, wang: Account) -> None:
    drafts = [debit(li, cny("1.00")), credit(wang, cny("1.00"))]
    write_entry(*drafts, idempotency_key="k")
    with refused_by_database("entry_key_once"):
        write_entry(*drafts, idempotency_key="k")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE transactions_journalentry SET description = 'another'",
        "DELETE FROM transactions_journalentry",
        "TRUNCATE transactions_journalentry CASCADE",
        "UPDATE transactions_posting SET amount = amount + 1",
        "DELETE FROM transactions_posting",
        "TRUNCATE transactions_posting",
        "UPDATE transactions_transactionevent SET actor_name = 'Somebody else'",
        "DELETE FROM transactions_transactionevent",
        "TRUNCATE transactions_transactionevent",
        "DELETE FROM transactions_transaction",
        "TRUNCATE transactions_transaction CASCADE",
    ],
)
def test_what_is_written_stays(li: Account, statement: str) -> None:
    check_deferred()
    with refused_by_database("append_only"):
        execute(statement)


@pytest.mark.parametrize("batch", [1, 50])
def test_guarding_costs_no_statement_for_each_row(li: Account, batch: int) -> None:
    """The guards are statement triggers; the product sends one statement however many entries it posts."""
    cash = own_account()
    with CaptureQueriesContext(connection) as queries:
        assert {result.code for result in post(*[moved(cash, li, cny("1.00"))] * batch)} == {"posted"}
    assert len(queries) <= 2


def test_the_mirror_of_an_entry_of_many_lines(li: Account, wang: Account) -> None:
    deposit(wang, cny("10.00"))
    (result,) = post(moved(li, wang, cny("2.00")))
    assert result.entry_id
    assert [again.code for again in post(mirror_of(result.entry_id))] == ["posted"]


# -- the proof at commit cannot be talked out of -------------------------------------------------------------------------


@pytest.mark.parametrize("in_batch", [False, True])
def test_an_entry_without_postings_among_entries_with_them(li: Account, wang: Account, in_batch: bool) -> None:
    drafts = [debit(li, cny("1.00")), credit(wang, cny("1.00"))]
    with refused_by_database("entry_incomplete"):
        ((first,), _second) = execute(
            "INSERT INTO transactions_journalentry (fingerprint, description, limits_enforced, posting_count, posted_xid,"
            " booking_date, value_date, posted_at, in_batch) SELECT '', 'by hand', true, 2,"
            " pg_current_xact_id()::text::bigint, current_date, current_date, now(), %s"
            " FROM generate_series(1, 2) RETURNING id",
            in_batch,
        )
        lines = lines_of(first, drafts)
        insert_postings(lines)
        update_balances(lines)


@pytest.mark.parametrize(
    "distraction",
    [
        "DELETE FROM transactions_entriestoprove",
        "UPDATE transactions_entriestoprove SET first_entry = -2, last_entry = -1",
        "SET CONSTRAINTS ALL DEFERRED",
    ],
)
@pytest.mark.parametrize("in_batch", [False, True])
def test_what_is_to_be_proved_stays_to_be_proved(li: Account, wang: Account, distraction: str, in_batch: bool) -> None:
    check_deferred()
    with refused_by_database("balance_not_updated"):
        insert_postings(lines_of(insert_entry(in_batch=in_batch), [debit(li, cny("1.00")), credit(wang, cny("1.00"))]))
        execute(distraction)


def test_the_list_of_what_is_to_be_proved_cannot_be_emptied_as_a_whole(li: Account) -> None:
    with refused_by_database("pending trigger events"):
        insert_entry(in_batch=True)
        execute("TRUNCATE transactions_entriestoprove")


def test_what_is_proved_is_off_the_list(li: Account, wang: Account) -> None:
    post(*[moved(li, wang, cny("1.00"))] * 2)
    write_entry(debit(li, cny("1.00")), credit(wang, cny("1.00")), in_batch=True)
    check_deferred()
    assert execute("SELECT count(*) FROM transactions_entriestoprove") == [(0,)]
