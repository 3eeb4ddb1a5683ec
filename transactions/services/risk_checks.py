"""The step of every movement at which risk is asked, and what is written of its answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from accounts.models import Account
from bankops.core import aftermath, ids
from bankops.core.db import transaction_required
from bankops.core.errors import BankOpsError, Busy
from bankops.core.money import Money
from risk.assessment.answer import Assessment
from risk.origin import UNKNOWN, Origin
from risk.selectors.assessments import origin_kept
from risk.services import keeping, moved
from risk.services.assessing import assess
from staff.models import Branch
from transactions import locks
from transactions.models import BOOKED, Channel, Kind, Transaction
from transactions.services.instructions import Instruction
from transactions.services.risk_facts import KINDS, facts_about, facts_when_posted

LOOKED_AT: Final = frozenset(KINDS)
"""The kinds that risk is asked about: without an answer none of them is posted."""


def assess_order(
    *,
    kind: Kind,
    payer: Account | None,
    payee: Account | None,
    amount: Money,
    channel: Channel,
    now: datetime,
    narrative: str = "",
    origin: Origin = UNKNOWN,
    movement: UUID | None = None,
    kept_for_it: Money | None = None,
) -> Assessment:
    """Return what risk says of one movement; see `facts_about`.

    :param movement: key of the transaction that it is; None for a new one.
    """
    facts = facts_about(
        movement=movement or ids.uuid7(),
        kind=kind,
        payer=payer,
        payee=payee,
        amount=amount,
        channel=channel,
        now=now,
        narrative=narrative,
        origin=origin,
        kept_for_it=kept_for_it,
    )
    return assess(facts=facts, now=now)


def assessed(instruction: Instruction, *, kept_for_it: Money | None = None) -> Instruction:
    """Return an instruction with what risk says of it, which is asked once: whoever asked before has said so.

    :raises Busy: when its band is higher by now than policies were told: ordered again, it meets those that ask for that band.
    """
    if instruction.assessment:
        return instruction
    said, foreseen = _asked(instruction, kept_for_it=kept_for_it), instruction.foreseen
    if foreseen and not said.stops and said.band.height > foreseen.band.height:
        raise Busy
    return replace(instruction, assessment=said)


def assessed_again(row: Transaction, instruction: Instruction) -> Assessment:
    """Return what risk says of a transaction on record at the moment it is to be posted. Its accounts are locked.

    Much may have become known while it waited: a payee on a list, or the eleven others of its kind. Whoever asks keeps the answer
    (`keep_later`), also where it stops nothing.
    """
    told = instruction if instruction.origin != UNKNOWN else replace(instruction, origin=origin_kept(row.public_id))
    return _asked(told, movement=row.pk)


@contextmanager
def asked_again(row: Transaction, instruction: Instruction) -> Iterator[Assessment]:
    """Ask risk once more about a locked transaction on record, and keep its answer, also where the block refuses to post it."""
    said = assessed_again(row, instruction)
    keep_later(row, instruction, said, now=instruction.now)
    try:
        yield said
    except BankOpsError as refusal:
        aftermath.leaving(refusal, [AnsweredLater(row, instruction, said)])
        raise


@transaction_required
def keep_assessment(row: Transaction, instruction: Instruction) -> None:
    """Write what was said of a new transaction; count it where it has moved money. Of what was not assessed, nothing."""
    if instruction.assessment is None:
        return
    keeping.keep(
        assessment=instruction.assessment,
        reference=row.reference,
        made_by=instruction.actor.id,
        branch=branch_of(instruction),
    )
    if row.state in BOOKED:
        moved.note_moved(movements=[instruction.assessment.facts])


@transaction_required
def count_posted(row: Transaction, *, now: datetime) -> None:
    """Count a transaction that waited and has just been posted: counters tell of what has moved, and when it did."""
    moved.note_moved(movements=[facts_when_posted(row, now=now)])


@transaction_required
def keep_later(
    row: Transaction, instruction: Instruction, said: Assessment, *, now: datetime, is_told: bool = True
) -> None:
    """Write what was said of a locked transaction on record; raise its alert, or add to it, as `keeping.keep_again` does."""
    keeping.keep_again(
        assessment=said,
        reference=row.reference,
        made_by=row.maker_id,
        branch=branch_of(instruction),
        now=now,
        is_told=is_told,
    )


def branch_of(instruction: Instruction) -> Branch | None:
    """Return whose business a movement is: the customer's branch that pays, or, of cash brought in, is paid."""
    payer, payee = instruction.debit, instruction.credit
    return payer.branch if payer.is_customer_account else payee.branch


@dataclass(frozen=True, slots=True)
class AnsweredLater:
    """What risk said of a transaction on record that was to be posted, where its posting is taken back; and its alert.

    A trace of the refusal (`bankops.core.aftermath`).
    """

    row: Transaction
    instruction: Instruction
    said: Assessment

    def __call__(self, now: datetime) -> None:
        """Write it; of two at once one waits for the other."""
        locks.transaction_for_update(self.row.pk)
        keep_later(self.row, self.instruction, self.said, now=now)


@dataclass(frozen=True, slots=True)
class StoppedUnmade:
    """The alert about a movement that risk stops where no transaction of it stays.

    A trace of the refusal (`bankops.core.aftermath`).

    Attributes:
        dedupe_key: the same for the same wish, so that trying again raises no second alert.
        made_by: who ordered it (`usr_…`), who must not be the one that looks at it.

    """

    said: Assessment
    dedupe_key: str
    made_by: str = ""
    branch: Branch | None = None

    def __call__(self, now: datetime) -> None:
        """Raise it."""
        keeping.raise_unmoved(
            assessment=self.said, dedupe_key=self.dedupe_key, now=now, made_by=self.made_by, branch=self.branch
        )


def _asked(instruction: Instruction, *, movement: UUID | None = None, kept_for_it: Money | None = None) -> Assessment:
    return assess_order(
        kind=instruction.kind,
        payer=instruction.debit,
        payee=instruction.credit,
        amount=instruction.amount,
        channel=instruction.channel,
        now=instruction.now,
        narrative=instruction.narrative,
        origin=instruction.origin,
        movement=movement,
        kept_for_it=kept_for_it,
    )
