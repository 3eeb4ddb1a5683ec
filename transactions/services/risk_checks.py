"""The step of every movement at which risk is asked, and what is written of its answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bankops.core import ids
from bankops.core.db import transaction_required
from risk.services import keeping, moved
from risk.services.assessing import assess
from transactions.models import BOOKED, Transaction
from transactions.services.instructions import Instruction
from transactions.services.risk_facts import facts_about, facts_when_posted


def assessed(instruction: Instruction) -> Instruction:
    """Return an instruction with what risk says of it, which is asked once: whoever asked before has said so."""
    if instruction.assessment:
        return instruction
    facts = facts_about(
        movement=ids.uuid7(),
        kind=instruction.kind,
        payer=instruction.debit,
        payee=instruction.credit,
        amount=instruction.amount,
        channel=instruction.channel,
        now=instruction.now,
        narrative=instruction.narrative,
        origin=instruction.origin,
    )
    return replace(instruction, assessment=assess(facts=facts, now=instruction.now))


@transaction_required
def keep_assessment(row: Transaction, instruction: Instruction) -> None:
    """Write what was said of a new transaction; count it where it has moved money. Of what was not assessed, nothing."""
    if instruction.assessment is None:
        return
    payer, payee = instruction.debit, instruction.credit
    keeping.keep(
        assessment=instruction.assessment,
        reference=row.reference,
        made_by=instruction.actor.id,
        branch=payer.branch if payer.is_customer_account else payee.branch,
    )
    if row.state in BOOKED:
        moved.note_moved(movements=[instruction.assessment.facts])


@transaction_required
def count_posted(row: Transaction, *, now: datetime) -> None:
    """Count a transaction that waited and has just been posted: counters tell of what has moved, and when it did."""
    moved.note_moved(movements=[facts_when_posted(row, now=now)])
