"""Published lists from where their publishers keep them: over addresses that are looked at first, bounded in time and size.

The rules are those of webhooks (`notifications.addresses`): public addresses only, https only, the address that was looked at
is the one connected to; no redirect is followed, no proxy asked, nothing decompressed. No database is touched.
"""

from __future__ import annotations

import io
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from bankops.core.errors import BankOpsError
from notifications import addresses
from notifications.addresses import Address, Resolver, Rules
from notifications.carrying.connections import Deadline
from risk.errors import ListNotFetched, NoListAddress
from risk.lists.folder import OFAC_FILES
from risk.lists.reading import MOST_BYTES
from risk.models import ListFormat

SECONDS: Final = 300.0
"""How long all files of a list may take together."""
_PIECE = 64 * 1024
_GET = (
    "GET {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: bankops-lists/1\r\n"
    "Accept-Encoding: identity\r\nConnection: close\r\n\r\n"
)
_FILE_NAMES: Final[Mapping[str, frozenset[str]]] = {
    ListFormat.OFAC_CSV: frozenset(OFAC_FILES.values()),
    ListFormat.UN_XML: frozenset({"consolidated.xml"}),
    ListFormat.PARTIES_CSV: frozenset({"list.csv"}),
    ListFormat.REGIONS_CSV: frozenset({"list.csv"}),
}


@contextmanager
def fetched(
    key: str,
    format_: ListFormat,
    *,
    by: Rules | None = None,
    resolver: Resolver = socket.getaddrinfo,
    seconds: float = SECONDS,
    most_bytes: int = MOST_BYTES,
) -> Iterator[Path]:
    """Fetch a list's files into a folder that lasts as long as the context, and give the folder.

    :param by: where to; this bank's rules for webhooks when not given.
    :param seconds, most_bytes: for all files together.
    :raises NoListAddress: when `BANKOPS_LIST_URLS` does not say where, or names a file that is none of this list's.
    :raises ListNotFetched: when a file did not come whole.
    """
    urls, rules, deadline = _urls(key, format_), by or addresses.rules(), Deadline(seconds)
    with TemporaryDirectory(prefix="bankops-list-") as folder:
        bounds = _Bounds(deadline, most_bytes)
        for name, url in urls.items():
            try:
                _fetch(url, Path(folder, name), bounds, rules, resolver)
            except BankOpsError as error:
                raise ListNotFetched(name=key, problem=str(error).rstrip(".")) from error
            except (OSError, HTTPException) as error:
                raise ListNotFetched(name=key, problem=str(error) or type(error).__name__) from error
        yield Path(folder)


def _urls(key: str, format_: ListFormat) -> dict[str, str]:
    """Return the address of each file. A list of one file is named by its address alone."""
    said: str | dict[str, str] = settings.BANKOPS_LIST_URLS.get(key, {})
    names = _FILE_NAMES[format_]
    urls = {next(iter(names)): said} if isinstance(said, str) and len(names) == 1 else said
    if not urls or isinstance(urls, str) or not names.issuperset(urls):
        raise NoListAddress(name=key)
    return urls


class _Bounds:
    """What is left of time and size, for all files of a list together."""

    def __init__(self, deadline: Deadline, most_bytes: int) -> None:
        self.deadline, self.most_bytes, self._came = deadline, most_bytes, 0

    def count(self, more: int) -> None:
        """:raises HTTPException: when it is too much."""
        self._came += more
        if self._came > self.most_bytes:
            raise HTTPException(_("it has more than %(limit)s bytes") % {"limit": self.most_bytes})


class _Incoming(io.RawIOBase):
    """The bytes of one answer: no later than the deadline, no more than the bound."""

    def __init__(self, sock: socket.socket, bounds: _Bounds) -> None:
        self._sock, self._bounds = sock, bounds

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return itself as `HTTPResponse` asks a socket for it."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        self._sock.settimeout(self._bounds.deadline.left())
        count = self._sock.recv_into(buffer)
        self._bounds.count(count)
        return count


def _fetch(url: str, file: Path, bounds: _Bounds, rules: Rules, resolver: Resolver) -> None:
    address = addresses.taken_apart(url, rules)
    ip = addresses.resolved(address.host, address.port, by=rules, resolver=resolver)
    with _connected(address, ip, bounds.deadline) as sock:
        sock.sendall(_GET.format(target=address.target, host=address.authority).encode("ascii"))
        response = HTTPResponse(_Incoming(sock, bounds))  # type: ignore[arg-type] # it asks for `makefile` only
        response.begin()
        if response.status != 200:
            answered = {"host": address.host, "status": response.status}
            raise HTTPException(_("%(host)s answered %(status)s") % answered)
        with file.open("wb") as kept:
            while piece := response.read(_PIECE):
                kept.write(piece)
        if response.length:  # fewer came than were announced
            missing = {"host": address.host, "count": response.length}
            raise HTTPException(_("%(host)s broke off, %(count)s bytes short") % missing)


@contextmanager
def _connected(address: Address, ip: str, deadline: Deadline) -> Iterator[socket.socket]:
    with socket.create_connection((ip, address.port), timeout=deadline.left()) as plain:
        if address.scheme == "http":
            yield plain
            return
        with ssl.create_default_context().wrap_socket(plain, server_hostname=address.host) as sealed:
            yield sealed
