"""Everything held about a customer, for the customer: PIPL article 45, GDPR article 15."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts import events, personal_data
from accounts.models import Customer
from accounts.services.customers import subject_of
from bankops.core import audit
from bankops.core.actor import Actor
from bankops.core.errors import ReasonRequired


def export_personal_data(*, customer: Customer, reason: str, actor: Actor, now: datetime) -> Iterator[str]:
    """Return the export as pieces of one JSON document. Writes `accounts.customer.exported`, before the first piece.

    A piece is made when it is taken, so memory stays flat. A fault in between breaks the document off: it does not parse then.

    :raises ReasonRequired: when `reason` is blank.
    """
    if not reason.strip():
        raise ReasonRequired
    with transaction.atomic():
        audit.record(events.CUSTOMER_EXPORTED, actor=actor, subject=subject_of(customer), now=now, reason=reason)
    return _pieces(customer, now)


def _pieces(customer: Customer, now: datetime) -> Iterator[str]:
    head = {"bank": settings.BANKOPS_NAME, "customer": customer.number, "made_at": now.isoformat()}
    yield json.dumps(head, ensure_ascii=False)[:-1]
    for name, records in personal_data.sections(customer):
        yield f",\n{json.dumps(name)}: ["
        for position, record in enumerate(records):
            yield (",\n  " if position else "\n  ") + json.dumps(record, ensure_ascii=False)
        yield "]"
    yield "}\n"
