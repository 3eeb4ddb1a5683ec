"""An installation for partners' developers to try things: amounts that stand for an outcome, and answers that say so.

Books are a sandbox from their first day or never (`partners.services.installation`). Nothing here does anything otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.conf import settings

from bankops.core.money import Money

WAITS, APPROVED, REJECTED = "4000.02", "4000.10", "4000.11"
"""Amounts that wait for reviewers: for ever, until the sandbox approves, until it rejects."""
REVIEWED: Final = (WAITS, APPROVED, REJECTED)

REFUSED: Final[Mapping[str, str]] = {
    "4000.01": "insufficient_funds",
    "4000.04": "payee_unavailable",
    "4000.05": "limit_exceeded",
    "4000.06": "busy",
    "4000.07": "internal_error",
    "4000.08": "rate_limited",
}
"""Amounts that are refused, by the code they are refused with."""
SLOW: Final = "4000.09"
"""An amount whose answer takes `SLOW_SECONDS`."""
SLOW_SECONDS: Final = 3


def is_on() -> bool:
    """Tell whether this installation is a sandbox."""
    return bool(settings.BANKOPS_SANDBOX)


def livemode() -> bool:
    """Return what payments, refunds, holds and batches say of themselves: whether their money is real."""
    return not is_on()


def magic(amount: Money) -> str:
    """Return a magic amount as it is named above; nothing where it is none, or where the books are live."""
    if not is_on() or amount.currency != settings.BANKOPS_BASE_CURRENCY:
        return ""
    text = str(amount)
    return text if text in REFUSED or text in REVIEWED or text == SLOW else ""
