"""A partner's webhook endpoints, as they stand on the stage: what their doors are tried on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from approvals.models import ApprovalRequest, ReviewGrant
from approvals.services import reassign_request
from bankops.core import ids
from bankops.matrix.people import REASON
from bankops.matrix.systems import least_busy
from notifications.models import Endpoint, EndpointSecret, EndpointState
from staff.models import User

if TYPE_CHECKING:
    from bankops.matrix.stage import Stage

ADDRESS = "https://127.0.0.1:8443/"  # nobody listens there, and nothing is sent from the stage
FIRST = "first_reviewer_2"
_STEP = timedelta(seconds=30)  # a code is good once, and lasts 30 seconds


def endpoints(stage: Stage) -> dict[str, Endpoint]:
    """Add endpoints with everybody's consent: one whose secret waits for the administrator, one in use, one that is paused."""
    begun = stage.now - timedelta(seconds=225)
    added = {
        name: _added(stage, name, begun + place * _STEP) for place, name in enumerate(("waiting", "active", "paused"))
    }
    for name in ("active", "paused"):
        _enable(added[name], stage.staff["administrator"])
    _into(added["paused"], EndpointState.PAUSED)
    return added


def _added(stage: Stage, name: str, at: datetime) -> Endpoint:
    picker = stage.staff["administrator"].public_id
    payload = {"partner": stage.partners["active"].public_id, "url": f"{ADDRESS}{name}", "secret_for": picker}
    request: ApprovalRequest = stage.submit("operator", "notifications.add_endpoint", payload, at).request
    _ask(stage, FIRST, request, at)
    for reviewer in (FIRST, None):
        at += timedelta(seconds=10)
        request = stage.approve(request, reviewer or least_busy(stage, request), at)
    return Endpoint.objects.get(approval_request_id=request.pk)


def _ask(stage: Stage, reviewer: str, request: ApprovalRequest, at: datetime) -> None:
    """See to it that somebody is asked whose codes nobody needs yet."""
    asked = set(ReviewGrant.objects.filter(content_object=request).values_list("user", flat=True))
    if stage.staff[reviewer].pk not in asked:
        reassign_request(
            request_id=request.pk,
            to=stage.staff[reviewer],
            instead_of=User.objects.get(pk=min(asked)),
            supervisor=stage.staff["administrator_2"],
            reason=REASON,
            now=at,
        )


def _enable(endpoint: Endpoint, picker: User) -> None:
    """Write its secret as if it had been picked up."""
    EndpointSecret.objects.create(
        id=ids.uuid7(),
        endpoint=endpoint,
        secret="whsec_" + "c3RhZ2U" * 4,
        hint="aWdl",
        valid_from=endpoint.added_at,
        picked_up_by=picker,
        approval_request_id=endpoint.approval_request_id,
    )
    endpoint.pickup_by = endpoint.pickup_until = None
    endpoint.save(update_fields=["pickup_by", "pickup_until"])
    _into(endpoint, EndpointState.ENABLED)


def _into(endpoint: Endpoint, state: EndpointState) -> None:
    endpoint.state = state
    endpoint.save(update_fields=["state"])
