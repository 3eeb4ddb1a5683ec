"""Connections to receivers that may be slow, broken or hostile: bounded in time and in size, and kept alive.

Python's `http.client` reads the answers; what it leaves open is closed here. Each wait (for a name, a connection, TLS, every
piece of the answer) is given what is left of one deadline, so a receiver that sends a byte now and then gains nothing by it.
The address that was looked at is the one connected to (`notifications.addresses`). Nothing is decompressed, no redirect is
followed, no proxy is asked.
"""

from __future__ import annotations

import io
import socket
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse, IncompleteRead
from queue import Empty, SimpleQueue
from select import POLLIN, poll
from typing import Any

from notifications.addresses import Address, Resolver, Rules, resolved

ANSWER_BYTES_MAX = 256 * 1024
"""Of a whole answer, headers and all; one that is longer is broken."""
BODY_BYTES_KEPT = 4 * 1024
_PIECE = 64 * 1024
_CLOSED = (ssl.SSLEOFError, ssl.SSLZeroReturnError)

_AGE_MAX, _IDLE_MAX = 300.0, 30.0  # seconds; a receiver that moved is looked up again
_KEPT_MAX = 512  # of all receivers together


class AnswerTooLong(HTTPException):
    """More came than any answer needs."""


class Cut(HTTPException):
    """The connection broke before a byte of the answer came."""


class BrokenOff(HTTPException):
    """The connection broke in the middle of the answer, or what came is no HTTP."""


@dataclass(frozen=True, slots=True)
class Received:
    """An answer as it came; of its body the first bytes."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Deadline:
    """The moment at which a request ends, however far it has come."""

    __slots__ = ("_at",)

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left.

        :raises TimeoutError: when none are.
        """
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left


class _Incoming(io.RawIOBase):
    """The bytes of one answer: no later than the deadline, no more than `ANSWER_BYTES_MAX`."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock, self._deadline, self.count, self.ended = sock, deadline, 0, False

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return itself as `HTTPResponse` asks a socket for it."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        self._sock.settimeout(self._deadline.left())
        count = self._sock.recv_into(buffer)
        self.count += count
        self.ended = not count
        if self.count > ANSWER_BYTES_MAX:
            raise AnswerTooLong(f"more than {ANSWER_BYTES_MAX} bytes")
        return count


class Connection:
    """One connection to a receiver, in the hands of one thread at a time."""

    def __init__(self, address: Address, sock: socket.socket) -> None:
        self.address, self._sock = address, sock
        self._born = self._rested = time.monotonic()
        self.reused = self.reusable = False

    def exchange(self, request: bytes, deadline: Deadline) -> Received:
        """Send a request and return its answer. Afterwards the connection is `reusable`, or it is not.

        :raises TimeoutError: when the deadline passes.
        :raises Cut: when it breaks before a byte of the answer came.
        :raises HTTPException: when the answer breaks off, is too long, or is no HTTP.
        :raises ssl.SSLError: when the receiver ends the encryption.
        """
        self.reusable = False
        incoming = _Incoming(self._sock, deadline)
        try:
            self._sock.settimeout(deadline.left())
            self._sock.sendall(request)
            return self._received(incoming)
        except TimeoutError:
            raise
        except ssl.SSLError as error:
            # Closed in the instant in which it was taken up again, which is no fault of its encryption.
            if self.reused and not incoming.count and isinstance(error, _CLOSED):
                raise Cut(str(error)) from error
            raise
        except (OSError, HTTPException, ValueError) as error:
            if not incoming.count:
                raise Cut(str(error) or type(error).__name__) from error
            if isinstance(error, HTTPException):
                raise
            raise BrokenOff(str(error) or type(error).__name__) from error

    def _received(self, incoming: _Incoming) -> Received:
        response = HTTPResponse(incoming, method="POST")  # type: ignore[arg-type] # it asks for `makefile` only
        response.begin()
        if incoming.ended:  # which it takes for the end of the headers
            raise BrokenOff("cut off in its headers")
        body = _body(response)
        self.reusable = not response.will_close and response.status >= 200
        return Received(response.status, response.getheaders(), body)

    def rest(self) -> None:
        """Remember since when it is not used."""
        self._rested = time.monotonic()

    def is_usable(self) -> bool:
        """Tell whether it can take another request: it is not too old, and the receiver has neither closed it nor spoken."""
        now = time.monotonic()
        if now - self._born > _AGE_MAX or self.is_stale(now):
            return False
        waiting = poll()
        waiting.register(self._sock, POLLIN)
        return not waiting.poll(0)

    def is_stale(self, now: float) -> bool:
        """Tell whether it has not been used for too long."""
        return now - self._rested > _IDLE_MAX

    def close(self) -> None:
        with suppress(OSError):
            self._sock.close()


def _body(response: HTTPResponse) -> bytes:
    """Return the first bytes of a body, and read past the others, so that the connection can be used again."""
    kept = bytearray()
    while piece := response.read(_PIECE):
        kept += piece[: BODY_BYTES_KEPT - len(kept)]
    if response.length:  # fewer came than were announced, which `read` of a part does not object to
        raise IncompleteRead(bytes(kept), response.length)
    return bytes(kept)


class Connections:
    """All connections of a process, kept alive between requests. Any thread may use it."""

    def __init__(self, *, by: Rules, tls: ssl.SSLContext, resolver: Resolver = socket.getaddrinfo) -> None:
        self._by, self._tls, self._resolver = by, tls, resolver
        self._kept: defaultdict[tuple[str, str, int], list[Connection]] = defaultdict(list)
        self._count, self._swept = 0, time.monotonic()
        self._lock = threading.Lock()

    @contextmanager
    def connected(self, address: Address, deadline: Deadline, *, anew: bool = False) -> Iterator[Connection]:
        """Lend a connection; it is kept if it can be used again, and closed otherwise.

        :param anew: none that was used before.
        :raises BankOpsError: where the address is refused, or its host unknown.
        :raises TimeoutError, ssl.SSLError, OSError: when the receiver cannot be connected to.
        """
        connection = (None if anew else self._used(address)) or self._new(address, deadline)
        try:
            yield connection
        except BaseException:
            connection.reusable = False
            raise
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """Close those that are not in use."""
        with self._lock:
            idle = [connection for kept in self._kept.values() for connection in kept]
            self._kept.clear()
            self._count = 0
        for connection in idle:
            connection.close()

    def _used(self, address: Address) -> Connection | None:
        key = (address.scheme, address.host, address.port)
        while True:
            with self._lock:
                kept = self._kept.get(key)
                if not kept:
                    return None
                connection = kept.pop()
                self._count -= 1
            if connection.is_usable():
                connection.reused = True
                return connection
            connection.close()

    def _give_back(self, connection: Connection) -> None:
        with self._lock:
            keeps = connection.reusable and self._count < _KEPT_MAX
            if keeps:
                connection.rest()
                address = connection.address
                self._kept[address.scheme, address.host, address.port].append(connection)
                self._count += 1
            stale = self._swept_out()
        for unwanted in stale if keeps else [*stale, connection]:
            unwanted.close()

    def _swept_out(self) -> list[Connection]:
        """Take out, now and then, what nobody has used for too long. The caller holds the lock."""
        now = time.monotonic()
        if now - self._swept < _IDLE_MAX:
            return []
        self._swept = now
        stale = [connection for kept in self._kept.values() for connection in kept if connection.is_stale(now)]
        for key in list(self._kept):
            self._kept[key] = [connection for connection in self._kept[key] if not connection.is_stale(now)]
            if not self._kept[key]:
                del self._kept[key]
        self._count -= len(stale)
        return stale

    def _new(self, address: Address, deadline: Deadline) -> Connection:
        ip = self._resolved(address, deadline)
        sock = socket.create_connection((ip, address.port), timeout=deadline.left())
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(deadline.left())
            if address.scheme == "https":
                sock = self._tls.wrap_socket(sock, server_hostname=address.host)
        except BaseException:
            sock.close()
            raise
        return Connection(address, sock)

    def _resolved(self, address: Address, deadline: Deadline) -> str:
        """Return where to connect. A name server that does not answer cannot be interrupted, so another thread waits for it."""
        answer: SimpleQueue[str | Exception] = SimpleQueue()

        def ask() -> None:
            try:
                answer.put(resolved(address.host, address.port, by=self._by, resolver=self._resolver))
            except Exception as error:  # noqa: BLE001 - it belongs to whoever waits
                answer.put(error)

        threading.Thread(target=ask, daemon=True).start()
        try:
            told = answer.get(timeout=deadline.left())
        except Empty:
            raise TimeoutError("the name server did not answer in time") from None
        if isinstance(told, Exception):
            raise told
        return told
