"""Who of the bank may read what partners are told of their orders: whoever may open the order's own page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from bankops.core import ids
from bankops.core.errors import InvalidId
from notifications import readers
from staff.models import User
from transactions.models import Hold, Transaction, TransferBatch
from transactions.visibility import visible_batches, visible_holds, visible_transactions


def register_all() -> None:
    """Register them; called once, when the app is ready."""
    readers.register(Transaction.ID_PREFIX, _of(Transaction, visible_transactions))
    readers.register(Hold.ID_PREFIX, _of(Hold, visible_holds))
    readers.register(TransferBatch.ID_PREFIX, _of(TransferBatch, visible_batches))


def _of(model: type[Any], visible: Callable[[User], QuerySet[Any]]) -> readers.Reader:
    right = f"transactions.view_{model._meta.model_name}"

    def may_read(person: User, public_id: str) -> bool:
        try:
            key = ids.decode(model.ID_PREFIX, public_id)
        except InvalidId:
            return False
        return person.has_perm(right) and visible(person).filter(pk=key).exists()

    return may_read
