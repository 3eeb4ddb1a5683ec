"""What partners are told of: every type of event with the fields of its `data`. Each app declares its own in `ready()`.

Endpoints choose among them, the API's description shows them (`notifications.api.webhooks`), and the tests hold every
announcement to an audience against its declaration.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.errors import UnknownEventType

TEST = "notifications.endpoint.test"
"""The event that is sent to one endpoint when somebody tries it out."""


class Kind(StrEnum):
    """What a field holds, as JSON Schema has it. No number is a sum of money: those are decimal strings."""

    TEXT = "text"
    AMOUNT = "amount"
    DATE = "date"
    COUNT = "count"


_SCHEMAS: Mapping[Kind, Mapping[str, Any]] = {
    Kind.TEXT: {"type": "string"},
    Kind.AMOUNT: {"type": "string", "pattern": r"^([0-9]{1,30}(\.[0-9]{1,30})?)?$"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.COUNT: {"type": "integer", "minimum": 0},
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an event's `data`.

    Attributes:
        text: what it says, for a partner's developer.
        example: a value of it.
        required: it is there in every event of the type; the others are left out where they say nothing.

    """

    name: str
    text: str | Promise
    example: str | int
    kind: Kind = Kind.TEXT
    required: bool = True

    def takes(self, value: object) -> bool:
        """Tell whether a value is of its JSON type."""
        if self.kind is Kind.COUNT:
            return isinstance(value, int) and not isinstance(value, bool)
        return isinstance(value, str)

    def schema(self) -> dict[str, Any]:
        """Return it as JSON Schema."""
        return {**_SCHEMAS[self.kind], "description": str(self.text)}


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of event that partners are told of.

    Attributes:
        topic: the announcement's (`bankops.core.outbox.announce`), which partners read as `type`.
        label: what happened, for lists from which types are chosen.
        subject: an example of the id of what it is about.

    """

    topic: str
    label: str | Promise
    subject: str
    fields: tuple[Field, ...]

    def schema(self) -> dict[str, Any]:
        """Return its `data` as JSON Schema. Readers overlook fields that they do not know: there may be more some day."""
        return {
            "type": "object",
            "properties": {field.name: field.schema() for field in self.fields},
            "required": [field.name for field in self.fields if field.required],
        }

    def example(self) -> dict[str, Any]:
        """Return its `data` as it is as a rule."""
        return {field.name: field.example for field in self.fields if field.required}

    def misfits(self, data: Mapping[str, Any]) -> list[str]:
        """Return the names of fields that are missing in `data`, there without having been declared, or of another type."""
        fields = {field.name: field for field in self.fields}
        missing = {field.name for field in self.fields if field.required} - data.keys()
        return sorted(missing | {name for name in data if name not in fields or not fields[name].takes(data[name])})


_declared: dict[str, EventType] = {}


def declare(*event_types: EventType) -> None:
    """Add types of events; those of one topic once.

    :raises ValueError: when a topic is declared otherwise already.
    """
    for event_type in event_types:
        if _declared.setdefault(event_type.topic, event_type) != event_type:
            raise ValueError(f"{event_type.topic} is declared already")


def declared() -> Mapping[str, EventType]:
    """Return every type by its topic, sorted."""
    return dict(sorted(_declared.items()))


def known(types: Iterable[str]) -> list[str]:
    """Return event types that an endpoint chose, each once and sorted; none at all stand for every type there will be.

    :raises UnknownEventType: naming those that are none.
    """
    wanted = sorted({str(each) for each in types})
    if strange := [each for each in wanted if each not in _declared]:
        raise UnknownEventType(types=", ".join(strange)[:200], known=", ".join(sorted(_declared)))
    return wanted


def declare_own() -> None:
    """Declare this app's own."""
    subject = "wep_01kav5d5h2f6w8s0x4k9p7m1ba"
    declare(
        EventType(TEST, _("Test event"), subject, (Field("endpoint", _("The endpoint that was tried out."), subject),))
    )
