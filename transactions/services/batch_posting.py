"""Posting the items of a batch: what is held back, what the journal takes, and what is recorded of both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from accounts.locks import accounts_for_update
from bankops.core import sql_arrays
from bankops.core.actor import Actor
from bankops.core.bulk_insert import copy_in
from bankops.core.db import prepared, transaction_required
from transactions import errors, ledger
from transactions.ledger import EntryDraft, PostingDraft, Result
from transactions.models import Channel, Kind, Side, TransactionNote
from transactions.services.batches import Movement, record_batch
from transactions.services.duplicates import Twins, policy_of
from transactions.services.held import hold_back
from transactions.services.instructions import Instruction
from transactions.transfer_batches.items import PAYEE, PAYER, REFERENCE, Draft, Item
from transactions.transfer_batches.weighing import Limits, accounts_of, twins_of

POSSIBLE_DUPLICATE = "possible_duplicate"
"""Why an item of a batch that is all or nothing is refused which would else be held back."""

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

    :param consented: reviewers agreed to it, who were told of look-alikes: only those are held back that came later.
    :raises BatchRefused: when it is all or nothing and an item cannot be made.
    """
    posting = _Posting(draft, actor, now, business_date)
    policy = policy_of(draft.batch.partner_id)
    seen = draft.batch.created_at if consented else None
    twins = twins_of(draft, policy, now=now, seen=seen) if draft.open_items else {}
    if draft.batch.all_or_nothing:
        for item in draft.open_items:
            if item.position in twins:
                item.refuse(POSSIBLE_DUPLICATE, REFERENCE)
        draft.refuse_in_part()
    posting.hold_back(twins)
    posting.post()
    draft.refuse_in_part()
    _note_numbers(draft)


@transaction_required
def write_outcomes(draft: Draft, items: Sequence[Item]) -> None:
    """Write what became of items that are on record; one statement."""
    told = {
        "batch": draft.batch.pk,
        "positions": sql_arrays.of_words(item.position for item in items),
        "transactions": sql_arrays.of_words(item.transaction_id for item in items),
        "codes": sql_arrays.of_texts(item.code for item in items),
        "blamed": sql_arrays.of_texts(item.blamed for item in items),
    }
    prepared(_OUTCOMES, told)


class _Posting:
    """One batch as it is posted."""

    def __init__(self, draft: Draft, actor: Actor, now: datetime, business_date: date) -> None:
        self.draft, self.actor, self.now, self.day = draft, actor, now, business_date

    def hold_back(self, twins: dict[int, Twins]) -> None:
        """Put items on record that look like other payments, and move nothing of them."""
        items = sorted((item for item in self.draft.open_items if item.position in twins), key=_by_reference)
        if not items:
            return
        locked = {one.account_id: one for one in accounts_for_update(accounts_of(items))}
        for item in items:
            payer, payee = (locked[side].account for side in item.sides)
            instruction = Instruction(
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
            )
            try:
                item.transaction_id = hold_back(instruction, twins[item.position], locked).pk
                item.is_held = True
            except errors.PostingRefused as refusal:
                item.refuse(refusal.code, PAYER if refusal.context.get("account") == payer.number else PAYEE)

    def post(self) -> None:
        """Post the rest, as far as limits of payers leave room.

        Where the journal refuses an item of a payer with limits, its room is there again for those that found none.
        """
        waiting, rooms = self.draft.open_items, Limits(self.draft.by_payer(), business_date=self.day)
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
        batch, plain = self.draft.batch.public_id, str(Kind.TRANSFER.label)
        drafts = [self._entry(item, f"{batch}:{item.position}", item.narrative or plain) for item in items]
        results = ledger.post(drafts, now=self.now)
        stand, refused = [], []
        for item, entry, result in zip(items, drafts, results, strict=True):
            if result.stands:
                stand.append((item, Movement(Kind.TRANSFER, entry, result.entry_id or 0, "", item.reference)))
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
        for (item, _movement), known in zip(stand, recorded, strict=True):
            item.transaction_id = known.id

    def _entry(self, item: Item, key: str, description: str) -> EntryDraft:
        payer, payee = item.sides
        amount = self.draft.money(item.amount)
        return EntryDraft(
            postings=(PostingDraft(payer, Side.DEBIT, amount), PostingDraft(payee, Side.CREDIT, amount)),
            booking_date=self.day,
            value_date=self.day,
            description=description,
            idempotency_key=key,
        )


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
