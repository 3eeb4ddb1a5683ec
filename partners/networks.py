"""Networks as partners write them, and as the database keeps them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from partners.errors import NetworkTooWide, NotANetwork, TooManyNetworks

MOST = 50
_SHORTEST_PREFIX = {4: 8, 6: 32}
_IPV4_IN_IPV6 = ipaddress.IPv6Network("::ffff:0:0/96")


def parsed(networks: Iterable[str]) -> list[str]:
    """Return networks in one writing, each once and sorted; a single address is a network of one.

    :raises NotANetwork, NetworkTooWide: naming the one at fault.
    :raises TooManyNetworks: when there are more than `MOST`.
    """
    found = {_parsed(str(network).strip()) for network in networks if str(network).strip()}
    if len(found) > MOST:
        raise TooManyNetworks(limit=MOST)
    return sorted(found)


def plain_address(text: str) -> str | None:
    """Return an address as networks name it, or None for what is none; an IPv4 address inside IPv6 counts as itself."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address).partition("%")[0]


def _parsed(text: str) -> str:
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        raise NotANetwork(network=text[:50]) from None
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_IPV4_IN_IPV6):
        return _parsed(f"{network.network_address.ipv4_mapped}/{network.prefixlen - 96}")
    if network.prefixlen < _SHORTEST_PREFIX[network.version]:
        raise NetworkTooWide(network=str(network))
    return str(network)
