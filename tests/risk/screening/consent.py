"""Orders about lists and hits, as two people agree to them."""

from __future__ import annotations

from typing import Any

from approvals.models import ApprovalRequest
from bankops.core import clock, operations
from staff.models import User
from tests.approvals.factories import approve_all

WHY = "a letter of the supervisor"


def submit(maker: User, key: str, **payload: Any) -> operations.Outcome:
    """Ask for an operation of risk."""
    order = operations.Order(actor=maker.as_actor(), now=clock.now(), reason=WHY)
    return operations.submit(f"risk.{key}", payload, order)


def agreed(maker: User, key: str, **payload: Any) -> ApprovalRequest:
    """Submit, let two people agree, and return the request."""
    outcome = submit(maker, key, **payload)
    assert not outcome.done
    request = approve_all(outcome.request)
    assert request.state == "EXECUTED", request.closing_note
    return request


def put_on(maker: User, key: str, what: str, value: str, until: str = "") -> ApprovalRequest:
    """Put something on a list of the bank's own, with everybody's consent."""
    return agreed(maker, "add_to_list", list=key, what=what, value=value, until=until, owner=maker.public_id)
