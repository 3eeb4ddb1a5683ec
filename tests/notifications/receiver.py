"""A receiver of webhooks for tests: a real HTTP server in threads, which does what its path says and remembers what came.

/ok          204                         /status/503   that status, with the headers of `retry_after`
/hang        no answer until it closes   /slow/0.2     204 after so many seconds
/together/3  204; the first three are answered when all of them are there
/flap/3      500, but 204 to every third request
/held/500    the first request is answered so when `go_on` is set; all others with 204
"""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic, sleep
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=monotonic)

    @property
    def event_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told


class Receiver:
    """What came, and how many requests of one path were open at once at most."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.most_at_once: Counter[str] = Counter()
        self.retry_after = ""
        self.closing, self.go_on, self.all_there = threading.Event(), threading.Event(), threading.Event()
        self._open: Counter[str] = Counter()
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"receiver": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def url(self, path: str = "/ok") -> str:
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def ids(self, path: str = "/ok") -> list[str]:
        """Return the ids that came to a path, in the order in which they came."""
        return [request.event_id for request in self.requests if request.path == path]

    def start(self) -> None:
        self._thread.start()

    def wait_for(self, count: int, path: str = "/ok", *, seconds: float = 60) -> None:
        """Wait until so many requests have come to a path."""
        until = monotonic() + seconds
        while len(self.ids(path)) < count:
            assert monotonic() < until, f"{len(self.ids(path))} of {count} requests came to {path}"
            sleep(0.02)

    def stop(self) -> None:
        self.closing.set()
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def came_in(self, request: Request) -> int:
        """Remember a request; return the how-manieth to its path it is."""
        with self._lock:
            self.requests.append(request)
            self._open[request.path] += 1
            self.most_at_once[request.path] = max(self.most_at_once[request.path], self._open[request.path])
            return sum(1 for known in self.requests if known.path == request.path)

    def went_out(self, path: str) -> None:
        with self._lock:
            self._open[path] -= 1


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver for as long as the block."""
    receiver = Receiver()
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().setup()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        count = self.receiver.came_in(Request(self.path, headers, body))
        status = self._status(count)
        self.receiver.went_out(self.path)
        if status is None:
            self.close_connection = True
            return
        self.send_response_only(status)
        if self.receiver.retry_after:
            self.send_header("Retry-After", self.receiver.retry_after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _status(self, count: int) -> int | None:
        _slash, what, number = (*self.path.split("/"), "")[:3]
        if what == "hang":
            self.receiver.closing.wait(170)
            return None
        if what == "slow":
            self.receiver.closing.wait(float(number))
        if what == "together":
            self._together(count, int(number))
        if what == "held":
            return self._held(count, int(number))
        if what == "flap":
            return 500 if count % int(number) else 204
        return int(number) if what == "status" else 204

    def _together(self, count: int, number: int) -> None:
        if count == number:
            self.receiver.all_there.set()
        self.receiver.all_there.wait(60)
        sleep(0.02)

    def _held(self, count: int, status: int) -> int:
        if count > 1:
            return 204
        self.receiver.go_on.wait(60)
        return status

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
