"""What a magic amount does to a payment in the sandbox. What waits there is decided by `services.sandbox_reviews`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from bankops.core import sandbox
from bankops.core.api.errors import InternalError, RateLimited
from bankops.core.errors import BankOpsError, Busy
from bankops.core.money import Money
from transactions import errors
from transactions.api.refusals import PayeeUnavailable

_REFUSALS: Final[Mapping[str, Callable[[str, Money], BankOpsError]]] = {
    "insufficient_funds": lambda payer, _amount: errors.InsufficientFunds(account=payer),
    "payee_unavailable": lambda _payer, _amount: PayeeUnavailable(),
    "limit_exceeded": lambda payer, amount: errors.LimitExceeded(
        account=payer, limit="day", amount="4000.00", used="4000.00", left="0.00", currency=amount.currency
    ),
    "busy": lambda _payer, _amount: Busy(),
    "internal_error": lambda _payer, _amount: InternalError(),
    "rate_limited": lambda _payer, _amount: RateLimited(seconds=1),
}


def steer(amount: Money, *, payer: str) -> None:
    """Do what a magic amount stands for: nothing, for any other amount and in live books.

    :param payer: the payer's account as the request names it.
    :raises BankOpsError: the refusal that the amount stands for.
    """
    magic = sandbox.magic(amount)
    if magic == sandbox.SLOW:
        time.sleep(sandbox.SLOW_SECONDS)
    elif magic in sandbox.REFUSED:
        raise _REFUSALS[sandbox.REFUSED[magic]](payer, amount)
