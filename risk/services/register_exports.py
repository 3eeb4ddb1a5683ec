"""Taking a register as a file leaves a trace."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bankops.core import audit
from bankops.core.actor import Actor
from risk import events
from risk.selectors.days import Days


@transaction.atomic
def note_register_export(*, register: str, days: Days, actor: Actor, now: datetime) -> None:
    """Write `risk.register.exported`.

    :param register: `large_values` or `suspicious`.
    """
    audit.record(
        events.REGISTER_EXPORTED,
        actor=actor,
        subject=audit.Subject("risk_register", register, register),
        now=now,
        detail={"from": days.first.isoformat(), "to": days.last.isoformat()},
    )
