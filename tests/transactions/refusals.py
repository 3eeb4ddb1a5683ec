"""Everything the journal refuses about one entry, for every door to it: what is tried, and the code that answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from accounts import chart
from accounts.models import Account, AccountStatus, Customer, Restriction
from bankops.core.money import Money
from tests.accounts.factories import cny, make_account, own_account
from tests.transactions.factories import credit, debit, moved, post
from transactions.ledger import PostingDraft


class Attempt(NamedTuple):
    """Postings to be refused, and the account that the answer names, where it names one."""

    postings: list[PostingDraft]
    culprit: Account | None = None


def _between(payer: Account, payee: Account, amount: Money, culprit: Account | None = None) -> Attempt:
    return Attempt([debit(payer, amount), credit(payee, amount)], culprit)


def _payer(amount: str = "100.01", **state: Any) -> Attempt:
    payer = make_account(**{"balance": "100.00"} | state)
    return _between(payer, make_account(), cny(amount), payer)


def _payee(**state: Any) -> Attempt:
    payee = make_account(**state)
    return _between(make_account("100.00"), payee, cny("1.00"), payee)


def _same_account_overdrawn_for_a_moment() -> Attempt:
    account = make_account("1.00")
    return _between(account, account, cny("1.01"), account)


def _other_currency() -> Attempt:
    payer = make_account("100.00")
    return _between(payer, make_account(), Money(100, "USD"), payer)


def _currencies_of_two_accounts() -> Attempt:
    payee = make_account(currency="JPY")
    return _between(make_account("100.00"), payee, cny("1.00"), payee)


def _amount(minor: int) -> Attempt:
    payer = make_account("100.00")
    return _between(payer, make_account(), Money(minor, "CNY"), payer)


def _into_a_full_account() -> Attempt:
    """The books hold 4·10¹⁸ minor units an account, so that no sum of two overflows."""
    payee = make_account()
    post(moved(own_account(chart.CAPITAL), payee, cny("39999999999999999.99")))
    return _between(make_account("100.00"), payee, cny("0.02"), payee)


def _unknown_account() -> Attempt:
    unknown = Account(pk=Customer().pk)
    return _between(make_account("100.00"), unknown, cny("1.00"), unknown)


def _unbalanced() -> Attempt:
    return Attempt([debit(make_account("100.00"), cny("1.00")), credit(make_account(), cny("0.99"))])


def _only_debits() -> Attempt:
    account = make_account("100.00")
    return Attempt([debit(account, cny("1.00")), debit(account, cny("1.00"))])


def _balanced_only_across_currencies() -> Attempt:
    return Attempt(
        [debit(make_account("100.00"), cny("1.00")), credit(make_account(currency="JPY"), Money(100, "JPY"))]
    )


def _one_of_two_currencies_unbalanced() -> Attempt:
    payer, payee = make_account("100.00"), make_account()
    yen_payer, yen_payee = make_account("700", currency="JPY"), make_account(currency="JPY")
    return Attempt(
        [
            debit(payer, cny("1.00")),
            debit(yen_payer, Money(20, "JPY")),
            credit(payee, cny("0.90")),
            credit(yen_payee, Money(30, "JPY")),
        ]
    )


def _one_posting() -> Attempt:
    return Attempt([debit(make_account("100.00"), cny("1.00"))])


CLOSED, PENDING, DORMANT = AccountStatus.CLOSED, AccountStatus.PENDING, AccountStatus.DORMANT
DEBIT, CREDIT, ALL = Restriction.BLOCK_DEBIT, Restriction.BLOCK_CREDIT, Restriction.BLOCK_ALL

ATTEMPTS: dict[str, tuple[str, Callable[[], Attempt]]] = {
    "more than the balance": ("insufficient_funds", _payer),
    "more than what is not held": ("insufficient_funds", lambda: _payer("80.01", held="20.00")),
    "more than the overdraft": ("insufficient_funds", lambda: _payer("150.01", overdraft="50.00")),
    "more for a moment": ("insufficient_funds", _same_account_overdrawn_for_a_moment),
    "debit closed": ("account_closed", lambda: _payer("1.00", balance="0", status=CLOSED)),
    "credit closed": ("account_closed", lambda: _payee(status=CLOSED)),
    "closed and blocked": ("account_closed", lambda: _payee(status=CLOSED, restriction=ALL)),
    "debit pending": ("account_pending", lambda: _payer("1.00", status=PENDING)),
    "credit pending": ("account_pending", lambda: _payee(status=PENDING)),
    "debit dormant": ("account_dormant", lambda: _payer("1.00", status=DORMANT)),
    "debit dormant, credits blocked": ("account_dormant", lambda: _payer("1.00", status=DORMANT, restriction=CREDIT)),
    "debit dormant and blocked": ("account_blocked", lambda: _payer("1.00", status=DORMANT, restriction=DEBIT)),
    "credit dormant and blocked": ("account_blocked", lambda: _payee(status=DORMANT, restriction=CREDIT)),
    "debit blocked for debits": ("account_blocked", lambda: _payer("1.00", restriction=DEBIT)),
    "debit blocked for all": ("account_blocked", lambda: _payer("1.00", restriction=ALL)),
    "credit blocked for credits": ("account_blocked", lambda: _payee(restriction=CREDIT)),
    "credit blocked for all": ("account_blocked", lambda: _payee(restriction=ALL)),
    "another currency": ("currency_mismatch", _other_currency),
    "accounts of two currencies": ("currency_mismatch", _currencies_of_two_accounts),
    "nothing": ("amount_not_positive", lambda: _amount(0)),
    "less than nothing": ("amount_not_positive", lambda: _amount(-1)),
    "more than the books hold": ("posting_too_large", lambda: _amount(4 * 10**18 + 1)),
    "into a full account": ("posting_too_large", _into_a_full_account),
    "unknown account": ("unknown_account", _unknown_account),
    "unbalanced": ("unbalanced_entry", _unbalanced),
    "only debits": ("unbalanced_entry", _only_debits),
    "balanced only across currencies": ("unbalanced_entry", _balanced_only_across_currencies),
    "one of two currencies unbalanced": ("unbalanced_entry", _one_of_two_currencies_unbalanced),
    "one posting": ("too_few_postings", _one_posting),
}
