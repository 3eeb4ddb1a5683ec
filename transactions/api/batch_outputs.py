"""What the API says of batches of transfers and their items."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final
from uuid import UUID

from bankops.core import ids, sandbox
from bankops.core.instants import instant
from bankops.core.money import exponent
from transactions.api.outputs import JSON, approval
from transactions.api.refusals import code_as_told
from transactions.models import BatchState, State, Transaction, TransferBatch
from transactions.services.partner_orders import waiting_for
from transactions.transfer_batches.items import PAYEE, Draft, Item
from transactions.transfer_batches.standing import Tally, status_of, status_of_item

SHOWN: Final = (
    "position",
    "reference",
    "amount",
    "payer_named",
    "payee_named",
    "payee",
    "code",
    "blamed",
    "transaction",
    "transaction__state",
)
"""The columns of an item that `item_on_record` shows, in its order."""


def location(batch: TransferBatch) -> str:
    """Return where a batch is read."""
    return f"/api/v1/transfer-batches/{batch.public_id}"


def batch(row: TransferBatch, tally: Tally) -> JSON:
    """Return a batch of the partner's own; needs `approval_request` loaded."""
    address, request = location(row), row.approval_request
    waits = row.state == BatchState.AWAITING_APPROVAL and request is not None
    return {
        "id": row.public_id,
        "object": "transfer_batch",
        "status": status_of(row, tally),
        "reference": row.reference,
        "currency": row.currency,
        "all_or_nothing": row.all_or_nothing,
        "item_count": row.item_count,
        "counts": dict(sorted(tally.counts.items())),
        "total": str(row.money),
        "posted_total": written_in(row.currency)(tally.posted),
        "approval": approval(request, waiting_for(request)) if waits and request else None,
        "created_at": instant(row.created_at),
        "metadata": row.metadata,
        "livemode": sandbox.livemode(),
        "links": {"self": address, "items": f"{address}/items", **({"cancel": f"{address}/cancel"} if waits else {})},
    }


def items(draft: Draft, readable: Callable[[UUID | None], bool]) -> list[JSON]:
    """Return what became of the items of a batch that was placed just now, in their order."""
    state, amount = draft.batch.state, written_in(draft.batch.currency)
    return [_placed(item, state, amount, readable) for item in draft.items]


def items_on_record(
    batch: TransferBatch, rows: Iterable[tuple[Any, ...]], readable: Callable[[UUID | None], bool]
) -> list[JSON]:
    """Return items as they stand now.

    :param rows: their `SHOWN` columns.
    """
    amount, told = written_in(batch.currency), []
    for position, reference, minor, payer, payee, payee_id, code, blamed, transfer, state in rows:
        status = status_of_item(batch.state, code, state)
        item = Item(position, payer, payee, minor, reference, "", None, payee_id, transfer, code, blamed)
        told.append(_shown(item, status, amount, readable))
    return told


def written_in(currency: str) -> Callable[[int], str]:
    """Return what writes minor units of a currency as decimal strings: the same as `str(Money)`, a thousand times over."""
    places = exponent(currency)
    if not places:
        return str
    unit = 10**places
    return lambda minor: f"{minor // unit}.{minor % unit:0{places}d}"


def _placed(
    item: Item, batch_state: str, amount: Callable[[int], str], readable: Callable[[UUID | None], bool]
) -> JSON:
    made = item.transaction_id is not None
    state = (State.HELD if item.is_held else State.POSTED) if made else None
    return _shown(item, status_of_item(batch_state, item.code, state), amount, readable)


def _shown(item: Item, status: str, amount: Callable[[int], str], readable: Callable[[UUID | None], bool]) -> JSON:
    transfer, code = item.transaction_id, item.code
    if code:
        code = code_as_told(code, about_payee=item.blamed == PAYEE, readable=readable(item.payee))
    return {
        "position": item.position,
        "object": "transfer_batch_item",
        "reference": item.reference,
        "amount": amount(item.amount),
        "from_account": item.payer_named,
        "to_account": item.payee_named,
        "status": status,
        "transfer": ids.encode(Transaction.ID_PREFIX, transfer) if transfer else None,
        "code": code or None,
        "param": item.blamed or None,
    }
