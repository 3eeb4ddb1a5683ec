"""Which transactions a partner sees: those it ordered itself, through whichever of its credentials."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from transactions.models import Hold, Kind, Transaction


def own_payments(partner_id: UUID, *kinds: Kind) -> QuerySet[Transaction]:
    """Return a partner's payments of these kinds, or of all, with what their answer needs; no query is made here."""
    own = Transaction.objects.filter(partner=partner_id, **({"kind__in": kinds} if kinds else {}))
    return own.select_related("approval_request", "debit_account", "credit_account", "twin", "note")


def own_transfers(partner_id: UUID) -> QuerySet[Transaction]:
    """Return a partner's transfers, as `own_payments`."""
    return own_payments(partner_id, Kind.TRANSFER)


def own_holds(partner_id: UUID) -> QuerySet[Hold]:
    """Return the holds that a partner placed, with what their answer needs; no query is made here."""
    return Hold.objects.filter(partner=partner_id).select_related("account", "payee", "transaction", "note")


def own_among(partner_id: UUID, entry_ids: Iterable[int]) -> dict[int, Transaction]:
    """Return those of a partner's own transactions that made these journal entries, by entry; one query."""
    own = Transaction.objects.filter(partner=partner_id, entry__in=list(entry_ids))
    return {row.entry_id: row for row in own if row.entry_id is not None}
