"""How the product speaks of accounts and what happens to them, wherever it does."""

from __future__ import annotations

from accounts import numbers
from accounts.models import Account


def named(account: Account) -> str:
    """Return an account's number and whose it is: `1000 0000 0152 (Wang Fang)`. Needs `customer` loaded."""
    return f"{numbers.display(account.number)} ({account.customer.name if account.customer else account.name})"
