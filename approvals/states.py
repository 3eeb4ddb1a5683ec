"""The life of an approval request: which state may follow which. The trigger `request_moves` holds the same table."""

from __future__ import annotations

from approvals.errors import RequestNotPending
from approvals.models import ApprovalRequest, State

TRANSITIONS: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.APPROVED, State.REJECTED, State.RETURNED, State.WITHDRAWN, State.EXPIRED}),
    State.APPROVED: frozenset({State.EXECUTED, State.FAILED, State.STALE}),
    State.RETURNED: frozenset({State.PENDING, State.WITHDRAWN, State.EXPIRED}),
    State.FAILED: frozenset({State.PENDING}),
    State.EXECUTED: frozenset(),
    State.REJECTED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.EXPIRED: frozenset(),
    State.STALE: frozenset(),
}


def check(request: ApprovalRequest, to_state: State) -> None:
    """Refuse a step that the table does not know.

    :raises RequestNotPending: saying where the request stands.
    """
    if to_state not in TRANSITIONS[State(request.state)]:
        raise RequestNotPending(reference=request.reference, state=State(request.state).label)
