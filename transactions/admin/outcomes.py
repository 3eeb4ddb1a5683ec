"""From the outcome of a submission to the transaction it made."""

from __future__ import annotations

from bankops.core.operations import Outcome
from transactions import selectors
from transactions.models import Transaction


def transaction_of(outcome: Outcome) -> Transaction:
    """Return the transaction of an outcome that is done: carried out now, or with the consent of its request before."""
    if outcome.result is not None:
        assert isinstance(outcome.result, Transaction)
        return outcome.result
    return selectors.posted_from(outcome.request.pk).get()
