"""Who took which statement."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.services.revealing import record_address
from bankops.core import audit
from bankops.core.actor import Actor
from transactions import events
from transactions.statements.content import Statement


@transaction.atomic
def take_statement(*, statement: Statement, form: str, actor: Actor, now: datetime) -> None:
    """Record that somebody takes a statement out of the house as a file. Writes `transactions.statement.taken`.

    With the holder's address in it, also writes `accounts.customer.revealed`: it counts like showing it.

    :param form: the key of the form it is written in (`transactions.statements.forms`).
    """
    audit.record(
        events.STATEMENT_TAKEN,
        actor=actor,
        subject=audit.Subject("account", statement.account.public_id, statement.account.number),
        now=now,
        detail={
            "copy": statement.copy,
            "form": form,
            "from": statement.period.from_date.isoformat(),
            "to": statement.period.to_date.isoformat(),
            "bookings": statement.count,
            "with_address": bool(statement.address),
        },
    )
    if statement.address and statement.account.customer:
        reason = _("Address in the statement of account %(account)s") % {"account": statement.account.number}
        record_address(customer=statement.account.customer, actor=actor, now=now, reason=reason)
