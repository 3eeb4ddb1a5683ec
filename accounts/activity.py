"""When an account's customer last did something. Asked of whoever keeps the books, which this app does not know.

`transactions` installs its answer when it is ready. Without one nobody is taken for inactive: an account must not fall
asleep because nobody looked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured

ActiveSince = Callable[[Collection[UUID], date], set[UUID]]
"""Takes account ids and a day; returns those whose customer initiated a booking on that day or later. Set-based."""

_provider: ActiveSince | None = None


def install(provider: ActiveSince | None) -> ActiveSince | None:
    """Ask `provider` from now on; return the one before, so that a test can put it back."""
    global _provider
    before, _provider = _provider, provider
    return before


def active_since(account_ids: Collection[UUID], day: date) -> set[UUID]:
    """Return which of the accounts had a booking that their customer initiated on `day` or later.

    :raises ImproperlyConfigured: when nobody installed an answer.
    """
    if _provider is None:
        raise ImproperlyConfigured("no app has told accounts.activity when customers were last active")
    return _provider(account_ids, day)
