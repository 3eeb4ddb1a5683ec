"""Clients of the API side by side: persistent connections, raw sockets, so that little of the machine goes into calling."""

from __future__ import annotations

import json
import re
import socket
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import quantiles
from threading import Barrier
from types import MappingProxyType

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNK = 65_536
_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the clients did together.

    Attributes:
        call_seconds: how long each call took that was answered as expected.
        statuses: how often each status was answered.

    """

    seconds: float
    call_seconds: Sequence[float]
    statuses: Mapping[int, int]

    @property
    def per_second(self) -> float:
        return len(self.call_seconds) / self.seconds

    def as_detail(self) -> dict[str, object]:
        """Return the figures, rounded for reading."""
        cuts = quantiles(self.call_seconds, n=100)
        return {
            "calls": len(self.call_seconds),
            "call_p50_ms": round(cuts[49] * 1000, 2),
            "call_p99_ms": round(cuts[98] * 1000, 2),
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
        }


class Client:
    """One connection that stays open."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> Answer:
        """Send one request and read its answer.

        :raises ConnectionError: when the server hangs up.
        """
        self._socket.sendall(request)
        head, body = self._head()
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        while len(body) < length:
            body += self._received()
        return Answer(int(head[9:12]), body)

    def _head(self) -> tuple[bytes, bytes]:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._received()
        head, _blank, body = received.partition(b"\r\n\r\n")
        return head, body

    def _received(self) -> bytes:
        data = self._socket.recv(_CHUNK)
        if not data:
            raise ConnectionError("the server hung up")
        return data

    def close(self) -> None:
        self._socket.close()


def post(path: str, body: object, *, token: str, key: str, more: Mapping[str, str] = MappingProxyType({})) -> bytes:
    """Return a request that posts JSON under an Idempotency-Key, as it is sent."""
    text = json.dumps(body).encode()
    headers = {
        "Host": "localhost",
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Idempotency-Key": key,
        "Content-Length": str(len(text)),
        **more,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + text


def load(*, port: int, streams: Sequence[Iterator[bytes]], seconds: float, expected: int, warm_up: int = 20) -> Loaded:
    """Have one client for each stream send its requests one after the other, for so many seconds.

    :param expected: the status that counts; other answers are in `statuses` only.
    :param warm_up: calls that each client makes before anybody is measured.
    """
    barrier = Barrier(len(streams))
    with ThreadPoolExecutor(len(streams)) as threads:
        running = [threads.submit(_send, port, stream, barrier, seconds, warm_up) for stream in streams]
        done = [each.result() for each in running]
    calls = [call for answered in done for call in answered]
    return Loaded(
        seconds=max(end for _status, _taken, end in calls),
        call_seconds=[taken for status, taken, _end in calls if status == expected],
        statuses=Counter(status for status, _taken, _end in calls),
    )


def _send(
    port: int, stream: Iterator[bytes], barrier: Barrier, seconds: float, warm_up: int
) -> list[tuple[int, float, float]]:
    """Return of each call its status, how long it took and when it ended, both in seconds."""
    client = Client(port)
    try:
        for _call in range(warm_up):
            client.ask(next(stream))
        barrier.wait(timeout=_TIMEOUT_SECONDS)
        begun, calls = time.perf_counter(), []
        while (started := time.perf_counter()) < begun + seconds:
            answer = client.ask(next(stream))
            ended = time.perf_counter()
            calls.append((answer.status, ended - started, ended - begun))
        return calls
    finally:
        client.close()
