"""Webhook endpoints: where a partner is told, how that goes, and a test event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from bankops.core import clock
from bankops.core.api import errors, pages
from bankops.core.api.addresses import key_in
from bankops.core.api.fields import InputSerializer
from bankops.core.api.schema import page_of
from bankops.core.api.views import BankView, WritingView
from bankops.core.idempotency import Answer
from notifications import services
from notifications.api import codes, outputs
from notifications.api.inputs import TestEventInput
from notifications.api.shapes import DeliveryShape, EndpointShape
from notifications.backlogs import backlogs
from notifications.models import Endpoint
from notifications.partner_visibility import own_endpoints

READ, WRITE = "webhooks:read", "webhooks:write"


class EndpointView(BankView):
    """What is done with a partner's endpoints. Another's are not there."""

    scopes = {"GET": READ, "POST": WRITE}

    def own(self) -> QuerySet[Endpoint]:
        """Return the partner's own endpoints."""
        return own_endpoints(self.caller.partner_id)

    def endpoint(self) -> Endpoint:
        """Return the endpoint that the address names.

        :raises NotFound: when there is none, or it is another partner's.
        """
        found = self.own().filter(pk=key_in(self.kwargs["endpoint"], Endpoint.ID_PREFIX)).first()
        if found is None:
            raise errors.NotFound
        return found

    def shown(self, rows: Sequence[Endpoint]) -> list[outputs.JSON]:
        """Return endpoints as this partner reads them; one query for all."""
        waiting, now = backlogs([row.pk for row in rows]), clock.now()
        return [outputs.endpoint(row, waiting[row.pk], now=now) for row in rows]


class EndpointList(EndpointView):
    """GET: the partner's endpoints, the newest first: address, event types, breaker, and what waits."""

    scopes = {"GET": READ}
    answers = {"GET": {200: page_of(EndpointShape)}}
    is_paged = True

    def get(self, _request: Request) -> HttpResponse:
        """Answer with one page."""
        self.query(InputSerializer)
        page = pages.page_by(self.own(), self.request, lambda row: {"row": row}, field="pk")
        return self.listed({**page, "data": self.shown([each["row"] for each in page["data"]])})


class EndpointDetail(EndpointView):
    """GET: one endpoint."""

    scopes = {"GET": READ}
    answers = {"GET": {200: EndpointShape}}

    def get(self, _request: Request, **_address: str) -> HttpResponse:
        """Answer with the endpoint."""
        self.query(InputSerializer)
        (shown,) = self.shown([self.endpoint()])
        return self.found(shown)


class TestEvents(EndpointView, WritingView):
    """POST sends one endpoint a test event that says nothing about any record, whatever types the endpoint chose."""

    __test__ = False  # pytest would take it for one by its name

    scopes = {"POST": WRITE}
    form = TestEventInput
    refuses = {"POST": codes.TEST_EVENT}
    answers = {"POST": {202: DeliveryShape}}

    def authorise(self, data: dict[str, Any]) -> None:
        """:raises NotFound: when the endpoint is not there, or another partner's."""
        data["endpoint"] = self.endpoint()

    def perform(self, data: dict[str, Any], key: str) -> Answer:
        """Answer with the delivery, which is sent at once. None of the partner's other endpoints gets this event."""
        row = services.send_test_event(endpoint_id=data["endpoint"].pk, actor=self.caller.actor, now=clock.now())
        return self.answer(
            202, outputs.delivery(row), location=outputs.location_of_delivery(row), subject_id=row.public_id
        )
