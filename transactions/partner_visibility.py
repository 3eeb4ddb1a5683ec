"""Which transactions a partner sees: those it ordered itself, through whichever of its credentials."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from transactions.models import Kind, Transaction


def own_transfers(partner_id: UUID) -> QuerySet[Transaction]:
    """Return a partner's transfers with what their answer needs; no query is made here."""
    own = Transaction.objects.filter(partner=partner_id, kind=Kind.TRANSFER)
    return own.select_related("approval_request", "debit_account", "credit_account", "twin")


def own_among(partner_id: UUID, entry_ids: Iterable[int]) -> dict[int, Transaction]:
    """Return those of a partner's own transactions that made these journal entries, by entry; one query."""
    own = Transaction.objects.filter(partner=partner_id, entry__in=list(entry_ids))
    return {row.entry_id: row for row in own if row.entry_id is not None}
