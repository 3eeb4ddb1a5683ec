"""Posting the items of a batch: what is held back, what the journal takes, and what is recorded of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from accounts.locks import accounts_for_update
from accounts.models import Balance
from bankops.core import sql_arrays
from bankops.core.actor import Actor
from bankops.core.bulk_insert import copy_in
from bankops.core.db import prepared, transaction_required
from risk.assessment.answer import Assessment
from risk.outcomes import Outcome
from transactions import errors, ledger
from transactions.ledger import EntryDraft, PostingDraft, Result
from transactions.models import Channel, DuplicatePolicy, Kind, Side, TransactionNote
from transactions.services import batch_risk
from transactions.services.batches import Movement, record_batch
from transactions.services.duplicates import Twins, policy_of
from transactions.services.held import check_can_be_held, put_on_hold
from transactions.services.instructions import Instruction
from transactions.services.stopping import decline
from transactions.transfer_batches.alike import too_much_alike
from transactions.transfer_batches.foresight import Foresight
from transactions.transfer_batches.items import PAYEE, PAYER, REFERENCE, Draft, Item
from transactions.transfer_batches.weighing import Limits, accounts_of, alike_outside

POSSIBLE_DUPLICATE = "possible_duplicate"
"""Why an item of a batch that is all or nothing is refused which would else be held back."""

_ROUNDS = 3
"""How often a batch that may be posted in part is posted, under the locks of all its accounts, while items are refused."""

_OUTCOMES = """
    UPDATE transactions_transferbatchitem i
       SET transaction_id = o.transaction, code = o.code, blamed = o.blamed
      FROM unnest(%(positions)s::smallint[], %(transactions)s::uuid[], %(codes)s::text[], %(blamed)s::text[])
           AS o (position, transaction, code, blamed)
     WHERE i.batch_id = %(batch)s AND i.position = o.position
"""


@transaction_required
def post_items(draft: Draft, *, actor: Actor, now: datetime, business_date: date, consented: bool = False) -> None:
    """Post a batch's open items in their order and say of each what became of it. Their accounts are locked.

    Risk is asked about all of them first. What it stops is held back or declined as a single transfer would be, or refuses the
    batch that is all or nothing.

    :param consented: reviewers agreed to it, who were told of look-alikes: only those are held back that came later.
    :raises BatchRefused: when it is all or nothing and an item cannot be made.
    """
    posting = _Posting(draft, actor, now, business_date)
    policy = policy_of(draft.batch.partner_id)
    seen = draft.batch.created_at if consented else None
    outside = alike_outside(draft, policy, now=now, seen=seen) if draft.open_items else {}
    twins = {position: found for position, found in outside.items() if found.are_too_many}
    if draft.batch.all_or_nothing:
        _refuse_look_alikes(draft, {*twins, *(() if consented else too_much_alike(draft.items, policy, outside))})
    posting.said = batch_risk.assess_items(draft, now=now)
    if draft.batch.all_or_nothing:
        batch_risk.refuse_stopped(draft, posting.said)
    posting.stop(twins)
    posting.hold_back(twins)
    if consented:
        posting.post(draft.open_items)
    else:
        posting.post_apart(policy, outside)
    draft.refuse_in_part()
    _note_numbers(draft)


def prepare(draft: Draft, items: Sequence[Item], *, business_date: date) -> None:
    """Draft the entries of items that have none yet. Needs no lock: what is done before takes no time under it."""
    batch, plain = draft.batch.public_id, str(Kind.TRANSFER.label)
    for item in items:
        if item.entry is None:
            payer, payee = item.sides
            amount = draft.money(item.amount)
            item.entry = EntryDraft(
                postings=(PostingDraft(payer, Side.DEBIT, amount), PostingDraft(payee, Side.CREDIT, amount)),
                booking_date=business_date,
                value_date=business_date,
                description=item.narrative or plain,
                idempotency_key=f"{batch}:{item.position}",
            )
            assert item.entry.fingerprint  # made here, and kept


@transaction_required
def write_outcomes(draft: Draft, items: Sequence[Item]) -> None:
    """Write what became of items that are on record; one statement."""
    told = {
        "batch": draft.batch.pk,
        "positions": sql_arrays.of_words(item.position for item in items),
        "transactions": sql_arrays.of_uuids(item.transaction_id for item in items),
        "codes": sql_arrays.of_texts(item.code for item in items),
        "blamed": sql_arrays.of_texts(item.blamed for item in items),
    }
    prepared(_OUTCOMES, told)


class _Posting:
    """One batch as it is posted."""

    def __init__(self, draft: Draft, actor: Actor, now: datetime, business_date: date) -> None:
        self.draft, self.actor, self.now, self.day = draft, actor, now, business_date
        self.rooms: Limits | None = None
        self.said: dict[int, Assessment] = {}

    def stop(self, twins: Mapping[int, Twins]) -> None:
        """Put on record what risk stops, held back or declined, and move nothing of it.

        :param twins: what items look like that would be held back for that alone.
        """
        stopped = {item.position: twins.get(item.position) for item in self.draft.open_items if self._stops(item)}
        declined = {one for one in stopped if self.said[one].outcome == Outcome.DECLINE}
        self.hold_back({one: twin for one, twin in stopped.items() if one not in declined})
        self._decline([item for item in self.draft.open_items if item.position in declined])

    def _stops(self, item: Item) -> bool:
        return self.said[item.position].stops

    def _decline(self, items: list[Item]) -> None:
        locked = {one.account_id: one for one in accounts_for_update(accounts_of(items))} if items else {}
        for item in sorted(items, key=_by_reference):
            decline(self._instruction(item, locked))
            item.refuse(errors.PaymentDeclined.code)

    def hold_back(self, twins: Mapping[int, Twins | None]) -> None:
        """Put items on record that are held back, each with what it looks like, if that is why; move nothing of them."""
        items = sorted((item for item in self.draft.open_items if item.position in twins), key=_by_reference)
        if not items:
            return
        locked = {one.account_id: one for one in accounts_for_update(accounts_of(items))}
        held = list[tuple[Item, Instruction]]()
        for item in items:
            instruction = self._instruction(item, locked)
            try:
                check_can_be_held(instruction, locked)
                held.append((item, instruction))
            except errors.PostingRefused as refusal:
                payer = instruction.debit.number
                item.refuse(refusal.code, PAYER if refusal.context.get("account") == payer else PAYEE)
        rows = put_on_hold([(instruction, twins[item.position]) for item, instruction in held])
        for (item, _instruction), row in zip(held, rows, strict=True):
            item.transaction_id, item.is_held = row.pk, True

    def post_apart(self, policy: DuplicatePolicy, outside: dict[int, Twins]) -> None:
        """Post what does not look like an earlier item, and hold back the rest.

        An item that the journal refused is no twin of a later one, which is then posted in its place, or refused where it
        is foreseen. What still waits for its turn after the last round is held back, too.
        """
        tried = list[Item]()
        for _round in range(_ROUNDS):
            alike = too_much_alike(self.draft.items, policy, outside, Foresight(tried))
            tried = [item for item in self.draft.open_items if item.position not in alike]
            self.post(tried)
            if not alike or not any(item.code for item in tried):
                break
        if self.draft.open_items:
            alike = too_much_alike(self.draft.items, policy, outside, Foresight(tried))
            nothing = Twins(None, 0, policy.twins_tolerated)
            waiting = [item.position for item in self.draft.open_items]
            self.hold_back({one: alike.get(one) or outside.get(one, nothing) for one in waiting})

    def _instruction(self, item: Item, locked: Mapping[UUID, Balance]) -> Instruction:
        payer, payee = (locked[side].account for side in item.sides)
        return Instruction(
            Kind.TRANSFER,
            debit=payer,
            credit=payee,
            amount=self.draft.money(item.amount),
            actor=self.actor,
            now=self.now,
            business_date=self.day,
            narrative=item.narrative,
            channel=Channel.PARTNER,
            external_reference=item.reference,
            partner_id=self.draft.batch.partner_id,
            assessment=self.said[item.position],
            origin=item.origin,
        )

    def post(self, items: list[Item]) -> None:
        """Post these, as far as limits of payers leave room.

        Where the journal refuses an item of a payer with limits, its room is there again for those that found none.
        """
        self.rooms = self.rooms or Limits(self.draft.by_payer(), business_date=self.day)
        waiting, rooms = items, self.rooms
        while waiting:
            fitting = [item for item in waiting if rooms.take(item)]
            refused = [item for item in self._post(fitting) if rooms.has(item)]
            waiting = [item for item in waiting if item.is_open]
            for item in refused:
                rooms.give_back(item)
            if not refused:
                break
        for item in waiting:
            item.refuse(errors.LimitExceeded.code, PAYER)

    def _post(self, items: list[Item]) -> list[Item]:
        """Post these and return those that the journal refused."""
        prepare(self.draft, items, business_date=self.day)
        drafts = [item.entry for item in items if item.entry]
        results = ledger.post(drafts, now=self.now)
        stand, refused = [], []
        for item, entry, result in zip(items, drafts, results, strict=True):
            if result.stands:
                key = batch_risk.key_in(self.said[item.position])
                stand.append((item, Movement(Kind.TRANSFER, entry, result.entry_id or 0, "", item.reference, key)))
            else:
                item.refuse(result.code, _blamed(item, result))
                refused.append(item)
        self._record(stand)
        return refused

    def _record(self, stand: list[tuple[Item, Movement]]) -> None:
        """Record what was posted in order of the references, so that of two batches with the same one waits for the other."""
        stand.sort(key=lambda one: one[0].reference)
        recorded = record_batch(
            [movement for _item, movement in stand],
            actor=self.actor,
            now=self.now,
            channel=Channel.PARTNER,
            partner_id=self.draft.batch.partner_id,
        )
        posted = [(item, known) for (item, _movement), known in zip(stand, recorded, strict=True)]
        for item, known in posted:
            item.transaction_id = known.id
        batch_risk.keep_posted(posted, self.said, actor=self.actor)


def _refuse_look_alikes(draft: Draft, positions: set[int]) -> None:
    """:raises BatchRefused: when it is all or nothing and these would be held back."""
    for item in draft.open_items:
        if item.position in positions:
            item.refuse(POSSIBLE_DUPLICATE, REFERENCE)
    draft.refuse_in_part()


def _note_numbers(draft: Draft) -> None:
    """Keep by what number a payee was named: that is how the partner reads of it, not by an id that it never knew."""
    rows = (
        (item.transaction_id, "{}", 1, item.payee_named)
        for item in draft.items
        if item.transaction_id and item.by_number
    )
    copy_in(TransactionNote, ("transaction_id", "metadata", "version", "payee_as_written"), rows)


def _by_reference(item: Item) -> str:
    return item.reference


def _blamed(item: Item, result: Result) -> str:
    account: UUID | None = result.account_id
    return PAYER if account == item.payer else PAYEE if account == item.payee else ""
