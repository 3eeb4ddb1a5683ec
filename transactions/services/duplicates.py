"""The guard against paying twice: a reference is used once, and a payment that looks like another one is held back.

A repeated idempotency key is not its business: that is the same payment, and the answer to it is known. docs/duplicates.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bankops.core import ids
from bankops.core.db import prepared, transaction_required
from transactions.duplicates import errors
from transactions.models import Channel, DuplicatePolicy, Kind, Transaction
from transactions.services.instructions import Instruction

COMPARED = (Kind.TRANSFER, Kind.WITHDRAWAL, Kind.DEPOSIT)
"""The movements that are compared with others. Refunds have a limit of their own, and parts of one size are usual."""

_FIELDS = (
    "id",
    "partner_id",
    "window_minutes",
    "twins_tolerated",
    "amount_within_basis_points",
    "held_hours",
    "staff_too",
    "set_at",
)
_POLICY = f"""
    SELECT {", ".join(_FIELDS)} FROM transactions_duplicatepolicy
     WHERE partner_id IS NULL OR partner_id = %(partner)s::uuid
     ORDER BY partner_id IS NULL, set_at DESC, id DESC LIMIT 1
"""  # noqa: S608 - names of ours

_LOCK_REFERENCE = "SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 0))"
_SAME_REFERENCE = """
    SELECT id FROM transactions_transaction WHERE partner_id = %(partner)s AND external_reference = %(reference)s
"""
_ALIKE = """
    SELECT (array_agg(id ORDER BY created_at DESC, id DESC))[1], count(*) FILTER (WHERE confirmed_genuine_at IS NULL)
      FROM transactions_transaction
     WHERE debit_account_id = %(debit)s AND credit_account_id = %(credit)s AND currency = %(currency)s AND kind = %(kind)s
       AND amount BETWEEN %(least)s AND %(most)s AND created_at >= %(since)s
       AND state IN ('POSTED', 'AWAITING_APPROVAL', 'HELD')
"""


@dataclass(frozen=True, slots=True)
class Twins:
    """What looks like an instruction.

    Attributes:
        twin: the newest of them, or None.
        unexplained: how many there are that nobody has confirmed as genuine.
        tolerated: how many of those the policy tolerates.

    """

    twin: UUID | None
    unexplained: int
    tolerated: int

    @property
    def are_too_many(self) -> bool:
        """Whether the instruction is to be held back."""
        return self.unexplained > self.tolerated


def policy_of(partner_id: UUID | None) -> DuplicatePolicy:
    """Return the policy that counts for a partner, or for the bank's own people; the shipped one where none was made."""
    rows = prepared(_POLICY, {"partner": partner_id})
    return DuplicatePolicy(**dict(zip(_FIELDS, rows[0], strict=True))) if rows else DuplicatePolicy()


def policy_for(instruction: Instruction) -> DuplicatePolicy | None:
    """Return the policy under which an instruction is compared with others, or None where it is not."""
    if instruction.kind not in COMPARED or instruction.channel not in (Channel.PARTNER, Channel.STAFF):
        return None
    policy = policy_of(instruction.partner_id)
    return policy if instruction.channel == Channel.PARTNER or policy.staff_too else None


@transaction_required
def look(instruction: Instruction, policy: DuplicatePolicy) -> Twins:
    """Return what looks like an instruction: same payer, payee and kind, about the same amount, within the window.

    The caller holds the locks of both accounts, so that of two look-alikes at once the second sees the first.
    """
    least, most = policy.alike_from(instruction.amount)
    told = {
        "debit": instruction.debit.pk,
        "credit": instruction.credit.pk,
        "currency": instruction.amount.currency,
        "kind": str(instruction.kind),
        "least": least,
        "most": most,
        "since": instruction.now - policy.window,
    }
    ((twin, unexplained),) = prepared(_ALIKE, told)
    return Twins(twin, unexplained, policy.twins_tolerated)


@transaction_required
def refuse_known_reference(instruction: Instruction) -> None:
    """Refuse a reference that the partner has used before, whenever, and whatever became of that payment.

    Two payments with one reference at the same moment wait for each other. Called after the accounts are locked.

    :raises DuplicateReference: naming the payment that has it.
    """
    partner, reference = instruction.partner_id, instruction.external_reference
    if partner is None or not reference:
        return
    prepared(_LOCK_REFERENCE, {"name": f"transactions.reference:{partner}:{reference}"})
    for (known,) in prepared(_SAME_REFERENCE, {"partner": partner, "reference": reference}):
        row = Transaction.objects.get(pk=known)
        raise errors.DuplicateReference(
            external_reference=reference,
            transaction=ids.encode(Transaction.ID_PREFIX, row.pk),
            where=row.where_it_stands(),
        )
