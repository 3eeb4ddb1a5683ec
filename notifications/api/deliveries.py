"""Deliveries: what was sent to an endpoint, every attempt at it, and sending one again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from bankops.core import clock
from bankops.core.api import errors, pages
from bankops.core.api.addresses import key_in
from bankops.core.api.fields import InputSerializer
from bankops.core.api.schema import page_of
from bankops.core.api.views import BankView, WritingView
from bankops.core.idempotency import Answer
from notifications.api import codes, outputs
from notifications.api.endpoints import READ, WRITE, EndpointView
from notifications.api.inputs import DeliveryFilters, DeliveryReplayInput
from notifications.api.shapes import AttemptShape, DeliveryShape
from notifications.models import Delivery
from notifications.partner_visibility import own_deliveries
from notifications.services.replays import replay_one


class EndpointDeliveries(EndpointView):
    """GET: what was sent to an endpoint, or is about to be, the newest first."""

    scopes = {"GET": READ}
    answers = {"GET": {200: page_of(DeliveryShape)}}
    parameters = {"GET": DeliveryFilters}
    is_paged = True

    def get(self, _request: Request, **_address: str) -> HttpResponse:
        """Answer with one page."""
        wanted = self.query(DeliveryFilters)
        rows = Delivery.objects.filter(_narrowed(wanted), endpoint=self.endpoint()).select_related("endpoint")
        return self.listed(pages.page_by(rows, self.request, outputs.delivery, field="pk"))


class DeliveryView(BankView):
    """What is done with one delivery to an endpoint of the partner's. Another's are not there."""

    def own(self) -> QuerySet[Delivery]:
        """Return the deliveries to the partner's own endpoints."""
        return own_deliveries(self.caller.partner_id)

    def delivery(self) -> Delivery:
        """Return the delivery that the address names.

        :raises NotFound: when there is none, or it is to another partner's endpoint.
        """
        found = self.own().filter(pk=key_in(self.kwargs["delivery"], Delivery.ID_PREFIX)).first()
        if found is None:
            raise errors.NotFound
        return found


class DeliveryDetail(DeliveryView):
    """GET: one delivery, and how it stands."""

    scopes = {"GET": READ}
    answers = {"GET": {200: DeliveryShape}}

    def get(self, _request: Request, **_address: str) -> HttpResponse:
        """Answer with the delivery."""
        self.query(InputSerializer)
        return self.found(outputs.delivery(self.delivery()))


class DeliveryAttempts(DeliveryView):
    """GET: every attempt at a delivery, the last one first: what was sent, and what came back."""

    scopes = {"GET": READ}
    answers = {"GET": {200: page_of(AttemptShape)}}
    is_paged = True

    def get(self, _request: Request, **_address: str) -> HttpResponse:
        """Answer with one page."""
        self.query(InputSerializer)
        rows = self.delivery().history.all()
        return self.listed(pages.page_by(rows, self.request, outputs.attempt, field="number"))


class DeliveryReplay(DeliveryView, WritingView):
    """POST sends a delivery again that arrived or was given up: the same event, under the same `webhook-id`."""

    scopes = {"POST": WRITE}
    form = DeliveryReplayInput
    refuses = {"POST": codes.REPLAY_ONE}
    answers = {"POST": {202: DeliveryShape}}

    def authorise(self, data: dict[str, Any]) -> None:
        """:raises NotFound: when the delivery is not there, or to another partner's endpoint."""
        data["delivery"] = self.delivery()

    def perform(self, data: dict[str, Any], key: str) -> Answer:
        """Answer with the delivery, which is pending again: it is sent at once, and its tries count from the beginning."""
        by = {"actor": self.caller.actor, "reason": data["reason"], "now": clock.now()}
        row = replay_one(delivery_id=data["delivery"].pk, **by)
        return self.answer(
            202, outputs.delivery(row), location=outputs.location_of_delivery(row), subject_id=row.public_id
        )


def _narrowed(wanted: Mapping[str, Any]) -> Q:
    """Return the condition that the parameters make."""
    asked = {
        "state": wanted["status"].upper() if "status" in wanted else None,
        "topic": wanted.get("type"),
        "announced_at__gte": wanted.get("since"),
    }
    return Q(**{column: value for column, value in asked.items() if value is not None})
