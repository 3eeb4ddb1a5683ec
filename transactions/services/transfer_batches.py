"""Batches of transfers: placed, carried out, parked, and ended, each as one.

A batch is carried out in one database transaction, set by set: one call of the posting function, and one COPY for each table.
An item that cannot be made is refused with the code a single transfer would get, and does not disturb the others, unless
the batch is all or nothing. docs/api.md says the same to partners.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.locks import accounts_for_update
from bankops.core import ids, operations
from bankops.core.actor import Actor
from bankops.core.bulk_insert import copy_in
from bankops.core.db import prepared, transaction_required
from bankops.core.errors import Busy
from bankops.core.operations import Order
from bankops.core.together import written_together
from partners.caller import Caller
from partners.errors import PartnerNotAllowed
from partners.selectors import credential_by_public_id
from partners.services.allowance import give_back, take_allowance
from transactions import locks
from transactions.duplicates.errors import DuplicateReference
from transactions.models import BatchState, TransferBatch, TransferBatchItem
from transactions.services import batch_holds, batch_posting
from transactions.services.batch_telling import tell_batch
from transactions.services.duplicate_notes import note_references
from transactions.services.instructions import request_pk
from transactions.transfer_batches import rights
from transactions.transfer_batches.drafts import being_placed, draft_for_update, draft_of
from transactions.transfer_batches.errors import BatchNotParked, NothingToApprove, ReferencesRaced
from transactions.transfer_batches.items import FIELDS, VALUES, Asked, Draft, hash_of, items_of
from transactions.transfer_batches.rights import Sides
from transactions.transfer_batches.weighing import accounts_of, refuse_what_cannot_be

OPERATION = "transactions.transfer_batch"
_TRIES = 3
_LOCK_REFERENCES = "SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 0))"
_RACED = "transaction_reference_once_per_partner"


def place_batch(*, caller: Caller, asked: Asked, sides: Sides, key: str, now: datetime, business_date: date) -> Draft:
    """Order a batch as a partner; return it carried out or parked, with what became of each item.

    The partner's allowance of the day is taken last, because its row is the hottest: for what was posted, is held back, or
    waits. Each item has to fit the limit of a single transfer.

    :param sides: as `rights.sides_of` found them for the same lines.
    :param key: under which this one order can never be carried out twice.
    :raises DuplicateReference: when the partner has used the reference for another batch.
    :raises BatchRefused: when it is all or nothing and an item cannot be made.
    :raises PartnerLimitMissing, PartnerLimitExceeded: beyond what was agreed with the partner.
    :raises BankOpsError: whatever the gate refuses.
    """
    for _once_more in range(_TRIES):
        try:
            with transaction.atomic():
                return _place(caller, asked, sides, Order(caller.actor, now, "partner", key), business_date)
        except IntegrityError as raced:
            if _RACED not in str(raced):
                raise
        except ReferencesRaced:
            pass
        # Somebody used one of the references a moment ago; now it can be seen.
    raise Busy


@transaction_required
def _place(caller: Caller, asked: Asked, sides: Sides, order: Order, business_date: date) -> Draft:
    items = items_of(asked)
    rights.name_sides(items, sides, may_credit_any=caller.may_credit_any)
    batch = _received(caller, asked, order, business_date, content_hash=hash_of(items))
    draft = Draft(batch, items, dict(sides.branches), is_new=True)
    rights.refuse_known_references(draft)
    draft.refuse_in_part()
    with being_placed(draft):
        try:
            _submit(draft, caller, order)
        except NothingToApprove:
            _close_new(draft, now=order.now)
            tell_batch(draft, actor=order.actor, now=order.now)
    note_references(batch=batch, items=items, actor=order.actor, now=order.now, record=order.idempotency_key)
    counted = [item.amount for item in items if not item.code]
    if counted:
        of = {"amount": draft.money(sum(counted)), "largest": draft.money(max(counted))}
        take_allowance(partner_id=caller.partner_id, day=business_date, **of)
    return draft


def _submit(draft: Draft, caller: Caller, order: Order) -> None:
    """:raises NothingToApprove: when nothing is left that anybody could agree to."""
    if not draft.open_items:
        raise NothingToApprove
    named = {"partner": caller.partner, "batch": draft.batch.public_id, "content_hash": draft.batch.content_hash.hex()}
    operations.submit(OPERATION, named, order)


def _received(caller: Caller, asked: Asked, order: Order, business_date: date, *, content_hash: bytes) -> TransferBatch:
    """Write a batch before its items: a second one under the same reference waits here, and is refused.

    :raises DuplicateReference: naming the one that has it.
    """
    batch = TransferBatch(
        id=ids.uuid7(),
        partner_id=caller.partner_id,
        reference=asked.reference,
        state=BatchState.RECEIVED,
        currency=asked.currency,
        total=sum(line.amount for line in asked.lines),
        item_count=len(asked.lines),
        all_or_nothing=asked.all_or_nothing,
        content_hash=content_hash,
        metadata=asked.metadata,
        business_date=business_date,
        created_at=order.now,
        maker_id=order.actor.id,
        maker_name=order.actor.name,
    )
    try:
        with transaction.atomic():
            batch.save(force_insert=True)
    except IntegrityError:
        earlier = TransferBatch.objects.filter(partner=caller.partner_id, reference=asked.reference).first()
        if earlier is None:
            raise
        used = {"transaction": earlier.public_id, "where": earlier.where_it_stands()}
        raise DuplicateReference(external_reference=asked.reference, **used) from None
    return batch


@operations.only_through_gate("transactions.transfer_batch")
@transaction.atomic
def carry_out_batch(*, batch_id: UUID, actor: Actor, now: datetime, business_date: date) -> TransferBatch:
    """Post what can be posted of a batch, and return it.

    Locks all its accounts, then the batch and its holds. Writes `transactions.transfer_batch.carried_out`; for an item that
    is held back as a possible duplicate what a single one does: of what reviewers agreed to, what looks like a later payment.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises BatchRefused: when it is all or nothing and an item cannot be made.
    :raises BatchNotParked: when it has been carried out, or ended.
    :raises PartnerNotAllowed: when another partner than its own orders it.
    """
    draft = draft_of(batch_id)
    batch_posting.prepare(draft, draft.open_items, business_date=business_date)
    locks.balances_for_update(accounts_of(draft.open_items))
    with written_together():
        if draft.is_new:
            batch_posting.post_items(draft, actor=actor, now=now, business_date=business_date)
            _close_new(draft, now=now)
        else:
            draft = draft_for_update(batch_id)
            _post_parked(draft, actor=actor, now=now, business_date=business_date)
        tell_batch(draft, actor=actor, now=now)
    return draft.batch


@transaction_required
def park_batch(*, batch_id: UUID, actor: Actor, now: datetime, approval_request_id: str) -> TransferBatch:
    """Write a batch that waits in an approval request, and hold the money of every payer. Its accounts are locked.

    Writes `transactions.transfer_batch.parked` and a `transactions.hold.placed` for each payer. Batches of one partner that
    are parked at once wait for each other, so that no two of them reserve the same reference.

    :raises ReferencesRaced: when another has reserved or used one of its references since it came in.
    """
    draft = draft_of(batch_id)
    prepared(_LOCK_REFERENCES, {"name": f"transactions.references:{draft.batch.partner_id}"})
    if rights.refuse_known_references(draft):
        raise ReferencesRaced
    draft.batch.approval_request_id = request_pk(approval_request_id)
    _write_items(draft)
    _move(draft.batch, BatchState.AWAITING_APPROVAL)
    batch_holds.hold_for(draft, actor=actor, now=now, approval_request_id=approval_request_id)
    tell_batch(draft, actor=actor, now=now)
    return draft.batch


@transaction_required
def weigh_batch(*, draft: Draft, business_date: date) -> None:
    """Lock the accounts of a batch that is being placed and refuse items that the books would not take at this moment.

    :raises NothingToApprove: when none is left.
    :raises BatchRefused: when it is all or nothing and an item cannot be made.
    """
    balances = {one.account_id: one for one in accounts_for_update(accounts_of(draft.open_items))}
    refuse_what_cannot_be(draft, balances, business_date=business_date)
    draft.refuse_in_part()
    if not draft.open_items:
        raise NothingToApprove


@transaction.atomic
def end_batch(*, batch_id: UUID, state: BatchState, reason: str, actor: Actor, now: datetime) -> TransferBatch:
    """End a batch that waits without posting anything of it, give money and allowance back, and return it.

    Locks the payers, the batch and its holds. Writes `transactions.transfer_batch.ended` and what its holds write.

    :raises BatchNotParked: when it was carried out, or has ended.
    """
    balances = accounts_for_update(draft_of(batch_id).by_payer())
    draft = _parked(batch_id)
    unpaid = sum(item.amount for item in draft.open_items)
    _move(draft.batch, state, now=now)
    batch_holds.end_holds(draft, balances, actor=actor, now=now, reason=reason, expired=state == BatchState.EXPIRED)
    tell_batch(draft, actor=actor, now=now, reason=reason)
    give_back(partner_id=draft.batch.partner_id, amount=draft.money(unpaid), day=draft.batch.business_date)
    return draft.batch


def _post_parked(draft: Draft, **circumstances: Any) -> None:
    """Post what waited: its holds end, rights are asked again, and what cannot be made gives its allowance back."""
    batch, now, actor = draft.batch, circumstances["now"], circumstances["actor"]
    _refuse_ended(batch)
    asked_for = draft.open_items
    partner = credential_by_public_id(actor.id).partner
    if partner.pk != batch.partner_id:
        raise PartnerNotAllowed
    balances = accounts_for_update(draft.by_payer())
    batch_holds.end_holds(draft, balances, actor=actor, now=now, reason=batch.reference)
    rights.ask_again(asked_for, group_id=partner.group_id, may_credit_any=partner.may_credit_any)
    rights.refuse_known_references(draft)
    batch_posting.post_items(draft, consented=True, **circumstances)
    batch_posting.write_outcomes(draft, asked_for)
    note_references(batch=batch, items=asked_for, actor=actor, now=now)
    _move(batch, BatchState.CARRIED_OUT, now=now)
    if unpaid := sum(item.amount for item in asked_for if item.code):
        give_back(partner_id=batch.partner_id, amount=draft.money(unpaid), day=batch.business_date)


def _close_new(draft: Draft, *, now: datetime) -> None:
    _write_items(draft)
    _move(draft.batch, BatchState.CARRIED_OUT, now=now)


def _write_items(draft: Draft) -> None:
    rows = ((draft.batch.pk, *VALUES(item)) for item in draft.items)
    copy_in(TransferBatchItem, ("batch_id", *FIELDS), rows)


def _move(batch: TransferBatch, state: BatchState, *, now: datetime | None = None) -> None:
    batch.state, batch.closed_at = state, now
    batch.save(update_fields=["state", "closed_at", "approval_request"])


def _parked(batch_id: UUID) -> Draft:
    draft = draft_for_update(batch_id)
    _refuse_ended(draft.batch)
    return draft


def _refuse_ended(batch: TransferBatch) -> None:
    if batch.state != BatchState.AWAITING_APPROVAL:
        raise BatchNotParked(reference=batch.public_id, state=BatchState(batch.state).label)
