"""Two at once cannot overdraw an account; and the twins that show what would happen, were a defence missing."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from accounts.models import Account
from bankops.core.errors import BankOpsError
from tests.accounts.factories import cny, ledger_of, make_account, own_account
from tests.committed import at_once
from tests.concurrency.racing import guards_asleep, twin_of_ledger_post
from tests.transactions.factories import withdraw
from transactions.errors import InsufficientFunds
from transactions.models import Posting, Transaction
from transactions.verification import verify_books

pytestmark = pytest.mark.usefixtures("committed_db")


def withdraw_twice_at_once(account: Account) -> list[object]:
    """Take 80.00 out of 100.00 at two counters at the same moment."""
    results = at_once(lambda: withdraw(account, cny("80.00")), lambda: withdraw(account, cny("80.00")))
    return sorted(results, key=lambda result: isinstance(result, Exception))


def wrong_checks() -> set[str]:
    return {outcome.check.code for outcome in verify_books().outcomes if outcome.fault_count}


def test_two_withdrawals_at_once_cannot_overdraw() -> None:
    li = make_account("100.00")
    paid, refusal = withdraw_twice_at_once(li)
    assert isinstance(paid, Transaction)
    assert isinstance(refusal, InsufficientFunds)
    assert (ledger_of(li), ledger_of(own_account())) == ("20.00", "20.00")
    assert wrong_checks() == set()


def test_with_the_lock_the_second_waits_and_sees_what_the_first_left(monkeypatch: pytest.MonkeyPatch) -> None:
    li = make_account("100.00")
    with twin_of_ledger_post(monkeypatch, locked=True):
        paid, refusal = withdraw_twice_at_once(li)
    assert isinstance(paid, Transaction)
    assert isinstance(refusal, InsufficientFunds)
    assert (ledger_of(li), wrong_checks()) == ("20.00", set())


def test_twin_without_the_lock_the_tables_stop_the_second_but_with_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both read 100.00 and want to write posting 2: the account's version is there once. No money is lost, but the
    second teller sees a fault where an answer belongs.
    """
    li = make_account("100.00")
    with twin_of_ledger_post(monkeypatch, locked=False):
        paid, fault = withdraw_twice_at_once(li)
    assert isinstance(paid, Transaction)
    assert isinstance(fault, IntegrityError)
    assert not isinstance(fault, BankOpsError)
    assert "posting_version_once" in str(fault)
    assert (ledger_of(li), wrong_checks()) == ("20.00", set())


def test_twin_without_lock_and_guards_the_bank_pays_out_what_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """160.00 leave an account of 100.00, and its balance says 20.00. `verify_books` finds it."""
    li = make_account("100.00")
    with guards_asleep():
        with twin_of_ledger_post(monkeypatch, locked=False):
            paid = withdraw_twice_at_once(li)
        assert all(isinstance(result, Transaction) for result in paid)
        assert sum(Posting.objects.filter(account=li, side="D").values_list("amount", flat=True)) == 16_000
        assert ledger_of(li) == "20.00"
        assert wrong_checks() == {"guards_in_force", "balance_matches_postings", "balances_chain"}


def test_with_the_lock_no_guard_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    li = make_account("100.00")
    with guards_asleep():
        with twin_of_ledger_post(monkeypatch, locked=True):
            paid, refusal = withdraw_twice_at_once(li)
        assert isinstance(paid, Transaction)
        assert isinstance(refusal, InsufficientFunds)
        assert (ledger_of(li), wrong_checks()) == ("20.00", {"guards_in_force"})
