"""Tell the outside, by writing it down first: the message commits with the change, or neither does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bankops.core import context, together
from bankops.core.db import transaction_required
from bankops.core.models import OutboxMessage


@transaction_required
def announce(topic: str, *, subject_id: str, payload: Mapping[str, Any], now: datetime) -> OutboxMessage:
    """Write an outbox row in the caller's transaction and return it; workers carry it out after the commit.

    :param topic: the audit event's name, for instance `transactions.transfer.posted`.
    :param subject_id: public id of the record.
    :param payload: JSON primitives; ids and decimal strings, no floats, no personal data.
    :raises TransactionRequired: outside a transaction.
    """
    message = OutboxMessage(
        topic=topic, subject_id=subject_id, payload=dict(payload), request_id=context.request_id(), announced_at=now
    )
    return together.write([message])[0]
