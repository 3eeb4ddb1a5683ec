"""Everything held about a customer, for the customer: PIPL article 45, GDPR article 15."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts import access, events, personal_data, personal_data_errors
from accounts.models import Account, Customer
from accounts.services.customers import subject_of
from accounts.services.revealing import notice_how_often
from bankops.core import audit
from bankops.core.actor import Actor
from bankops.core.texts import require_reason


def export_personal_data(
    *, customer: Customer, reason: str, reader: access.Person, actor: Actor, now: datetime
) -> Iterator[str]:
    """Return the export as pieces of one JSON document. Writes `accounts.customer.exported`, before the first piece.

    A piece is made when it is taken, so memory stays flat. A fault in between breaks the document off: it does not parse then.

    :param reader: who takes it, signed in as `actor`.
    :raises ReasonRequired: when `reason` is blank.
    :raises AccountsNotVisible: when they may not see every account that would be in it.
    """
    reason = require_reason(reason)
    _refuse_hidden(customer, reader)
    with transaction.atomic():
        audit.record(events.CUSTOMER_EXPORTED, actor=actor, subject=subject_of(customer), now=now, reason=reason)
        notice_how_often(actor, now)
    return _pieces(customer, now)


def _refuse_hidden(customer: Customer, reader: access.Person) -> None:
    """Refuse a file about an account, their own or one they have rights on, that whoever takes it may not see."""
    told = Account.objects.filter(Q(customer=customer) | Q(pk__in=customer.party_of.values("account")))
    if told.exclude(pk__in=access.visible_accounts(reader).values("pk")).exists():
        raise personal_data_errors.AccountsNotVisible(customer=customer.number)


def _pieces(customer: Customer, now: datetime) -> Iterator[str]:
    head = {"bank": settings.BANKOPS_NAME, "customer": customer.number, "made_at": now.isoformat()}
    yield json.dumps(head, ensure_ascii=False)[:-1]
    for name, records in personal_data.sections(customer):
        yield f",\n{json.dumps(name)}: ["
        for position, record in enumerate(records):
            yield (",\n  " if position else "\n  ") + json.dumps(record, ensure_ascii=False)
        yield "]"
    yield "}\n"
