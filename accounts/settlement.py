"""What has to be settled before an account is closed. Told by the apps above, which this one does not know.

settlement.install(Books(pending=holds_on, accrued=interest_on, …))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured

from accounts.models import Account
from bankops.core.actor import Actor
from bankops.core.money import Money


@dataclass(frozen=True, slots=True)
class Closing:
    """A closing under way; its accounts are locked.

    Attributes:
        payee: where the balance goes; None when it has to be zero already.

    """

    account: Account
    payee: Account | None
    actor: Actor
    now: datetime
    business_date: date
    reason: str


@dataclass(frozen=True, slots=True)
class Books:
    """How the books take part in a closing.

    Attributes:
        pending: returns what is undecided on an account, in words, for instance a hold with its amount.
        accrued: returns what an account has earned and was not credited yet, in whole minor units.
        payers: returns the bank's own accounts that credit it, to be locked together with the account.
        pay_out: credits what has accrued and moves the whole balance to the payee. Raises `BankOpsError` when the books
            refuse it.
        wind_up: ends what would come back to the account later, such as standing orders; returns how many.

    """

    pending: Callable[[Account], Sequence[str]]
    accrued: Callable[[Account], Money]
    payers: Callable[[Account], Iterable[UUID]]
    pay_out: Callable[[Closing], object]
    wind_up: Callable[[Closing], int]


_books: Books | None = None


def install(books: Books | None) -> Books | None:
    """Ask `books` from now on; return those before, so that a test can put them back."""
    global _books
    before, _books = _books, books
    return before


def books() -> Books:
    """Return how the books take part.

    :raises ImproperlyConfigured: when nobody installed that: an account is not closed unseen.
    """
    if _books is None:
        raise ImproperlyConfigured("no app has told accounts.settlement what to settle before an account is closed")
    return _books
