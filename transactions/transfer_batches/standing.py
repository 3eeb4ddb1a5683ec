"""Where batches and their items stand, in the words of the API. An item's transfer may have moved on: it is asked each time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db.models import Case, Count, Exists, F, OuterRef, Q, Sum, Value, When
from django.db.models.functions import Coalesce

from transactions.models import BOOKED, BatchState, State, TransferBatch, TransferBatchItem
from transactions.services.partner_orders import CANCELLED, STATUSES
from transactions.transfer_batches.items import Draft

POSTED, PARTLY_POSTED, HELD, REFUSED = "posted", "partly_posted", "held", "refused"

BATCH_STATUSES: Final = (
    "received",
    POSTED,
    PARTLY_POSTED,
    HELD,
    REFUSED,
    "awaiting_approval",
    "cancelled",
    "rejected",
    "expired",
    "failed",
)
ITEM_STATUSES: Final = (
    "received",
    POSTED,
    "reversed",
    HELD,
    REFUSED,
    CANCELLED,
    "awaiting_approval",
    "rejected",
    "expired",
    "failed",
)

_ENDED = {
    BatchState.RECEIVED: "received",
    BatchState.AWAITING_APPROVAL: "awaiting_approval",
    BatchState.CANCELLED: CANCELLED,
    BatchState.REJECTED: "rejected",
    BatchState.EXPIRED: "expired",
    BatchState.FAILED: "failed",
}
_MOVED = (POSTED, STATUSES[State.REVERSED])


@dataclass(frozen=True, slots=True)
class Tally:
    """How many items of a batch stand where, and what those that were posted come to, in minor units."""

    counts: Mapping[str, int] = field(default_factory=dict)
    posted: int = 0


def status_of(batch: TransferBatch, tally: Tally) -> str:
    """Return where a batch stands."""
    state = BatchState(batch.state)
    if state in _ENDED:
        return _ENDED[state]
    moved = sum(tally.counts.get(word, 0) for word in _MOVED)
    if moved == batch.item_count:
        return POSTED
    if moved:
        return PARTLY_POSTED
    return HELD if tally.counts.get(HELD) else REFUSED


def status_of_item(batch_state: str, code: str, transaction_state: str | None) -> str:
    """Return where an item stands: its transfer, why it has none, or its batch says it."""
    if transaction_state:
        return CANCELLED if transaction_state == State.DECLINED else STATUSES[State(transaction_state)]
    return REFUSED if code else _ENDED[BatchState(batch_state)]


def items_with(status: str) -> Q:
    """Return the condition for items of which `status_of_item` says this."""
    if status == REFUSED:
        return ~Q(code="")
    states = [state for state, word in STATUSES.items() if word == status]
    states += [State.DECLINED] if status == CANCELLED else []
    ended = [state for state, word in _ENDED.items() if word == status]
    return Q(transaction__state__in=states) | Q(transaction__isnull=True, code="", batch__state__in=ended)


def batches_with(status: str) -> Q:
    """Return the condition for batches of which `status_of` says this."""
    ended = [state for state, word in _ENDED.items() if word == status]
    if ended:
        return Q(state__in=ended)
    items = TransferBatchItem.objects.filter(batch=OuterRef("pk"))
    moved, held = Exists(items.filter(transaction__state__in=BOOKED)), Exists(items.filter(items_with(HELD)))
    others = Exists(items.exclude(transaction__state__in=BOOKED))
    conditions = {
        POSTED: Q(~others),
        PARTLY_POSTED: Q(moved, others),
        HELD: Q(~moved, held),
        REFUSED: Q(~moved, ~held),
    }
    return ~Q(state__in=_ENDED) & conditions[status]


def tally_of(draft: Draft) -> Tally:
    """Return the tally of a batch as it has just been placed."""
    counts, posted = Counter[str](), 0
    for item in draft.items:
        if item.transaction_id and not item.is_held:
            posted += item.amount
        state = (State.HELD if item.is_held else State.POSTED) if item.transaction_id else None
        counts[status_of_item(draft.batch.state, item.code, state)] += 1
    return Tally(counts, posted)


def tallies_of(batches: Iterable[TransferBatch]) -> dict[UUID, Tally]:
    """Return the tally of each batch as it is now, by key; one query for all."""
    by_key = {batch.pk: batch for batch in batches}
    is_refused = Case(When(code="", then=Value("")), default=Value("refused"))
    groups = (
        TransferBatchItem.objects.filter(batch__in=by_key)
        .values("batch", state=F("transaction__state"), refused=is_refused)
        .annotate(count=Count("pk"), total=Coalesce(Sum("amount"), 0))
        .order_by("batch")
    )
    counts: dict[UUID, Counter[str]] = {key: Counter() for key in by_key}
    posted: Counter[UUID] = Counter()
    for group in groups:
        batch = by_key[group["batch"]]
        counts[batch.pk][status_of_item(batch.state, group["refused"], group["state"])] += group["count"]
        posted[batch.pk] += int(group["total"]) if group["state"] in BOOKED else 0
    return {key: Tally(counts[key], posted[key]) for key in by_key}
