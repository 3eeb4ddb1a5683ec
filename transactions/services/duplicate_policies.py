"""The only writer of duplicate policies."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from bankops.core import audit, operations
from bankops.core.actor import Actor
from bankops.core.texts import require_reason
from transactions import events
from transactions.models import DuplicatePolicy
from transactions.services.duplicates import policy_of

RANGES: Final = {
    "window_minutes": (1, 44_640),
    "twins_tolerated": (0, 100),
    "amount_within_basis_points": (0, 1_000),
    "held_hours": (1, 720),
}
"""The least and the most of each number in a policy; the database holds the same."""

TERMS: Final = (*RANGES, "staff_too")
"""What a policy says, by its columns."""


@operations.only_through_gate("transactions.change_duplicate_policy")
@transaction.atomic
def change_duplicate_policy(
    *, partner_id: UUID | None, terms: dict[str, Any], reason: str, actor: Actor, now: datetime
) -> DuplicatePolicy:
    """Let a partner's payments, or everybody's, be compared by new terms from now on, and return the policy.

    What was held back under the terms before stays so. Writes `transactions.duplicate_policy.changed`.

    :param partner_id: None for everybody without a policy of their own.
    :param terms: all of `TERMS`.
    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    """
    before = policy_of(partner_id)
    row = DuplicatePolicy(partner_id=partner_id, set_at=now, **terms)
    row.save(force_insert=True)
    audit.record(
        events.DUPLICATE_POLICY_CHANGED,
        actor=actor,
        subject=subject_of(row),
        now=now,
        reason=require_reason(reason),
        changes={
            term: (str(getattr(before, term)), str(getattr(row, term)))
            for term in TERMS
            if getattr(before, term) != getattr(row, term)
        },
    )
    return row


def subject_of(row: DuplicatePolicy) -> audit.Subject:
    """Return how the audit trail names a policy."""
    return audit.Subject("duplicate_policy", row.public_id, str(row))
