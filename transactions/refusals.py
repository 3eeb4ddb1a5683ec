"""What the books would refuse at this moment, seen without writing to them.

The journal decides when it posts (`migrations/ledger_post.sql`); this says the same, in the same order, to whom it
would be a pity to tell later: before a form is confirmed, before reviewers are asked, before money is held. A test
compares the two rule by rule.
"""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import Account, AccountStatus, Balance, Category, Restriction
from bankops.core.money import Money
from transactions import errors, selectors
from transactions.duplicates.errors import RefundedAlready
from transactions.models import Kind, Posting, Side, State, Transaction

CAPACITY = 4 * 10**18
"""Minor units an account can hold, so that no sum of two overflows."""

_BLOCKS = {
    Side.DEBIT: (Restriction.BLOCK_DEBIT, Restriction.BLOCK_ALL),
    Side.CREDIT: (Restriction.BLOCK_CREDIT, Restriction.BLOCK_ALL),
}


def check_line(balance: Balance, side: Side, amount: Money) -> None:
    """Refuse a posting that the journal would not take on this balance; needs `account` loaded.

    :raises PostingRefused: the subclass for the reason, naming the account.
    """
    account = balance.account
    if amount.minor <= 0:
        raise errors.AmountNotPositive(account=account.number)
    if amount.minor > CAPACITY:
        raise errors.PostingTooLarge(account=account.number)
    if account.currency != amount.currency:
        raise errors.WrongCurrency(account=account.number)
    check_standing(account, side)
    _check_balance(balance, side, amount)


def check_standing(account: Account, side: Side) -> None:
    """Refuse a posting that status or restriction forbid, whatever the amount.

    :raises AccountClosed, AccountPending, AccountBlocked, AccountDormant: naming the account.
    """
    if account.status == AccountStatus.CLOSED:
        raise errors.AccountClosed(account=account.number)
    if account.status == AccountStatus.PENDING:
        raise errors.AccountPending(account=account.number)
    if account.restriction in _BLOCKS[side]:
        raise errors.AccountBlocked(account=account.number)
    if account.status == AccountStatus.DORMANT and side == Side.DEBIT:
        raise errors.AccountDormant(account=account.number)


def check_two_sides(debit: Balance, credit: Balance, amount: Money) -> None:
    """Refuse what the journal would not move from one account to the other, in its order: the debit first.

    :raises PostingRefused: the subclass for the reason, naming the account.
    """
    check_line(debit, Side.DEBIT, amount)
    check_line(credit, Side.CREDIT, amount)


def check_reversible(original: Transaction) -> None:
    """Refuse to reverse what cannot be, whatever stands on the accounts.

    :raises ReversalOfReversal, AlreadyReversed, NotReversible, RefundedAlready: by its kind, state and refunds.
    """
    if original.kind == Kind.REVERSAL:
        raise errors.ReversalOfReversal
    if original.state == State.REVERSED:
        raise errors.AlreadyReversed
    if original.state != State.POSTED:
        raise errors.NotReversible(reference=original.reference, state=State(original.state).label)
    if (refunded := selectors.refunded(original)).minor:
        raise RefundedAlready(reference=original.reference, refunded=refunded.format())


def check_mirror(lines: Iterable[Posting], balances: Iterable[Balance]) -> None:
    """Refuse the mirror image of an entry's `lines` that the journal would not take on these balances.

    :raises PostingRefused: the subclass for the reason, naming the account.
    """
    by_account = {balance.account_id: balance for balance in balances}
    for line in lines:
        check_line(by_account[line.account_id], Side(line.side).opposite, line.money)


def is_covered(balance: Balance, amount: Money, *, own_hold: int = 0) -> bool:
    """Tell whether the available balance covers `amount`, counting a hold of `own_hold` minor units placed for it."""
    available = balance.available
    return available is None or available.minor + own_hold >= amount.minor


def _check_balance(balance: Balance, side: Side, amount: Money) -> None:
    account = balance.account
    grows = side == Category(account.category).normal_side
    after = balance.ledger + (amount.minor if grows else -amount.minor)
    if not grows and not is_covered(balance, amount):
        raise errors.InsufficientFunds(account=account.number)
    if abs(after) > CAPACITY:
        raise errors.PostingTooLarge(account=account.number)
