"""The life of a transaction: which state may follow which, and the event every step leaves behind."""

from __future__ import annotations

from datetime import datetime

from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from transactions.errors import InvalidTransition
from transactions.models import State, Transaction, TransactionEvent

TRANSITIONS: dict[State, frozenset[State]] = {
    State.RECEIVED: frozenset(
        {State.ASSESSED, State.AWAITING_APPROVAL, State.HELD, State.POSTED, State.DECLINED, State.FAILED}
    ),
    State.ASSESSED: frozenset({State.AWAITING_APPROVAL, State.HELD, State.POSTED, State.DECLINED, State.FAILED}),
    State.HELD: frozenset({State.AWAITING_APPROVAL, State.POSTED, State.DECLINED, State.EXPIRED, State.FAILED}),
    State.AWAITING_APPROVAL: frozenset({State.POSTED, State.REJECTED, State.EXPIRED, State.FAILED}),
    State.POSTED: frozenset({State.REVERSED}),
    State.REVERSED: frozenset(),
    State.DECLINED: frozenset(),
    State.REJECTED: frozenset(),
    State.EXPIRED: frozenset(),
    State.FAILED: frozenset(),
}


def check(from_state: State, to_state: State) -> None:
    """Refuse a step that the table does not know.

    :raises InvalidTransition: naming both states.
    """
    if to_state not in TRANSITIONS[from_state]:
        raise InvalidTransition(from_state=from_state.label, to_state=to_state.label)


_ON_THE_WAY = (
    "state",
    "entry",
    "booking_date",
    "value_date",
    "approval_request",
    "confirmed_genuine_at",
    "risk_decided_at",
    "risk_release",
)


@transaction_required
def move(row: Transaction, to_state: State, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """Take a locked transaction one step further and write its event; with it what changes on the way: entry, dates, the
    request it was consented to, that it is no duplicate, and what risk has decided.

    :raises InvalidTransition: when the table does not know the step.
    """
    check(State(row.state), to_state)
    event = TransactionEvent(transaction=row, from_state=row.state, **_step(to_state, actor, now, reason))
    row.state = to_state
    row.save(update_fields=_ON_THE_WAY)
    event.save(force_insert=True)


def events_of_birth(row: Transaction, *, actor: Actor, now: datetime, reason: str = "") -> list[TransactionEvent]:
    """Return the unsaved events of a transaction that is received and brought to its state in one go."""
    state = State(row.state)
    check(State.RECEIVED, state)
    return [
        TransactionEvent(transaction=row, from_state="", **_step(State.RECEIVED, actor, now, reason)),
        TransactionEvent(transaction=row, from_state=State.RECEIVED, **_step(state, actor, now, "")),
    ]


def _step(to_state: State, actor: Actor, now: datetime, reason: str) -> dict[str, object]:
    return {"to_state": to_state, "actor_id": actor.id, "actor_name": actor.name, "reason": reason, "occurred_at": now}
