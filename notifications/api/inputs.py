"""What partners' systems may ask of their webhooks."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from bankops.core.api.examples import asked
from bankops.core.api.fields import InputSerializer, InstantField, TextField
from bankops.core.texts import REASON_MAX
from notifications.api.examples import ASKED
from notifications.api.outputs import KINDS
from notifications.models import DeliveryState


class DeliveryFilters(InputSerializer):
    """What a list of deliveries can be narrowed by."""

    status = serializers.ChoiceField(
        choices=[state.lower() for state in DeliveryState.values],
        required=False,
        help_text="Only those that stand so now.",
    )
    type = serializers.RegexField(
        r"^[a-z_]{1,30}(\.[a-z_]{1,30}){2}$", required=False, help_text="Only events of this type."
    )
    since = InstantField(required=False, help_text="Only events that happened at this moment or later (RFC 3339).")


def _reason() -> TextField:
    return TextField(
        max_length=REASON_MAX,
        required=False,
        default="",
        allow_blank=True,
        help_text="Why, in your own words; the bank's audit trail keeps it.",
    )


@extend_schema_serializer(examples=asked("DeliveryReplayInput", ASKED["DeliveryReplayInput"]))
class DeliveryReplayInput(InputSerializer):
    """One delivery to be sent again."""

    reason = _reason()


@extend_schema_serializer(examples=asked("ReplayInput", ASKED["ReplayInput"]))
class ReplayInput(InputSerializer):
    """A stretch of events to be sent again: what was given up (`failed`), or everything (`all`), as to a new endpoint."""

    kind = serializers.ChoiceField(choices=list(KINDS))
    since = InstantField(help_text="Events that happened at this moment or later (RFC 3339).")
    reason = _reason()


@extend_schema_serializer(examples=asked("TestEventInput", ASKED["TestEventInput"]))
class TestEventInput(InputSerializer):
    """Nothing: a test event says nothing, and needs nothing."""

    __test__ = False  # pytest would take it for one by its name
