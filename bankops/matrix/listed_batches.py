"""Batches of transfers: read by staff, ordered by partners' systems only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bankops.core import ids
from bankops.matrix.listing import Listed, Submitted, here, may, reading_room
from bankops.matrix.stage import Stage
from transactions.models import TransferBatch


def batches() -> Iterator[Listed]:
    """Yield the reading room."""
    yield from reading_room(
        "transactions_transferbatch",
        may("transactions.view_transferbatch"),
        lambda stage: stage.batch,
        its=here("transactions.view_transferbatch"),
    )


def submitted() -> Iterator[Submitted]:
    """Yield the operation: no role holds its right."""
    yield Submitted("transactions.transfer_batch", _batch, remark="by partners only")


def _batch(stage: Stage) -> dict[str, Any]:
    named = {"partner": stage.partners["active"].public_id, "batch": ids.encode(TransferBatch.ID_PREFIX, ids.uuid7())}
    return {**named, "content_hash": "00" * 32}
