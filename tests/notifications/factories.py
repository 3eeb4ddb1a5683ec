"""Endpoints as these tests need them, without going through their approval."""

from __future__ import annotations

import base64
import os
from datetime import timedelta
from typing import Any
from uuid import uuid4

from bankops.core import clock, ids
from notifications.models import Endpoint, EndpointHealth, EndpointSecret, EndpointState
from partners.models import Partner
from staff.models import User
from tests.partners.factories import guards_asleep, make_partner
from tests.personas import hire


def make_endpoint(partner: Partner | None = None, *, secret: str = "", **fields: Any) -> Endpoint:
    """Return an enabled endpoint with its health and one live secret (`whsec_…`); `fields` as the model's."""
    now = clock.now()
    told = {
        "url": "https://hooks.example.com/bank",
        "state": EndpointState.ENABLED,
        "added_at": now - timedelta(days=1),
    }
    with guards_asleep():
        agreed = uuid4()
        endpoint = Endpoint.objects.create(
            partner=partner or make_partner(),
            **{**told, "approval_request_id": agreed, "terms_request_id": agreed, **fields},
        )
        EndpointHealth.objects.create(endpoint=endpoint)
        make_endpoint_secret(endpoint, secret=secret)
    return endpoint


def make_endpoint_secret(endpoint: Endpoint, *, secret: str = "", **fields: Any) -> EndpointSecret:
    """Return a live secret of an endpoint; reveal it with `.secret.reveal()`."""
    text = secret or "whsec_" + base64.b64encode(os.urandom(24)).decode()
    told = {"valid_from": clock.now() - timedelta(days=1), "approval_request_id": uuid4()}
    with guards_asleep():
        return EndpointSecret.objects.create(
            id=ids.uuid7(),
            endpoint=endpoint,
            secret=text,
            hint=text[-4:],
            picked_up_by=User.objects.order_by("pk").first() or _somebody(),
            **{**told, **fields},
        )


def _somebody() -> User:
    return hire("T0002", "Who Picked Up", None, None, phone=False)  # type: ignore[arg-type]
