"""The items of a batch before they are posted: risk is asked about all of them at once, and each sees those before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from accounts.models import Account
from bankops.core import aftermath, ids
from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from partners.models import Partner
from risk.assessment.answer import Assessment
from risk.outcomes import Outcome
from risk.services import keeping, moved
from risk.services.assessing import assess_all
from transactions.duplicates.errors import HeldByRisk
from transactions.errors import PaymentDeclined
from transactions.models import Channel, Kind, Transaction
from transactions.services.batches import Recorded
from transactions.services.risk_checks import StoppedUnmade
from transactions.services.risk_facts import facts_about
from transactions.transfer_batches.errors import BatchRefused
from transactions.transfer_batches.items import Draft, Item
from transactions.transfer_batches.weighing import accounts_of

_REFUSED: Final[Mapping[Outcome, str]] = {
    Outcome.BLOCK_AND_REVIEW: HeldByRisk.code,
    Outcome.DECLINE: PaymentDeclined.code,
}
"""Why an item of a batch that is all or nothing is refused which would else be held back or declined."""


@transaction_required
def assess_items(draft: Draft, *, now: datetime) -> dict[int, Assessment]:
    """Return what risk says of a batch's open items, by position: one statement more than for one payment."""
    items = draft.open_items
    if not items:
        return {}
    accounts = Account.objects.select_related("customer", "branch", "balance").in_bulk(accounts_of(items))
    movements = [
        facts_about(
            movement=movement,
            kind=Kind.TRANSFER,
            payer=accounts[item.sides[0]],
            payee=accounts[item.sides[1]],
            amount=draft.money(item.amount),
            channel=Channel.PARTNER,
            now=now,
            narrative=item.narrative,
            origin=item.origin,
        )
        for item, movement in zip(items, ids.uuid7s(len(items)), strict=True)
    ]
    said = assess_all(movements=movements, now=now)
    return {item.position: one for item, one in zip(items, said, strict=True)}


def refuse_stopped(draft: Draft, said: Mapping[int, Assessment]) -> None:
    """Refuse what risk stops of a batch that is all or nothing: nothing of it is posted, held back or declined.

    Of each item that it stops there is an alert, written when the rest was taken back.

    :raises BatchRefused: when it stops any.
    """
    stopped = [item for item in draft.open_items if said[item.position].stops]
    for item in stopped:
        item.refuse(_REFUSED[said[item.position].outcome])
    try:
        draft.refuse_in_part()
    except BatchRefused as refusal:
        aftermath.leaving(refusal, (_alert(draft, item, said[item.position]) for item in stopped))
        raise


@transaction_required
def keep_posted(posted: Sequence[tuple[Item, Recorded]], said: Mapping[int, Assessment], *, actor: Actor) -> None:
    """Write what was said of items that have just been posted, and that they have moved."""
    for item, known in posted:
        keeping.keep(assessment=said[item.position], reference=known.reference, made_by=actor.id)
    moved.note_moved(movements=[said[item.position].facts for item, _known in posted])


def _alert(draft: Draft, item: Item, said: Assessment) -> StoppedUnmade:
    """Return the alert about an item: one, however often its partner sends the batch again under its reference."""
    batch = draft.batch
    partner = ids.encode(Partner.ID_PREFIX, batch.partner_id)
    return StoppedUnmade(said, f"batch:{partner}:{batch.reference}:{item.position}")


def key_in(assessment: Assessment) -> UUID:
    """Return the key of the transaction that was assessed."""
    return ids.decode(Transaction.ID_PREFIX, assessment.facts.movement)
