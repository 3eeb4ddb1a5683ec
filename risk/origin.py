"""Where an order came from, as whoever passed it on knows it."""

from __future__ import annotations

from typing import NamedTuple

DEVICE_MAX = 128
"""Characters of what a device is known by."""
ADDRESS_MAX = 39
"""Characters of an IPv6 address."""


class Origin(NamedTuple):
    """The customer's device at the moment of the order; what is not known is empty.

    Attributes:
        device: what the channel knows the device by: the same text for the same device.
        address: of the network it was in, as `partners.networks.plain_address` writes it.
        country: where it was; ISO 3166-1, two letters.

    """

    device: str = ""
    address: str = ""
    country: str = ""


UNKNOWN = Origin()
"""Of orders given at a counter, and of those that nobody said more about."""
