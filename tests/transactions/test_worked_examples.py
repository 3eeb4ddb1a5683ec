"""What every movement does to the books, as T-accounts. Amounts in CNY; Dr on the left, Cr on the right."""

from __future__ import annotations

import pytest

from accounts import chart
from accounts.models import Account
from tests.accounts.factories import cny, ledger_of, make_account, own_account
from tests.transactions.factories import charge_fee, deposit, reverse, transfer, withdraw
from tests.unchanged import check_deferred
from transactions.models import Transaction
from transactions.selectors import trial_balance
from transactions.verification import verify_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def li() -> Account:
    return make_account()


@pytest.fixture
def wang() -> Account:
    return make_account()


def booked(transaction: Transaction) -> list[tuple[str, str, str]]:
    """Return side, account number and amount of every posting, in order."""
    assert transaction.entry is not None
    lines = transaction.entry.postings.select_related("account").order_by("line")
    return [(line.side, line.account.number, str(line.money)) for line in lines]


def closing(*accounts: Account) -> list[str]:
    check_deferred()
    assert verify_books().ok
    assert trial_balance().balances
    return [ledger_of(account) for account in accounts]


def test_deposit(li: Account) -> None:
    """Li pays 1,000.00 in at the counter. Cash, an asset, grows; so does what the bank owes Li.

    1010 Cash in hand              2010 Li
    ─────────────────              ─────────────────
    1,000.00 │                              │ 1,000.00
    """
    transaction = deposit(li, cny("1000.00"))
    assert booked(transaction) == [("D", "1010-CNY", "1000.00"), ("C", li.number, "1000.00")]
    assert closing(own_account(), li) == ["1000.00", "1000.00"]


def test_withdrawal(li: Account) -> None:
    """Li, who has 1,000.00, takes out 300.00.

    2010 Li                        1010 Cash in hand
    ─────────────────              ─────────────────
            │ 1,000.00             1,000.00 │
     300.00 │                               │ 300.00
            │   700.00               700.00 │
    """
    deposit(li, cny("1000.00"))
    transaction = withdraw(li, cny("300.00"))
    assert booked(transaction) == [("D", li.number, "300.00"), ("C", "1010-CNY", "300.00")]
    assert closing(own_account(), li) == ["700.00", "700.00"]


def test_transfer(li: Account, wang: Account) -> None:
    """Li, who has 1,000.00, sends Wang 250.50. The bank owes the same in all, to other people; no cash moves.

    2010 Li                        2010 Wang
    ─────────────────              ─────────────────
            │ 1,000.00                      │
     250.50 │                               │ 250.50
            │   749.50                      │ 250.50
    """
    deposit(li, cny("1000.00"))
    transaction = transfer(li, wang, cny("250.50"))
    assert booked(transaction) == [("D", li.number, "250.50"), ("C", wang.number, "250.50")]
    assert closing(own_account(), li, wang) == ["1000.00", "749.50", "250.50"]


def test_fee(li: Account) -> None:
    """The bank charges Li, who has 100.00, a fee of 5.00: it owes Li less, and has earned it.

    2010 Li                        4010 Fee income
    ─────────────────              ─────────────────
            │ 100.00                        │
       5.00 │                               │ 5.00
            │  95.00                        │ 5.00
    """
    deposit(li, cny("100.00"))
    transaction = charge_fee(li, cny("5.00"))
    assert booked(transaction) == [("D", li.number, "5.00"), ("C", "4010-CNY", "5.00")]
    assert closing(own_account(), li, own_account(chart.FEE_INCOME)) == ["100.00", "95.00", "5.00"]


def test_reversal(li: Account, wang: Account) -> None:
    """Li's 250.50 went to Wang by mistake. Its mirror image is posted; what happened stays visible on both accounts.

    2010 Li                        2010 Wang
    ─────────────────              ─────────────────
            │ 1,000.00                      │
     250.50 │                               │ 250.50      the transfer
            │ 250.50                 250.50 │             its reversal
            │ 1,000.00                      │   0.00
    """
    deposit(li, cny("1000.00"))
    mistake = transfer(li, wang, cny("250.50"))
    transaction = reverse(mistake)
    assert booked(transaction) == [("C", li.number, "250.50"), ("D", wang.number, "250.50")]
    assert closing(own_account(), li, wang) == ["1000.00", "1000.00", "0.00"]
    assert wang.postings.count() == 2


def test_a_day_in_which_all_of_it_happens(li: Account, wang: Account) -> None:
    """The trial balance at the end: cash 700.00 on the left; customers 693.50 and fees 6.50 on the right."""
    deposit(li, cny("1000.00"))
    withdraw(li, cny("300.00"))
    transfer(li, wang, cny("250.50"))
    charge_fee(li, cny("6.50"))
    reverse(transfer(wang, li, cny("50.00")))
    assert closing(li, wang) == ["443.00", "250.50"]
    balance = trial_balance()
    sides = {line.code: (str(line.debit or ""), str(line.credit or "")) for line in balance.lines}
    assert sides == {"1010": ("700.00", ""), "2010": ("", "693.50"), "4010": ("", "6.50")}
    assert [tuple(map(str, totals)) for totals in balance.totals.values()] == [("700.00", "700.00")]
