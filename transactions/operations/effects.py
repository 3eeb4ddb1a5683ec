"""What reviewers read about the accounts an operation touches, and what must still be so when they have decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.wording import restrictions_in_words
from bankops.core.money import Money
from transactions import selectors
from transactions.wording import named

_ALIKE_FOR = timedelta(hours=24)


def balance_change(account: Account, change: Money) -> dict[str, tuple[str, str]]:
    """Return the line of the before/after table that shows what happens to an account's ledger balance."""
    if account.is_confidential:
        return {}  # reviewers see what they need to decide, not what an executive owns
    before = account.balance.ledger_money
    return {_("Balance of %(account)s") % {"account": named(account)}: (before.format(), (before + change).format())}


def fingerprint(account: Account) -> dict[str, Any]:
    """Return what must not change about an account while reviewers decide. Its balance may: money comes in all day."""
    return {
        "status": str(account.status),
        "restriction": str(account.restriction),
        "overdraft_limit": account.overdraft_limit,
    }


def restricted(accounts: Iterable[Account]) -> Iterator[str]:
    """Yield a warning for everything that blocks one of the accounts without forbidding the movement itself."""
    for account, restrictions in restrictions_in_words(accounts).items():
        for restriction in restrictions:
            yield _("Account %(account)s is restricted: %(restriction)s.") % {
                "account": named(account),
                "restriction": restriction,
            }


def overdrawn(account: Account, amount: Money) -> Iterator[str]:
    """Yield a warning when the payer's own money, without what is held for others, does not cover `amount`."""
    after = account.balance.ledger_money - account.balance.held_money - amount
    if after.minor < 0 and not account.is_confidential:
        words = {"account": named(account), "after": (-after).format()}
        yield _("It leaves account %(account)s overdrawn by %(after)s, counting what is held already.") % words


def alike(*, debit: UUID, credit: UUID, amount: Money, now: datetime) -> Iterator[str]:
    """Yield a warning for the newest transaction that looks the same: still waiting, or of the last 24 hours."""
    twin = selectors.look_alike(debit=debit, credit=credit, amount=amount, since=now - _ALIKE_FOR)
    if twin:
        words = {"reference": twin.reference, "state": twin.get_state_display(), "maker": twin.maker_name}
        text = _("It looks like %(reference)s (%(state)s, made by %(maker)s): the same accounts and amount.")
        yield text % words
