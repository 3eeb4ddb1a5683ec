"""Orders about endpoints, as staff give them: submitted, or agreed to by two."""

from __future__ import annotations

from typing import Any

from approvals.models import ApprovalRequest
from bankops.core import clock, operations
from notifications.models import Endpoint
from notifications.services import pick_up_endpoint_secret
from partners.models import Partner
from staff.models import User
from tests.approvals.factories import approve_all, fresh_code

HOOK = "https://127.0.0.1:8443/bank"  # nobody answers there; it is looked up without a name server
WHY = "a contract was signed"


def submit(maker: User, key: str, **payload: Any) -> operations.Outcome:
    """Ask for an operation of notifications."""
    order = operations.Order(actor=maker.as_actor(), now=clock.now(), reason=WHY)
    return operations.submit(f"notifications.{key}", payload, order)


def agreed(maker: User, key: str, **payload: Any) -> ApprovalRequest:
    """Submit, let two people agree, and return the request."""
    outcome = submit(maker, key, **payload)
    assert not outcome.done
    request = approve_all(outcome.request)
    assert request.state == "EXECUTED", request.closing_note
    return request


def added(maker: User, partner: Partner, picker: User, **terms: Any) -> Endpoint:
    """Return an endpoint that two people agreed to and whose secret waits for `picker`."""
    wish = {"partner": partner.public_id, "secret_for": picker.public_id, "url": HOOK, **terms}
    agreed(maker, "add_endpoint", **wish)
    return Endpoint.objects.get(partner=partner, url=wish["url"])


def picked_up(endpoint: Endpoint, user: User, code: str = "") -> str:
    """Pick an endpoint's secret up, with a code that is right unless another is given."""
    return pick_up_endpoint_secret(endpoint_id=endpoint.pk, user=user, code=code or fresh_code(user), now=clock.now())
