"""`manage.py verify_books`: right books are proved right, and whatever was done to them is found by the check for it."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Account
from tests.accounts.factories import cny, make_account
from tests.transactions.factories import deposit, mirror_of, park_transfer, post, reverse, transfer
from tests.transactions.raw_books import execute
from tests.transactions.requests import allow, finish, make_request
from tests.unchanged import check_deferred, nothing_changes
from transactions.models import Transaction
from transactions.verification import CHECKS, FAULTS_SHOWN_MAX, GUARDS, verify_books


@pytest.fixture
def books(db: None) -> dict[str, Transaction]:
    """A deposit, a transfer, a transfer that was reversed, the reversal, a transfer that waits and one that was approved."""
    li, wang = make_account("500.00"), make_account("50.00")
    plain, mistake = transfer(li, wang, cny("100.00")), transfer(li, wang, cny("30.00"))
    reversal = reverse(mistake)
    parked, approved = make_request(cny("7.00")), make_request(cny("5.00"))
    waiting = park_transfer(li, wang, cny("7.00"), parked)
    park_transfer(li, wang, cny("5.00"), approved)
    allow(approved)
    consented = transfer(li, wang, cny("5.00"), approval_request_id=approved.public_id)
    finish(approved)
    check_deferred()
    return {
        "deposit": deposit(wang, cny("1.00")),
        "plain": plain,
        "mistake": mistake,
        "reversal": reversal,
        "waiting": waiting,
        "consented": consented,
    }


def verify() -> tuple[int, dict[str, Any]]:
    """Return the exit status of `manage.py verify_books --json` and what it printed."""
    printed, status = StringIO(), 0
    try:
        with nothing_changes():
            call_command("verify_books", "--json", stdout=printed)
    except SystemExit as stop:
        status = int(str(stop.code))
    return status, json.loads(printed.getvalue())


def wrong(answer: dict[str, Any]) -> set[str]:
    return {code for code, check in answer["checks"].items() if check["faults"]}


def corrupt(statement: str, *values: object) -> None:
    """Change the books as somebody would who owns the database and put its triggers to sleep."""
    check_deferred()
    execute("SET LOCAL session_replication_role = replica")
    execute(statement, *values)
    execute("SET LOCAL session_replication_role = DEFAULT")


@pytest.mark.django_db
def test_empty_books_are_right() -> None:
    status, answer = verify()
    assert (status, answer["ok"], answer["entries"]) == (0, True, 0)


def test_right_books_are_right(books: dict[str, Transaction]) -> None:
    status, answer = verify()
    assert status == 0
    assert answer == {
        "ok": True,
        "entries": 7,
        "postings": 14,
        "accounts": 3,
        "checks": {check.code: {"faults": 0, "first": []} for check in CHECKS},
    }


def test_people_read_the_same(books: dict[str, Transaction]) -> None:
    printed = StringIO()
    call_command("verify_books", stdout=printed)
    assert printed.getvalue().startswith("7 entries, 14 postings, 3 accounts.\n✓ ")
    assert printed.getvalue().endswith("The books are right.\n")
    corrupt("UPDATE accounts_balance SET ledger = ledger + 1 WHERE account_id = %s", books["plain"].debit_account_id)
    with pytest.raises(SystemExit, match="1"):
        call_command("verify_books", stdout=(found := StringIO()))
    assert "✗ Every balance is the sum of its account's postings: 1 faults" in found.getvalue()
    assert f"    {books['plain'].debit_account.number}: 39501 / 39500" in found.getvalue()
    assert found.getvalue().endswith("THE BOOKS ARE WRONG.\n")


HELD, PARKED = "held_matches_holds", "parked_has_its_hold"
OPEN, CONSENT = "waits_in_open_request", "posted_as_asked"
BALANCE, CHAIN, ENTRY, COMPLETE, CURRENCY, MIRROR, NAMED = (
    "balance_matches_postings",
    "balances_chain",
    "entry_balances",
    "entry_complete",
    "currency_of_account",
    "reversals_mirror",
    "transactions_match_entries",
)
PLAIN = "entry_id = %(plain)s"
BOTH_LINES_DOUBLED = f"UPDATE transactions_posting SET amount = 2 * amount WHERE {PLAIN}"


def _requests(state: str, change: str) -> str:
    return f"UPDATE approvals_approvalrequest SET {change} WHERE state = '{state}'"


CORRUPTIONS: dict[str, tuple[str, set[str]]] = {
    "a balance": ("UPDATE accounts_balance SET ledger = ledger + 1 WHERE account_id = %(li)s", {BALANCE}),
    "a balance's version": ("UPDATE accounts_balance SET version = version + 1 WHERE account_id = %(li)s", {BALANCE}),
    "a balance removed": ("DELETE FROM accounts_balance WHERE account_id = %(li)s", {BALANCE, HELD}),
    "a running balance": (f"UPDATE transactions_posting SET balance_after = balance_after + 1 WHERE {PLAIN}", {CHAIN}),
    "two versions swapped": (
        "UPDATE transactions_posting SET version = 1003 - version WHERE account_id = %(li)s AND version IN (2, 3)",
        {BALANCE, CHAIN},
    ),
    "an amount": (
        f"UPDATE transactions_posting SET amount = amount + 1 WHERE {PLAIN} AND side = 'D'",
        {ENTRY, BALANCE, CHAIN, NAMED},
    ),
    "an amount on both sides": (BOTH_LINES_DOUBLED, {BALANCE, CHAIN, NAMED}),
    "a side": (f"UPDATE transactions_posting SET side = 'C' WHERE {PLAIN}", {ENTRY, BALANCE, CHAIN, NAMED}),
    "both sides": (
        f"UPDATE transactions_posting SET side = CASE side WHEN 'C' THEN 'D' ELSE 'C' END WHERE {PLAIN}",
        {BALANCE, CHAIN, NAMED},
    ),
    "an account": (
        f"UPDATE transactions_posting SET account_id = %(cash)s, version = 99 WHERE {PLAIN} AND side = 'D'",
        {BALANCE, CHAIN, NAMED},
    ),
    "an account that is none": (
        f"UPDATE transactions_posting SET account_id = gen_random_uuid() WHERE {PLAIN} AND side = 'D'",
        {BALANCE, CHAIN, CURRENCY, NAMED},
    ),
    "a currency on one side": (
        f"UPDATE transactions_posting SET currency = 'USD' WHERE {PLAIN} AND side = 'D'",
        {ENTRY, CURRENCY, NAMED},
    ),
    "a currency on both sides": (f"UPDATE transactions_posting SET currency = 'USD' WHERE {PLAIN}", {CURRENCY, NAMED}),
    "an account's currency": ("UPDATE accounts_account SET currency = 'USD' WHERE id = %(li)s", {CURRENCY}),
    "a posting removed": (
        f"DELETE FROM transactions_posting WHERE {PLAIN} AND side = 'D'",
        {ENTRY, COMPLETE, BALANCE, CHAIN, NAMED},
    ),
    "both postings removed": (f"DELETE FROM transactions_posting WHERE {PLAIN}", {COMPLETE, BALANCE, CHAIN, NAMED}),
    "an entry removed": ("DELETE FROM transactions_journalentry WHERE id = %(plain)s", {COMPLETE}),
    "an entry's count": ("UPDATE transactions_journalentry SET posting_count = 3 WHERE id = %(plain)s", {COMPLETE}),
    "a reversal's original": (
        "UPDATE transactions_journalentry SET reverses_id = %(plain)s WHERE reverses_id = %(mistake)s",
        {MIRROR, NAMED},
    ),
    "a reversal of a reversal": (
        "UPDATE transactions_journalentry SET reverses_id = %(reversal)s WHERE id = %(plain)s",
        {MIRROR, NAMED},
    ),
    "a transaction's amount": ("UPDATE transactions_transaction SET amount = 1 WHERE entry_id = %(plain)s", {NAMED}),
    "a transaction's payee": (
        "UPDATE transactions_transaction SET credit_account_id = %(cash)s WHERE entry_id = %(plain)s",
        {NAMED},
    ),
    "a transaction's state": (
        "UPDATE transactions_transaction SET state = 'REVERSED' WHERE entry_id = %(plain)s",
        {NAMED},
    ),
    "a reversal forgotten": (
        "UPDATE transactions_transaction SET state = 'POSTED' WHERE entry_id = %(mistake)s",
        {NAMED},
    ),
    "what is held": ("UPDATE accounts_balance SET held = held + 1 WHERE account_id = %(li)s", {HELD}),
    "what is held where nothing is": ("UPDATE accounts_balance SET held = 1 WHERE account_id = %(cash)s", {HELD}),
    "a hold removed": ("DELETE FROM transactions_hold WHERE state = 'PENDING'", {HELD, PARKED}),
    "a hold voided": (
        "UPDATE transactions_hold SET state = 'VOIDED', closed_at = now() WHERE state = 'PENDING'",
        {HELD, PARKED},
    ),
    "a hold's amount": ("UPDATE transactions_hold SET amount = 1 WHERE state = 'PENDING'", {HELD, PARKED}),
    "a hold's account": (
        "UPDATE transactions_hold SET account_id = %(cash)s WHERE state = 'PENDING'",
        {HELD, PARKED},
    ),
    "a hold come back to life": (
        "UPDATE transactions_hold SET state = 'PENDING', closed_at = NULL WHERE state = 'POSTED'",
        {HELD, PARKED},
    ),
    "a waiting transaction ended without its hold": (
        "UPDATE transactions_transaction SET state = 'REJECTED' WHERE state = 'AWAITING_APPROVAL'",
        {PARKED, OPEN},
    ),
    "consent taken back": (_requests("EXECUTED", "state = 'REJECTED'"), {CONSENT}),
    "what was carried out open again": (_requests("EXECUTED", "state = 'PENDING', closed_at = NULL"), {CONSENT, OPEN}),
    "an amount nobody consented to": (_requests("EXECUTED", "amount = 499"), {CONSENT}),
    "a currency nobody consented to": (_requests("EXECUTED", "currency = 'USD'"), {CONSENT}),
    "an operation nobody consented to": (_requests("EXECUTED", "operation = 'transactions.withdraw'"), {CONSENT}),
    "consent that is gone": ("DELETE FROM approvals_approvalrequest WHERE state = 'EXECUTED'", {CONSENT}),
    "a waiting request ended alone": (_requests("PENDING", "state = 'WITHDRAWN', closed_at = now()"), {OPEN}),
    "a waiting request's amount": (_requests("PENDING", "amount = 699"), {OPEN}),
    "a waiting request for another kind": (_requests("PENDING", "operation = 'transactions.withdraw'"), {OPEN}),
    "a waiting request for something else": (_requests("PENDING", "operation = 'transactions.reverse'"), {OPEN}),
}


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_what_was_done_is_found_by_the_checks_for_it(books: dict[str, Transaction], corruption: str) -> None:
    statement, expected = CORRUPTIONS[corruption]
    entries: dict[str, object] = {name: row.entry_id for name, row in books.items() if row.entry_id}
    accounts = {"li": books["plain"].debit_account_id, "cash": books["deposit"].debit_account_id}
    corrupt(_filled(statement, entries | accounts))
    status, answer = verify()
    assert (status, answer["ok"], wrong(answer)) == (1, False, expected)
    faults = [fault for check in answer["checks"].values() for fault in check["first"]]
    assert all(fault["record"] and fault["detail"] for fault in faults)


def test_what_was_returned_to_its_maker_still_waits(books: dict[str, Transaction]) -> None:
    corrupt(_requests("PENDING", "state = 'RETURNED'"))
    assert verify()[1]["ok"]


def test_an_open_request_without_its_transaction_is_found(books: dict[str, Transaction]) -> None:
    request = make_request(cny("9.00"), "transactions.withdraw")
    make_request(cny("9.00"), "transactions.reverse")  # parks nothing
    status, answer = verify()
    assert (status, wrong(answer)) == (1, {OPEN})
    assert answer["checks"][OPEN]["first"] == [{"record": request.reference, "detail": "no transaction / PENDING"}]


def _filled(statement: str, values: dict[str, object]) -> str:
    return statement % {name: f"'{value}'" for name, value in values.items()}


def test_a_transaction_whose_entry_was_reversed_behind_its_back_is_found(books: dict[str, Transaction]) -> None:
    assert books["plain"].entry_id
    post(mirror_of(books["plain"].entry_id))
    status, answer = verify()
    assert (status, wrong(answer)) == (1, {NAMED})
    assert answer["checks"][NAMED]["first"] == [{"record": books["plain"].reference, "detail": "POSTED"}]


def test_all_faults_are_counted_and_the_first_are_shown(db: None) -> None:
    accounts = [make_account("1.00") for _ in range(FAULTS_SHOWN_MAX + 2)]
    corrupt("UPDATE accounts_balance SET ledger = ledger + 1")
    (outcome,) = [outcome for outcome in verify_books().outcomes if outcome.fault_count]
    assert (outcome.fault_count, len(outcome.faults)) == (len(accounts) + 1, FAULTS_SHOWN_MAX)
    assert Account.objects.count() == len(accounts) + 1


def guards_in_migrations() -> set[tuple[str, str]]:
    """Return (table, trigger) for every trigger on the books' tables that the migrations create."""
    created = re.compile(r"CREATE (?:CONSTRAINT )?TRIGGER (\w+)\s+(?:BEFORE|AFTER)[\w\s,]*? ON (\w+)")
    texts = [
        path.read_text()
        for app in ("accounts", "risk", "transactions")
        for path in Path(app, "migrations").glob("*.sql")
    ]
    return {(table, trigger) for text in texts for trigger, table in created.findall(text)}


def test_every_guard_of_the_migrations_is_looked_for() -> None:
    assert guards_in_migrations() == {(table, name) for table, names in GUARDS.items() for name in names}


@pytest.mark.parametrize(
    ("action", "detail"),
    [
        ("ALTER TABLE transactions_posting DISABLE TRIGGER postings_hold", "switched off"),
        ("DROP TRIGGER postings_hold ON transactions_posting", "missing"),
    ],
)
def test_a_guard_that_is_not_in_force_is_found(books: dict[str, Transaction], action: str, detail: str) -> None:
    check_deferred()
    execute(action)
    status, answer = verify()
    assert (status, wrong(answer)) == (1, {"guards_in_force"})
    assert answer["checks"]["guards_in_force"]["first"] == [
        {"record": "transactions_posting.postings_hold", "detail": detail}
    ]
