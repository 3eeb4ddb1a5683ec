"""What two people agree to about an endpoint: where events go, which, and how insistently. Read from a payload, and in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from bankops.core import texts
from bankops.core.errors import BankOpsError
from notifications import addresses, durations, errors, event_types
from notifications.models import Endpoint
from notifications.models.endpoint import default_waits

FIELDS = ("url", "description", "event_types", "waits", "max_in_flight", "timeout_seconds")

MOST_WAITS, LONGEST_WAIT = 12, 86_400
MOST_IN_FLIGHT, LONGEST_TIMEOUT = 16, 30
_IN_FLIGHT, _TIMEOUT = 4, 15


def read(payload: Mapping[str, Any], *, besides: Endpoint | None = None) -> dict[str, Any]:
    """Return the terms as they are kept. What is left out is as it was, or as usual. Asks the name server about the address.

    :param besides: the endpoint that they change.
    :raises WebhookAddressInvalid, WebhookAddressNotHttps, WebhookAddressUnresolved, WebhookAddressRefused: about the address.
    :raises UnknownEventType, WaitsOutOfRange, InFlightOutOfRange, TimeoutOutOfRange, TextTooLong, UnstorableText: the rest.
    """
    told = {**(of(besides) if besides else usual()), **{name: payload[name] for name in FIELDS if name in payload}}
    url, description = (str(told[name] or "").strip() for name in ("url", "description"))
    texts.check_fits(Endpoint, url=url, description=description)
    addresses.refuse_address(url)
    return {
        "url": url,
        "description": description,
        "event_types": event_types.known(_types(told["event_types"])),
        "waits": _waits(told["waits"]),
        "max_in_flight": _between(told["max_in_flight"], MOST_IN_FLIGHT, errors.InFlightOutOfRange),
        "timeout_seconds": _between(told["timeout_seconds"], LONGEST_TIMEOUT, errors.TimeoutOutOfRange),
    }


def of(endpoint: Endpoint) -> dict[str, Any]:
    """Return the terms of an endpoint as they are."""
    return {name: getattr(endpoint, name) for name in FIELDS}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return what differs, in words: `{label: (before, after)}`."""
    return {
        str(_label(name)): (in_words(name, before[name]), in_words(name, after[name]))
        for name in FIELDS
        if before[name] != after[name]
    }


def first(after: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return the terms of a new endpoint, in words."""
    return {
        str(_label(name)): ("", in_words(name, after[name])) for name in FIELDS if after[name] or name != "description"
    }


def in_words(name: str, value: Any) -> str:
    """Return the value of a field of `FIELDS` as people read it."""
    if name == "event_types":
        return ", ".join(value) or gettext("all, also those there will be")
    return durations.written(value) if name == "waits" else str(value)


def usual() -> dict[str, Any]:
    """Return the terms of an endpoint for which nobody said otherwise; its address is still to be told."""
    return {
        "url": "",
        "description": "",
        "event_types": [],
        "waits": default_waits(),
        "max_in_flight": _IN_FLIGHT,
        "timeout_seconds": _TIMEOUT,
    }


def _types(value: Any) -> list[Any]:
    """Return what is to be looked up. What is no list names no type: to stand for all of them it has to be empty."""
    return _listed(value) if isinstance(value, list | tuple) else [str(value)]


def _waits(value: Any) -> list[int]:
    waits = _listed(value)
    if not 1 <= len(waits) <= MOST_WAITS or not all(_is_whole(wait) and 1 <= wait <= LONGEST_WAIT for wait in waits):
        raise errors.WaitsOutOfRange(most=MOST_WAITS)
    return waits


def _between(value: Any, most: int, error: type[BankOpsError]) -> int:
    if not _is_whole(value) or not 1 <= value <= most:
        raise error(most=most)
    return int(value)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _label(name: str) -> Any:
    return getattr(Endpoint._meta.get_field(name), "verbose_name", name)
