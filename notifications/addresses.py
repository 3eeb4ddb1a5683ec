"""Where a webhook may go: looked at when an endpoint is saved, and again for each connection that is made to it.

The second look decides. A name may resolve to something else by then, so the address that was looked at is the one that
is connected to (`resolved`), and nothing resolves it once more in between.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from requests_hardened.ip_filter import InvalidIPAddress, filter_host

from notifications.errors import (
    WebhookAddressInvalid,
    WebhookAddressNotHttps,
    WebhookAddressRefused,
    WebhookAddressUnresolved,
)

_PORTS = {"https": 443, "http": 80}
_FIRST_FREE_PORT = 1024
_OF_THE_HOST = frozenset({ipaddress.ip_address("168.63.129.16")})
"""Public by its number, but the host's own on every virtual machine in Azure, with what it tells its guests only (Microsoft,
“What is IP address 168.63.129.16?”, learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16)."""
_GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")  # all that is assigned for the public (RFC 4291, section 2.4)

Resolver = Callable[..., list[Any]]
"""`socket.getaddrinfo`, or what stands in for it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What this bank lets webhooks go to.

    Attributes:
        loopback: this machine too: for trying things out, never in production.

    """

    https_only: bool
    loopback: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """An endpoint's address, taken apart.

    Attributes:
        host: a name or an IP address, without brackets.
        authority: host and port as the `Host` header says them.
        target: path and query.

    """

    scheme: str
    host: str
    port: int
    authority: str
    target: str


def rules() -> Rules:
    """Return this bank's rules, from its settings."""
    return Rules(https_only=settings.BANKOPS_WEBHOOK_HTTPS_ONLY, loopback=settings.BANKOPS_WEBHOOK_LOOPBACK)


def refuse_address(url: str, *, by: Rules | None = None, resolver: Resolver = socket.getaddrinfo) -> None:
    """Refuse what no webhook may go to. Asks the name server, so never call it while holding locks for long.

    :raises WebhookAddressInvalid: for what is not an address, has a user or a fragment in it, or a port of another service's.
    :raises WebhookAddressNotHttps: where only https is allowed.
    :raises WebhookAddressUnresolved: where its host has no address.
    :raises WebhookAddressRefused: where any of its host's addresses is not a public one.
    """
    given = by or rules()
    address = taken_apart(url, given)
    resolved(address.host, address.port, by=given, resolver=resolver)


@lru_cache(maxsize=1024)
def taken_apart(url: str, by: Rules) -> Address:
    """Return the parts of an address, without asking anybody where it leads.

    :raises WebhookAddressInvalid: see `refuse_address`.
    :raises WebhookAddressNotHttps: see `refuse_address`.
    """
    parts = _split(url)
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc or "#" in url:
        raise WebhookAddressInvalid(url=url)
    if by.https_only and parts.scheme != "https":
        raise WebhookAddressNotHttps(url=url)
    port = parts.port or _PORTS[parts.scheme]
    if port < _FIRST_FREE_PORT and port not in _PORTS.values():
        raise WebhookAddressInvalid(url=url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.scheme, parts.hostname, port, parts.netloc, target)


def _split(url: str) -> SplitResult:
    """Return the parts of an address of printable ASCII; names beyond that are written in their own ASCII form (`xn--…`)."""
    if not all("!" <= letter <= "~" and letter != "\\" for letter in url):
        raise WebhookAddressInvalid(url=url)
    try:
        parts = urlsplit(url)
        named = parts.port
    except ValueError:
        raise WebhookAddressInvalid(url=url) from None
    if named == 0:
        raise WebhookAddressInvalid(url=url)
    return parts


def resolved(host: str, port: int, *, by: Rules, resolver: Resolver = socket.getaddrinfo) -> str:
    """Return the IP address to connect to: the first of those that a host has, all of which are public.

    :raises WebhookAddressUnresolved: where it has none.
    :raises WebhookAddressRefused: where one of them is not public.
    """
    try:
        found = resolver(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise WebhookAddressUnresolved(host=host) from None
    addresses = [str(socket_address[0]) for *_kind, socket_address in found]
    if not addresses:
        raise WebhookAddressUnresolved(host=host)
    for address in addresses:
        if not _may_be_called(address, port, by):
            raise WebhookAddressRefused(host=host)
    return addresses[0]


def _may_be_called(address: str, port: int, by: Rules) -> bool:
    """Tell whether an IP address is public by the list of `requests-hardened`, which knows none of the old IPv6 ranges."""
    if "%" in address:  # a zone: an address of a link
        return False
    try:
        filter_host(address, port, allow_loopback=by.loopback)
    except InvalidIPAddress:
        return False
    ip = ipaddress.ip_address(address)
    mapped = getattr(ip, "ipv4_mapped", None) or ip
    if mapped in _OF_THE_HOST:
        return False
    return mapped.version == 4 or mapped in _GLOBAL_IPV6 or (by.loopback and mapped.is_loopback)
