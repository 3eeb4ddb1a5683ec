"""Payments held back, as possible duplicates or by risk: no money is moved or reserved until whoever has to has said so.

That one is genuine is its partner's word, or a colleague's of its maker; what risk has stopped is released in
`transactions.services.risk_held`. One held for both needs both, and moves with the second. The bank's own people and its partner
can cancel it; what nobody speaks for expires (`held_until`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.locks import accounts_for_update
from accounts.models import Balance
from bankops.core import aftermath, operations
from bankops.core.actor import Actor
from bankops.core.audit import EventType
from bankops.core.business_days import end_of_business_day
from bankops.core.db import transaction_required
from bankops.core.errors import BankOpsError
from bankops.core.texts import require_reason
from bankops.core.together import written_together
from risk.outcomes import Outcome
from risk.selectors.assessments import undoes_release
from transactions import events, limits, locks, refusals, states
from transactions.duplicates import errors
from transactions.errors import InsufficientFunds, UnknownTransaction
from transactions.models import Channel, HeldBecause, Kind, NoteAnswer, State, Transaction
from transactions.services import duplicates
from transactions.services.booking import add_born, post_entry
from transactions.services.duplicate_notes import note_look_alike
from transactions.services.duplicates import Twins
from transactions.services.instructions import Instruction, next_references, request_pk, row_of
from transactions.services.parking import give_back_allowance
from transactions.services.risk_checks import AnsweredLater, assessed_again, count_posted, keep_later
from transactions.services.telling import tell, tell_inside

logger = logging.getLogger(__name__)

DECLINED_AT_ONCE: Final[Promise] = _("Declined by the bank.")
"""All that whoever talks to customers reads of why."""
RISK: Final = Actor.system("risk")


@transaction_required
def hold_back(instruction: Instruction, twins: Twins, locked: dict[UUID, Balance]) -> Transaction:
    """Record an instruction that looks like another one, move nothing, and return it. Writes `transactions.<kind>.held`.

    :raises PostingRefused: what the journal would refuse at this moment but for want of money, which may come.
    """
    check_can_be_held(instruction, locked)
    (row,) = put_on_hold([(instruction, twins)])
    return row


def check_can_be_held(instruction: Instruction, locked: Mapping[UUID, Balance]) -> None:
    """:raises PostingRefused: what the journal would refuse at this moment but for want of money, which may come."""
    debit, credit = locked[instruction.debit.pk], locked[instruction.credit.pk]
    with suppress(InsufficientFunds):
        refusals.check_two_sides(debit, credit, instruction.amount)


@transaction_required
def put_on_hold(told: Sequence[tuple[Instruction, Twins | None]]) -> list[Transaction]:
    """Record instructions that can be held, each with what it looks like, if that is why; return them in the same order.

    However many they are, all that is written goes in one statement. Writes `transactions.<kind>.held` of each.
    """
    references = next_references([instruction.business_date for instruction, _twins in told])
    known = Transaction.objects.only("partner_id").in_bulk(
        {twins.twin for _instruction, twins in told if twins and twins.twin}
    )
    rows = []
    with written_together():
        for (instruction, twins), reference in zip(told, references, strict=True):
            row = row_of(instruction, State.HELD, reference=reference)
            row.held_because = _cause(instruction, twins)
            if twins:
                row.twin = known.get(twins.twin) if twins.twin else None
                row.ordinal = twins.own + 1 if twins.own else None  # its partner reads it, and may know of its own only
            add_born(row, events.HELD[instruction.kind], instruction)
            if twins:
                note_look_alike(row=row, answer=NoteAnswer.HELD, actor=instruction.actor, now=instruction.now)
            rows.append(row)
    return rows


def _cause(instruction: Instruction, twins: Twins | None) -> HeldBecause:
    if twins is None:
        return HeldBecause.RISK_REVIEW
    return HeldBecause.BOTH if instruction.stops else HeldBecause.POSSIBLE_DUPLICATE


@operations.only_through_gate("transactions.release")
@transaction.atomic
def release_held(
    *,
    transaction_id: UUID,
    reason: str,
    actor: Actor,
    now: datetime,
    business_date: date,
    approval_request_id: str = "",
) -> Transaction:
    """Confirm that a payment held back is genuine, post it on `business_date`, and return it.

    What risk has stopped, too, stays held until risk has released it; then that posts it. Where risk has not, it is asked once
    more: what it holds back now stays held by risk, and what it refuses now is declined, both with an alert. Locks both accounts,
    then the transaction. Writes what a directly posted one does, or `transactions.transaction.confirmed_genuine`, and
    `transactions.<kind>.declined` of what is declined.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownTransaction: when there is none.
    :raises NotHeld: when it was released, cancelled or has expired, or its time is over and nobody ended it yet.
    :raises HeldByRisk: when it is not held as a possible duplicate, or no longer, and risk has not decided; when risk has
        released it and would refuse it now, which its alert says.
    :raises NotByItsMaker: when one of the bank's people releases what they made themselves.
    :raises LimitExceeded, PostingRefused: as for any payment; it stays held then.
    """
    by: dict[str, Any] = {"reason": require_reason(reason), "actor": actor, "now": now}
    row, balances = lock_held(transaction_id)
    refuse_release(row, actor, now)
    row.confirmed_genuine_at = now
    instruction = instruction_of(row, balances, actor=actor, now=now, business_date=business_date)
    said = _said_now(row, instruction)
    if row.waits_for_risk:
        row.save(update_fields=["confirmed_genuine_at", "held_because"])
        tell_inside(events.CONFIRMED_GENUINE, row, **by)
    else:
        post_held(row, instruction, reason=reason, approval_request_id=approval_request_id)
    answer = NoteAnswer.CONFIRMED if actor.kind == "partner" else NoteAnswer.RELEASED
    note_look_alike(row=row, answer=answer, actor=actor, now=now)
    if said == Outcome.DECLINE:
        row.risk_decided_at = now
        end_held(row, State.DECLINED, actor=RISK, now=now, reason=str(DECLINED_AT_ONCE))
    return row


@transaction_required
def post_held(row: Transaction, instruction: Instruction, *, reason: str, approval_request_id: str) -> None:
    """Post a locked payment that nothing holds back any more. Writes what a directly posted one does.

    :raises RuntimeError: when something still holds it: a caller that comes here with it is at fault.
    :raises LimitExceeded, PostingRefused: as for any payment.
    """
    if row.waits_for_word or row.waits_for_risk:
        raise RuntimeError("a payment is posted when nothing holds it back any more")
    by: dict[str, Any] = {"actor": instruction.actor, "now": instruction.now, "reason": reason}
    limits.check_instruction(instruction, instruction.debit)
    row.entry_id = post_entry(instruction, row)
    row.booking_date = row.value_date = instruction.business_date
    row.approval_request_id = request_pk(approval_request_id)
    states.move(row, State.POSTED, **by)
    count_posted(row, now=instruction.now)
    tell(events.POSTED[instruction.kind], row, before=State.HELD, **by)


def _said_now(row: Transaction, instruction: Instruction) -> Outcome | None:
    """Ask risk about a payment that is no duplicate, keep the answer, and return its outcome; None where risk holds it anyway.

    :raises HeldByRisk: when risk has released it and would refuse it now.
    """
    if row.waits_for_risk:
        return None
    if row.risk_release_id is not None:
        refuse_what_nobody_knew(row, instruction, errors.HeldByRisk(reference=row.reference))
        return None
    said = assessed_again(row, instruction)
    keep_later(row, instruction, said, now=instruction.now)
    if said.stops:
        row.held_because = HeldBecause.BOTH
    return said.outcome


@transaction_required
def refuse_what_nobody_knew(row: Transaction, instruction: Instruction, refusal: BankOpsError) -> None:
    """Ask risk once more about a locked payment that people have released, and keep the answer.

    What they have looked at does not stop it again, whatever the answer is, and raises no alert.

    :raises BankOpsError: `refusal`, when `undoes_release` says so; the answer and its alert are written afterwards.
    """
    said = assessed_again(row, instruction)
    if undoes_release(said):
        raise aftermath.leaving(refusal, [AnsweredLater(row, instruction, said)])
    keep_later(row, instruction, said, now=instruction.now, is_told=False)


def instruction_of(
    row: Transaction, balances: Mapping[UUID, Balance], *, actor: Actor, now: datetime, business_date: date
) -> Instruction:
    """Return what posting a locked payment does; `balances` as `lock_held` returned them. Where it was ordered is not read."""
    return Instruction(
        Kind(row.kind),
        debit=balances[row.debit_account_id].account,
        credit=balances[row.credit_account_id].account,
        amount=row.money,
        actor=actor,
        now=now,
        business_date=business_date,
        narrative=row.narrative,
        channel=Channel(row.channel),
    )


@transaction.atomic
def cancel_held(
    *, transaction_id: UUID, reason: str, actor: Actor, now: datetime, partner_id: UUID | None = None
) -> Transaction:
    """End a payment held back without moving anything, and return it. Writes `transactions.<kind>.cancelled`.

    :param partner_id: the partner who cancels; None for the bank's own people.
    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownTransaction: when there is none, or it is not that partner's.
    :raises NotHeld: when it was released, cancelled or has expired.
    """
    reason = require_reason(reason)
    row = locks.transaction_for_update(transaction_id)
    if partner_id is not None and row.partner_id != partner_id:
        raise UnknownTransaction(reference=row.public_id)
    _refuse_ended(row)
    end_held(row, State.DECLINED, actor=actor, now=now, reason=reason)
    return row


def expire_held(*, now: datetime, actor: Actor, limit: int = 500) -> int:
    """End payments held back for longer than `held_until`, the oldest first, and return how many were.

    Each in a database transaction of its own; one that cannot be ended now does not keep the others.
    """
    held = Transaction.objects.filter(state=State.HELD).order_by("created_at", "pk")
    held_for = cache(_held_for)  # each partner's, once
    over = (row for row in held.iterator() if held_until(row, held_for) <= now)
    return sum(_expire(row, now, actor) for row in islice(over, limit))


def held_until(row: Transaction, held_for: Callable[[UUID | None], timedelta] | None = None) -> datetime:
    """Return until when a payment that is held back waits: the earliest end among what still holds it.

    Risk has business days, as its alerts have: of a payment that was said to be no duplicate since, from then on.

    :param held_for: how long a partner's possible duplicates wait, where the caller knows.
    """
    ends = []
    if row.waits_for_risk:
        ends.append(end_of_business_day(row.confirmed_genuine_at or row.created_at, settings.BANKOPS_RISK_HELD_DAYS))
    if row.waits_for_word or not ends:
        ends.append(row.created_at + (held_for or _held_for)(row.partner_id))
    return min(ends)


def refuse_release(row: Transaction, actor: Actor, now: datetime) -> None:
    """Refuse to confirm as genuine what is not held for that, or no longer, or was made by the same member of staff.

    :raises NotHeld, HeldByRisk, NotByItsMaker: by its state, its time, why it is held, and its maker.
    """
    refuse_ended(row, actor, now)
    if not row.waits_for_word:
        raise errors.HeldByRisk(reference=row.reference)


def refuse_ended(row: Transaction, actor: Actor, now: datetime) -> None:
    """Refuse to release what is not held, or no longer, or was made by the same member of staff.

    :raises NotHeld, NotByItsMaker: by its state, its time and its maker.
    """
    _refuse_ended(row)
    if held_until(row) <= now:
        raise errors.NotHeld(reference=row.reference, state=State.EXPIRED.label)
    if actor.kind == "staff" and (row.maker_kind, row.maker_id) == (actor.kind, actor.id):
        raise errors.NotByItsMaker(reference=row.reference)


def _held_for(partner_id: UUID | None) -> timedelta:
    return duplicates.policy_of(partner_id).held_for


def _refuse_ended(row: Transaction) -> None:
    if row.state != State.HELD:
        raise errors.NotHeld(reference=row.reference, state=State(row.state).label)


def _expire(row: Transaction, now: datetime, actor: Actor) -> int:
    try:
        with transaction.atomic():
            current = locks.transaction_for_update(row.pk)
            if current.state != State.HELD or held_until(current) > now:
                return 0  # released or cancelled while we looked, or held by risk since, which has another end
            end_held(current, State.EXPIRED, actor=actor, now=now, reason="")
    except Exception:
        # Whatever one meets with must not keep all the others from ending.
        logger.exception("a payment held back could not be ended", extra={"transaction": row.public_id})
        return 0
    return 1


@transaction_required
def end_held(row: Transaction, state: State, *, actor: Actor, now: datetime, reason: str) -> None:
    """End a locked payment that is held back, without moving anything; its allowance is given back."""
    waited_for_word = row.waits_for_word
    states.move(row, state, actor=actor, now=now, reason=reason)
    tell(_ending(row), row, before=State.HELD, actor=actor, now=now, reason=reason)
    if waited_for_word:
        answer = NoteAnswer.EXPIRED if state == State.EXPIRED else NoteAnswer.CANCELLED
        note_look_alike(row=row, answer=answer, actor=actor, now=now)
    give_back_allowance(row)


def _ending(row: Transaction) -> EventType:
    kind = Kind(row.kind)
    if row.is_declined_by_risk:
        return events.DECLINED[kind]
    return events.CANCELLED[kind] if row.state == State.DECLINED else events.ENDED[kind, State(row.state)]


@transaction_required
def lock_held(transaction_id: UUID) -> tuple[Transaction, dict[UUID, Balance]]:
    """Lock the accounts, then the transaction: the order every movement keeps."""
    sides = Transaction.objects.filter(pk=transaction_id).values_list("debit_account_id", "credit_account_id").first()
    balances = {balance.account_id: balance for balance in accounts_for_update(sides or ())}
    return locks.transaction_for_update(transaction_id), balances
