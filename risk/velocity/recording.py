"""Note what moves, in the transaction in which it moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bankops.core import together
from bankops.core.db import transaction_required
from risk.facts import Facts
from risk.models import VelocityKind, VelocityTail
from risk.velocity import subjects

_DIFFERENT_PAYEES = (VelocityKind.PAYER, VelocityKind.CUSTOMER, VelocityKind.DEVICE)
_DIFFERENT_PAYERS = (VelocityKind.PAYEE, VelocityKind.CUSTOMER, VelocityKind.DEVICE)


@transaction_required
def record(*, movements: Sequence[Facts]) -> None:
    """Count movements from the moment on at which the caller's transaction commits; each once, which is the caller's care.

    It waits for nobody: rows are only added. Inside `together.written_together` it costs no round trip. A movement without
    `base_amount`, for want of a rate, is counted and adds nothing to sums.

    :raises TransactionRequired: outside a transaction.
    """
    rows = [row for facts in movements for row in rows_of(facts)]
    if rows:
        together.write(rows)


def rows_of(facts: Facts) -> Iterator[VelocityTail]:
    """Return what a movement leaves behind: one row for each whom it is counted for."""
    amount = facts.base_amount.minor if facts.base_amount else 0
    payer, payee = subjects.side_of(facts.payer), subjects.side_of(facts.payee)
    slot = subjects.slot_of(facts.moment)
    for kind, key in subjects.counted(facts).items():
        yield VelocityTail(
            key=key,
            kind=kind,
            moment=facts.moment,
            slot=slot,
            amount=amount,
            payee=payee if kind in _DIFFERENT_PAYEES else None,
            payer=payer if kind in _DIFFERENT_PAYERS else None,
            country=facts.country or "" if kind == VelocityKind.CUSTOMER else "",
        )
