"""How the product speaks of accounts and what happens to them, wherever it does."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts import numbers
from accounts.access import holder_of_visible
from accounts.models import Account


def named(account: Account) -> str:
    """Return an account's number and whose it is: `1000 0000 0152 (Wang Fang)`. Needs `customer` loaded."""
    return f"{numbers.display(account.number)} ({whose(account)})"


def whose(account: Account) -> str:
    """Return whose account it is; of a confidential one only that it is, whoever reads. Needs `customer` loaded."""
    return _("confidential") if account.is_confidential else holder_of_visible(account)
