"""Movements that risk stops: held back until two people release them, or declined for good. Nothing is moved or reserved.

They come here behind every other reason not to pay them: a repeat is the answer given before, a known reference is refused, and
what the books would not take is refused as for anybody. What else holds one back is written beside: it needs both words.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from accounts.models import Balance
from bankops.core.db import transaction_required
from risk.outcomes import Outcome
from transactions import events
from transactions.models import State, Transaction
from transactions.services.booking import write_born
from transactions.services.duplicates import Twins
from transactions.services.held import check_can_be_held, put_on_hold
from transactions.services.instructions import Instruction, row_of


@transaction_required
def stop(instruction: Instruction, twins: Twins | None, locked: Mapping[UUID, Balance]) -> Transaction:
    """Record an instruction that risk has stopped, move nothing, and return it, held back or declined.

    Writes `transactions.<kind>.held` or `transactions.<kind>.declined`, the assessment, and its alert.

    :param twins: what it looks like, where that alone would hold it back.
    :raises PostingRefused: what the journal would refuse at this moment but for want of money, which may come.
    """
    check_can_be_held(instruction, locked)
    assert instruction.assessment is not None  # it is what has stopped it
    if instruction.assessment.outcome == Outcome.DECLINE:
        return decline(instruction)
    (row,) = put_on_hold([(instruction, twins)])
    return row


@transaction_required
def decline(instruction: Instruction) -> Transaction:
    """Record an instruction that risk has declined, move nothing, and return it. Writes `transactions.<kind>.declined`."""
    row = row_of(instruction, State.DECLINED)
    write_born(row, events.DECLINED[instruction.kind], instruction)
    return row
