"""The log of what partners are told of: what webhooks tell, to be fetched, and no event is ever missed."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request

from bankops.core import outbox
from bankops.core.api import errors, pages
from bankops.core.api.examples import told
from bankops.core.api.fields import InputSerializer
from bankops.core.api.views import BankView
from bankops.core.outbox import Event
from notifications.api import examples
from notifications.event_body import SCHEMA_VERSION, shown


@extend_schema_serializer(examples=told(posted=examples.EVENT))
class EventShape(serializers.Serializer[Any]):
    """What became of something the partner ordered. `data` is thin: ask for the `subject` to know how it stands now.

    `sequence` counts the events of one subject from 1, so a receiver can tell their order, whichever came first. What
    `data` holds, by `type`, say the webhooks.
    """

    id = serializers.CharField()
    object = serializers.ChoiceField(["event"])
    schema_version = serializers.ChoiceField(
        [SCHEMA_VERSION], help_text="Rises when a reader of the shape before could be misled; not with a new field."
    )
    type = serializers.CharField(help_text="transactions.transfer.posted, for instance")
    timestamp = serializers.DateTimeField(help_text="When it happened.")
    created_at = serializers.DateTimeField(help_text="The same.")
    subject = serializers.CharField(help_text="The id of what it is about: tr_…")
    sequence = serializers.IntegerField()
    data = serializers.DictField()  # type: ignore[assignment]  # a field


@extend_schema_serializer(examples=told(page=examples.EVENTS))
class EventPage(serializers.Serializer[Any]):
    """Events, oldest first. Go on with `after` = `next_after`, also when there are no more for now."""

    data = EventShape(many=True)  # type: ignore[assignment]  # a field
    has_more = serializers.BooleanField()
    next_after = serializers.CharField(allow_null=True)


class Place(InputSerializer):
    """Where to go on, and with what: `after` is the id of an event of the partner's own."""

    after = serializers.CharField(
        max_length=40, required=False, help_text="`next_after` of the answer before; from the beginning, without it."
    )
    type = serializers.RegexField(
        r"^[a-z_]{1,30}(\.[a-z_]{1,30}){2}$",
        required=False,
        help_text="Only events of this type: `transactions.transfer.posted`, for instance.",
    )


class EventView(BankView):
    """Events of the partner's own. Another's are not there."""

    scopes = {"GET": "events:read"}


class EventList(EventView):
    """GET: what happened after an event, oldest first; from the beginning, without one. Ask again after the last one."""

    answers = {"GET": {200: EventPage}}
    parameters = {"GET": Place}

    def page_parameters(self) -> list[str]:
        """Return `limit`: an event's id takes the place of a cursor."""
        return ["limit"]

    def get(self, _request: Request) -> HttpResponse:
        """Answer with at most `limit` events."""
        wanted, limit = self.query(Place), pages.limit_of(self.request)
        after = self._place(wanted["after"]) if "after" in wanted else None
        found = outbox.events_for(self.caller.partner, after=after, topic=wanted.get("type", ""), limit=limit + 1)
        page = found[:limit]
        last = page[-1] if page else after
        return self.listed(
            {
                "data": [shown(each) for each in page],
                "has_more": len(found) > limit,
                "next_after": last.public_id if last else None,
            }
        )

    def _place(self, after: str) -> Event:
        event = outbox.event_for(self.caller.partner, after)
        if event is None:
            raise errors.ParameterInvalid(name="after", wanted="evt_…")
        return event


class EventDetail(EventView):
    """GET: one event."""

    answers = {"GET": {200: EventShape}}

    def get(self, _request: Request, event: str) -> HttpResponse:
        """Answer with the event."""
        self.query(InputSerializer)
        found = outbox.event_for(self.caller.partner, event)
        if found is None:
            raise errors.NotFound
        return self.found(shown(found))
