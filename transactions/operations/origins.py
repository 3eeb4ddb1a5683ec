"""Where the customer was who ordered a payment, as the partner that passes it on says: the `context` of a payload."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from accounts.validation import country
from bankops.core import texts
from bankops.core.errors import TextTooLong
from partners.networks import plain_address
from risk.origin import DEVICE_MAX, Origin
from transactions import errors
from transactions.operations.payloads import Payload, text

FIELD: Final = "context"


def origin_in(payload: Payload) -> dict[str, dict[str, str]]:
    """Return `{"context": {"device_id": "…", "ip_address": "…", "country": "…"}}` as we write it, without what is not known.

    Nothing where a partner says nothing, and where the bank's own people order: their customers stand before them.

    :raises FieldMissing: for what is there and no text, or empty.
    :raises TextTooLong, UnstorableText: for what no device is known by.
    :raises InvalidIpAddress, UnknownCountry: for what is none.
    """
    told = payload.get(FIELD) if "partner" in payload else None
    if not told:
        return {}
    if not isinstance(told, Mapping):
        raise errors.FieldMissing(field=FIELD)
    return {FIELD: {name: read(text(told, name)) for name, read in _READERS.items() if name in told}}


def origin_of(payload: Payload) -> Origin:
    """Return where a clean payload was ordered from."""
    told = payload.get(FIELD, {})
    return Origin(*(told.get(name, "") for name in _READERS))


def _device(told: str) -> str:
    if len(told) > DEVICE_MAX:
        raise TextTooLong(field="device_id", limit=DEVICE_MAX, count=len(told))
    texts.check_storable(told)
    return told


def _address(told: str) -> str:
    address = plain_address(told)
    if address is None:
        raise errors.InvalidIpAddress(address=told[:45])
    return address


_READERS: Final[Mapping[str, Callable[[str], str]]] = {
    "device_id": _device,
    "ip_address": _address,
    "country": country.clean,
}
"""How each part is read, in the order of `Origin`."""
