"""Replays: a stretch of events sent to one endpoint again, after its system was away or as to a new one."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from bankops.core import clock
from bankops.core.api import errors
from bankops.core.api.addresses import key_in
from bankops.core.api.fields import InputSerializer
from bankops.core.api.views import BankView, WritingView
from bankops.core.idempotency import Answer
from notifications.api import codes, outputs
from notifications.api.endpoints import READ, WRITE, EndpointView
from notifications.api.inputs import ReplayInput
from notifications.api.shapes import ReplayShape
from notifications.errors import ReplaySinceInFuture, ReplaySinceTooOld
from notifications.models import ReplayJob
from notifications.partner_visibility import own_replays
from notifications.services.replays import ask_for_replay


class Replays(EndpointView, WritingView):
    """POST has events since a moment sent to an endpoint again, each under its own `webhook-id`; one replay at a time."""

    scopes = {"POST": WRITE}
    form = ReplayInput
    refuses = {"POST": codes.REPLAY}
    answers = {"POST": {202: ReplayShape}}

    def authorise(self, data: dict[str, Any]) -> None:
        """:raises NotFound: when the endpoint is not there, or another partner's."""
        data["endpoint"] = self.endpoint()

    def perform(self, data: dict[str, Any], key: str) -> Answer:
        """Answer with the replay, which is worked off from now on: `failed` is what was given up, `all` every event."""
        by = {"actor": self.caller.actor, "reason": data["reason"], "now": clock.now()}
        asked = {"kind": outputs.KINDS[data["kind"]], "since": data["since"]}
        try:
            row = ask_for_replay(endpoint_id=data["endpoint"].pk, **asked, **by)
        except (ReplaySinceInFuture, ReplaySinceTooOld) as refusal:
            refusal.param = "since"  # type: ignore[union-attr]
            raise
        return self.answer(202, outputs.replay(row), location=outputs.location_of_replay(row), subject_id=row.public_id)


class ReplayDetail(BankView):
    """GET: how far a replay has come, whether the partner asked for it or the bank did."""

    scopes = {"GET": READ}
    answers = {"GET": {200: ReplayShape}}

    def get(self, _request: Request, replay: str) -> HttpResponse:
        """Answer with the replay."""
        self.query(InputSerializer)
        row = own_replays(self.caller.partner_id).filter(pk=key_in(replay, ReplayJob.ID_PREFIX)).first()
        if row is None:
            raise errors.NotFound
        return self.found(outputs.replay(row))
