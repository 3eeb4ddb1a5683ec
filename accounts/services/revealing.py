"""Personal data in clear, for somebody who says why. It is shown once, and the trail knows what was shown, not its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts import errors, events, personal_data, personal_data_errors
from accounts.models import Customer
from accounts.services.customers import subject_of
from bankops.core import audit, outbox
from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from bankops.core.models import AuditEvent
from bankops.core.texts import require_reason

OFTEN, WITHIN = 20, timedelta(hours=1)
"""More of this by one person is no ordinary day's work: the trail and the outbox say so."""
IN_CLEAR = (events.CUSTOMER_REVEALED, events.CUSTOMER_EXPORTED, events.DOCUMENT_OPENED)
"""What counts, together: personal data shown, exported or written into a file, and documents opened."""


@dataclass(frozen=True, slots=True)
class Revealed:
    """A part in clear: what people call it, and its values with what each of them is."""

    label: str
    values: list[tuple[str, str]]


@transaction.atomic
def reveal_personal_data(
    *, customer: Customer, parts: Sequence[str], reason: str, actor: Actor, now: datetime
) -> list[Revealed]:
    """Return parts of a customer's personal data in clear. Writes `accounts.customer.revealed` with their names.

    When it is more than `OFTEN` in an hour, writes `accounts.customer.revealed_often` about the person, once in that hour,
    and announces it. A value that no key opens is a fault: nothing is recorded then, and nothing shown.

    :param parts: names registered with `accounts.personal_data`.
    :raises ReasonRequired: when `reason` is blank.
    :raises NoPartChosen: when no part is named.
    :raises UnknownChoice: when there is no such part.
    """
    reason = require_reason(reason)
    known = personal_data.parts()
    _check_parts(parts, known)
    shown = [Revealed(str(known[name].label), list(known[name].read(customer))) for name in parts]
    audit.record(
        events.CUSTOMER_REVEALED,
        actor=actor,
        subject=subject_of(customer),
        now=now,
        reason=reason,
        detail={"parts": list(parts)},
    )
    notice_how_often(actor, now)
    return shown


@transaction_required
def record_address(*, customer: Customer, actor: Actor, now: datetime, reason: str) -> None:
    """Record that somebody takes a customer's address out of the house in a file, as if it had been shown.

    Writes `accounts.customer.revealed`.
    """
    audit.record(
        events.CUSTOMER_REVEALED,
        actor=actor,
        subject=subject_of(customer),
        now=now,
        reason=reason,
        detail={"parts": ["addresses"]},
    )
    notice_how_often(actor, now)


@transaction_required
def notice_how_often(actor: Actor, now: datetime) -> None:
    """Write `accounts.customer.revealed_often` when somebody sees more in clear than `OFTEN`, once in an hour."""
    lately = AuditEvent.objects.filter(actor_id=actor.id, occurred_at__gt=now - WITHIN, occurred_at__lte=now)
    reveals = lately.filter(event_type__in=[event.name for event in IN_CLEAR]).count()
    if reveals <= OFTEN or lately.filter(event_type=events.CUSTOMER_REVEALED_OFTEN.name).exists():
        return
    facts = {"person": actor.id, "reveals": reveals, "minutes": int(WITHIN.total_seconds() // 60)}
    subject = audit.Subject("user", actor.id, actor.name)
    audit.record(events.CUSTOMER_REVEALED_OFTEN, actor=actor, subject=subject, now=now, detail=facts)
    outbox.announce(events.CUSTOMER_REVEALED_OFTEN.name, subject_id=actor.id, payload=facts, now=now)


def _check_parts(parts: Sequence[str], known: Mapping[str, personal_data.Part]) -> None:
    if not parts:
        raise personal_data_errors.NoPartChosen
    for name in parts:
        if name not in known:
            raise errors.UnknownChoice(value=name, field="parts", choices=", ".join(known))
