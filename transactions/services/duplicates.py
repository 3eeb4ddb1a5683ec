"""The guard against paying twice: a reference is used once, and a payment that looks like another one is held back.

A repeated idempotency key is not its business: that is the same payment, and the answer to it is known. docs/duplicates.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from approvals.errors import IdenticalRequestOpen
from bankops.core.db import prepared, transaction_required
from transactions.duplicates import errors
from transactions.models import Channel, DuplicatePolicy, Kind, Transaction, TransferBatch
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
    SELECT id, NULL::uuid FROM transactions_transaction
     WHERE partner_id = %(partner)s AND external_reference = %(reference)s AND external_reference <> ''
     UNION ALL
    SELECT NULL::uuid, b.id FROM transactions_transferbatchitem i JOIN transactions_transferbatch b ON b.id = i.batch_id
     WHERE i.reference = %(reference)s AND i.transaction_id IS NULL AND i.code = '' AND b.partner_id = %(partner)s
"""
_REFERENCE_ONCE = "transaction_reference_once_per_partner"
_ALIKE = """
    WITH alike AS (
        SELECT id, NULL::uuid AS hold, created_at AS at, confirmed_genuine_at IS NULL AS unexplained,
               partner_id IS NOT DISTINCT FROM %(partner)s::uuid AS own
          FROM transactions_transaction
         WHERE debit_account_id = %(debit)s::uuid AND credit_account_id = %(credit)s::uuid AND currency = %(currency)s
           AND kind = %(kind)s::text AND amount BETWEEN %(least)s::bigint AND %(most)s::bigint
           AND created_at >= %(since)s::timestamptz AND state IN ('POSTED', 'AWAITING_APPROVAL', 'HELD')
         UNION ALL
        SELECT NULL, id, placed_at, confirmed_genuine_at IS NULL, partner_id IS NOT DISTINCT FROM %(partner)s::uuid
          FROM transactions_hold
         WHERE account_id = %(debit)s::uuid AND payee_id = %(credit)s::uuid AND currency = %(currency)s
           AND %(kind)s::text = 'TRANSFER' AND amount BETWEEN %(least)s::bigint AND %(most)s::bigint
           AND placed_at >= %(since)s::timestamptz AND state = 'PENDING' AND partner_id IS NOT NULL
           AND ends_at > %(now)s::timestamptz
         UNION ALL
        SELECT NULL, NULL, b.created_at, true, b.partner_id IS NOT DISTINCT FROM %(partner)s::uuid
          FROM transactions_transferbatchitem i JOIN transactions_transferbatch b ON b.id = i.batch_id
         WHERE i.payer_id = %(debit)s::uuid AND i.payee_id = %(credit)s::uuid AND i.transaction_id IS NULL AND i.code = ''
           AND i.amount BETWEEN %(least)s::bigint AND %(most)s::bigint AND %(kind)s::text = 'TRANSFER'
           AND b.state = 'AWAITING_APPROVAL' AND b.currency = %(currency)s AND b.created_at >= %(since)s::timestamptz
    )
    SELECT (array_agg(id ORDER BY own DESC, at DESC, id DESC) FILTER (WHERE id IS NOT NULL))[1],
           count(*) FILTER (WHERE unexplained), count(*) FILTER (WHERE unexplained AND own),
           (array_agg(hold ORDER BY own DESC, at DESC, hold DESC) FILTER (WHERE hold IS NOT NULL))[1]
      FROM alike
"""


@dataclass(frozen=True, slots=True)
class Twins:
    """What looks like an instruction.

    Attributes:
        twin: the newest payment of them, one of the same partner's before others'; None where there is none.
        unexplained: how many there are that nobody has confirmed as genuine.
        tolerated: how many of those the policy tolerates.
        own: how many of those the same partner ordered, which may be told of these only.
        hold: the newest of them that is held for the payee and not captured yet, chosen likewise.

    """

    twin: UUID | None
    unexplained: int
    tolerated: int
    own: int = 0
    hold: UUID | None = None

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

    A transfer is compared with what partners' systems hold for the payee, too, until that is captured or ends.
    The caller holds the locks of both accounts, so that of two look-alikes at once the second sees the first.
    """
    return foresee(instruction, policy)


def foresee(instruction: Instruction, policy: DuplicatePolicy) -> Twins:
    """Return what `look` would, without the locks: for somebody who is about to order it."""
    least, most = policy.alike_from(instruction.amount)
    told = {
        "partner": instruction.partner_id,
        "debit": instruction.debit.pk,
        "credit": instruction.credit.pk,
        "currency": instruction.amount.currency,
        "kind": str(instruction.kind),
        "least": least,
        "most": most,
        "since": instruction.now - policy.window,
        "now": instruction.now,
    }
    ((twin, unexplained, own, hold),) = prepared(_ALIKE, told)
    return Twins(twin, unexplained, policy.twins_tolerated, own, hold)


@transaction_required
def refuse_known_reference(instruction: Instruction) -> None:
    """Refuse a reference that the partner has used before, whenever, and whatever became of that payment.

    Two payments with one reference at the same moment wait for each other. Called after the accounts are locked.

    :raises DuplicateReference: naming the payment that has it, or the batch in which it waits.
    """
    partner, reference = instruction.partner_id, instruction.external_reference
    if partner is None or not reference:
        return
    prepared(_LOCK_REFERENCE, {"name": f"transactions.reference:{partner}:{reference}"})
    _refuse_used(partner, reference)


@contextmanager
def reference_told(partner_id: UUID, reference: str) -> Iterator[None]:
    """Run a block as one, and say of a used reference what is always said, whoever noticed that it was.

    Single payments wait for each other before they write; a batch of a thousand takes no lock for each of its references, so
    that the constraint notices. Of a payment that waits for approval the gate notices first that it is asked for again.

    :raises DuplicateReference: naming the payment that has it.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as raced:
        if _REFERENCE_ONCE in str(raced):
            _refuse_used(partner_id, reference)
        raise
    except IdenticalRequestOpen:
        _refuse_used(partner_id, reference)
        raise


def _refuse_used(partner_id: UUID, reference: str) -> None:
    for transaction_id, batch_id in prepared(_SAME_REFERENCE, {"partner": partner_id, "reference": reference}):
        used: Transaction | TransferBatch = (
            Transaction.objects.get(pk=transaction_id) if transaction_id else TransferBatch.objects.get(pk=batch_id)
        )
        raise errors.DuplicateReference(
            external_reference=reference, transaction=used.public_id, where=used.where_it_stands()
        )
