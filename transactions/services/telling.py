"""What a transaction leaves behind in the audit trail and the outbox, whichever way it went."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from accounts.models import Account
from bankops.core import audit, ids, outbox
from bankops.core.actor import Actor
from bankops.core.audit import EventType
from partners.models import Partner
from transactions.models import HELD_BY_RISK, State, Transaction

UNDER_REVIEW: Final = "under_review"
_NOT_FOR_PARTNERS: Final = frozenset(
    {"debit_account", "credit_account", "account", "payee", "external_reference", "reference"}
)


def subject_of(row: Transaction) -> audit.Subject:
    """Return how the audit trail names a transaction."""
    return audit.Subject("transaction", row.public_id, row.reference)


def tell(
    event: EventType, row: Transaction, *, before: State | None, actor: Actor, now: datetime, reason: str = ""
) -> None:
    """Write the audit event and announce it: the transaction went from `before` (None: it is new) to where it is.

    The partner that ordered it hears of it.
    """
    facts = facts_of(row)
    audit.record(
        event,
        actor=actor,
        subject=subject_of(row),
        now=now,
        reason=reason,
        changes={"state": (before or "", State(row.state))},
        detail=facts,
    )
    if row.partner_id:
        tell_partner(event, row, facts=facts, now=now)
    else:
        outbox.announce(event.name, subject_id=row.public_id, payload=facts, now=now)


def tell_inside(event: EventType, row: Transaction, *, actor: Actor, now: datetime, reason: str) -> None:
    """Write the audit event of a step that leaves a transaction where it is, and is nobody's business outside the bank."""
    audit.record(event, actor=actor, subject=subject_of(row), now=now, reason=reason, detail=facts_of(row))


def tell_partner(event: EventType, row: Transaction, *, facts: Mapping[str, Any], now: datetime) -> None:
    """Announce to the partner that ordered a transaction what became of it; to nobody, where none did.

    :param facts: `facts_of` it.
    """
    if audience := audience_of(row.partner_id):
        told = for_partners(_without_strangers(facts, row), reference=row.external_reference)
        outbox.announce(event.name, subject_id=row.public_id, payload=told, now=now, audience=audience)


def held_as_told(row: Transaction) -> str:
    """Return why a transaction was held back, as its partner reads it: of risk, that the bank reviews it, and nothing more."""
    return UNDER_REVIEW if row.held_because in HELD_BY_RISK else row.held_because


def audience_of(partner_id: UUID | None) -> str:
    """Return to whom what a partner ordered is announced: to it, or to nobody outside."""
    return ids.encode(Partner.ID_PREFIX, partner_id) if partner_id else ""


def for_partners(facts: Mapping[str, Any], *, reference: str) -> dict[str, Any]:
    """Return the facts as the partner knows them: without ids of accounts, which it may know by their number only.

    :param reference: the partner's own.
    """
    told = {name: fact for name, fact in facts.items() if name not in _NOT_FOR_PARTNERS}
    ours = {"bank_reference": facts["reference"]} if "reference" in facts else {}
    return {**told, "reference": reference, **ours}


def facts_of(row: Transaction) -> dict[str, Any]:
    """Return what machines are told of a transaction: ids and decimal strings, no personal data."""
    return {
        "transaction": row.public_id,
        "reference": row.reference,
        "kind": str(row.kind),
        "state": row.state.lower(),
        "amount": str(row.money),
        "currency": row.currency,
        "debit_account": ids.encode(Account.ID_PREFIX, row.debit_account_id),
        "credit_account": ids.encode(Account.ID_PREFIX, row.credit_account_id),
        "booking_date": row.booking_date.isoformat(),
        **_only_where_said(row),
    }


def _without_strangers(facts: Mapping[str, Any], row: Transaction) -> Mapping[str, Any]:
    """Return the facts without the twin, where it was not the same partner that ordered it, and without what risk thinks."""
    own = row.twin is not None and row.twin.partner_id == row.partner_id
    told = facts if own else {name: fact for name, fact in facts.items() if name != "possible_duplicate_of"}
    return {**told, "held_because": held_as_told(row)} if "held_because" in told else told


def _only_where_said(row: Transaction) -> dict[str, str]:
    """Return what is true of few: why it was held back, what it looks like, what it gives back."""
    told = {
        "held_because": row.held_because,
        "possible_duplicate_of": ids.encode(Transaction.ID_PREFIX, row.twin_id) if row.twin_id else "",
        "refunds": ids.encode(Transaction.ID_PREFIX, row.refunds_id) if row.refunds_id else "",
    }
    return {name: said for name, said in told.items() if said}
