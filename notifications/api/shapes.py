"""The shapes of what the API answers about webhooks, for its description; `outputs` writes them, a test compares the two."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from bankops.core.api.examples import told
from notifications.api import examples
from notifications.api.outputs import KINDS
from notifications.backlogs import COUNTED
from notifications.models import BreakerState, DeliveryState, EndpointState, Outcome, ReplayState

Shape = serializers.Serializer[Any]


def _words(choices: Any) -> list[str]:
    return [word.lower() for word in choices.values]


class SecretHint(Shape):
    """A secret that signs what is sent; it is shown to nobody. Two of them live while one replaces the other."""

    hint = serializers.CharField(help_text="What it ends in.")
    valid_from = serializers.DateTimeField()
    valid_until = serializers.DateTimeField(allow_null=True)


class BreakerShape(Shape):
    """Whether deliveries go through. It opens when too many of the last minutes fail, and closes by a real success rate."""

    status = serializers.ChoiceField(_words(BreakerState))
    text = serializers.CharField(help_text="The same in words, for people.")
    since = serializers.DateTimeField(allow_null=True)
    probe_at = serializers.DateTimeField(allow_null=True, help_text="When, while it is open, a few are tried.")


class BacklogShape(Shape):
    """What waits."""

    pending = serializers.IntegerField(help_text=f"Counted to {COUNTED}; {COUNTED + 1} stands for more.")
    oldest = serializers.DateTimeField(allow_null=True, help_text="When the event happened that has waited longest.")


@extend_schema_serializer(examples=told(endpoint=examples.ENDPOINT))
class EndpointShape(Shape):
    """An address of the partner's to which events are sent. The bank adds and changes it, and hands over its secret."""

    id = serializers.CharField(help_text="wep_…")
    object = serializers.ChoiceField(["webhook_endpoint"])
    status = serializers.ChoiceField(_words(EndpointState))
    url = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    event_types = serializers.ListField(child=serializers.CharField(), help_text="Empty: all, also those to come.")
    waits = serializers.ListField(child=serializers.IntegerField(), help_text="Seconds before each further try.")
    max_in_flight = serializers.IntegerField(help_text="How many requests it gets at once.")
    timeout_seconds = serializers.IntegerField(help_text="How long each may take altogether.")
    secrets = SecretHint(many=True)
    breaker = BreakerShape()
    backlog = BacklogShape()
    quiet_until = serializers.DateTimeField(
        allow_null=True, help_text="It asked for quiet until then (429 or 503 with `Retry-After`)."
    )
    last_success_at = serializers.DateTimeField(allow_null=True)
    last_failure_at = serializers.DateTimeField(allow_null=True)
    last_failure = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    livemode = serializers.BooleanField()
    links = serializers.DictField(child=serializers.CharField())


@extend_schema_serializer(
    examples=[*told(delivered=examples.DELIVERY), *told("202", pending=examples.DELIVERY_PENDING)]
)
class DeliveryShape(Shape):
    """One event on its way to one endpoint. Its `event` is the `webhook-id` of every attempt."""

    id = serializers.CharField(help_text="dlv_…")
    object = serializers.ChoiceField(["webhook_delivery"])
    status = serializers.ChoiceField(_words(DeliveryState))
    why = serializers.CharField(
        allow_null=True,
        help_text="Why it was given up: `tries_exhausted`, `too_old`, `endpoint_gone` or `endpoint_disabled`, for instance.",
    )
    endpoint = serializers.CharField()
    event = serializers.CharField()
    type = serializers.CharField()
    subject = serializers.CharField()
    sequence = serializers.IntegerField()
    attempts = serializers.IntegerField()
    announced_at = serializers.DateTimeField(help_text="When the event happened.")
    created_at = serializers.DateTimeField()
    replayed_at = serializers.DateTimeField(allow_null=True)
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    links = serializers.DictField(child=serializers.CharField())


@extend_schema_serializer(examples=told(refused=examples.ATTEMPT))
class AttemptShape(Shape):
    """One request to an endpoint and its answer, of which the first bytes are kept.

    Headers and answer are dropped after thirty days, unless the bank set another time.
    """

    object = serializers.ChoiceField(["webhook_attempt"])
    number = serializers.IntegerField(help_text="The how-manieth of its delivery, from 1.")
    started_at = serializers.DateTimeField()
    duration_ms = serializers.IntegerField()
    outcome = serializers.ChoiceField(_words(Outcome))
    status = serializers.IntegerField(allow_null=True, help_text="HTTP status of the answer, where there was one.")
    error = serializers.CharField(allow_blank=True)
    next_attempt_at = serializers.DateTimeField(allow_null=True, help_text="When it was then to be tried again.")
    request_headers = serializers.DictField(child=serializers.CharField(), help_text="Signatures are masked.")
    answer_headers = serializers.DictField(child=serializers.CharField())
    answer = serializers.CharField(allow_blank=True)
    dropped_at = serializers.DateTimeField(allow_null=True, help_text="When headers and answer were dropped.")


@extend_schema_serializer(examples=[*told(queued=examples.REPLAY), *told("202", queued=examples.REPLAY)])
class ReplayShape(Shape):
    """A stretch of events that is sent to one endpoint again. Ask again at its address until it is `done`."""

    id = serializers.CharField(help_text="rpl_…")
    object = serializers.ChoiceField(["replay"])
    status = serializers.ChoiceField(_words(ReplayState))
    endpoint = serializers.CharField()
    kind = serializers.ChoiceField(list(KINDS))
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(help_text="When it was asked for: what happened later is sent anyway.")
    total = serializers.IntegerField(help_text="How many events there were to look at.")
    looked_at = serializers.IntegerField()
    sent_again = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    links = serializers.DictField(child=serializers.CharField())
