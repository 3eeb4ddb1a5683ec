"""A receiver of webhooks to try things out with: it verifies signatures, knows a repeat when it sees one, and can misbehave.

It needs nothing of Django, as a partner's own would not; `docs/webhooks.md` shows a smaller one to start from.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from notifications import signing
from notifications.receiving.behaviour import GOOD, Behaviour

_BODY_BYTES_MAX = 1024 * 1024
_NOT_SIGNED, _NO_SUCH_BEHAVIOUR = Behaviour(answer=401), Behaviour(answer=404)
_LET_GO_AFTER = 600.0  # seconds until a receiver that hangs lets go after all


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request that came.

    Attributes:
        at: seconds since 1970.
        path: without its query.
        refused: why the signature was not accepted; empty if it was, or nobody asked.
        answered: the status with which it is answered; 0 for not at all.
        event: what the body says, if it says anything.
        repeat: the event had been taken in before at this path.

    """

    at: float
    path: str
    event_id: str
    refused: str
    answered: int
    event: dict[str, Any]
    repeat: bool = False

    def as_line(self) -> str:
        """Return one line for people."""
        words = self.refused or ("repeat" if self.repeat else "new")
        what = f"{self.event.get('type', '?')} {self.event.get('subject', '?')} #{self.event.get('sequence', '?')}"
        moment = time.strftime("%H:%M:%S", time.gmtime(self.at))
        return f"{moment} {self.path} {self.event_id or '-'} {what} {words} -> {self.answered or 'no answer'}"


class Receiver(ThreadingHTTPServer):
    """A web server for webhooks.

    Attributes:
        seen: how often each event came in good order, by path and id, whatever was answered.
        taken: events that are answered with 2xx, by path, in the order in which they first were.

    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        secrets: Sequence[str] = (),
        behaviour: Behaviour = GOOD,
        tell: Callable[[Arrival], object] = lambda _arrival: None,
        ignore_queries: bool = False,
    ) -> None:
        """Listen.

        :param secrets: one of which has to have signed; without any nothing is verified.
        :param tell: called for each arrival, by one thread at a time.
        :param ignore_queries: addresses cannot say how to behave.
        """
        super().__init__((host, port), _Handler)
        self.secrets, self._behaviour, self._tell, self._ignore_queries = secrets, behaviour, tell, ignore_queries
        self.seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.taken: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self.closing = threading.Event()
        self._requests: Counter[str] = Counter()
        self._lock = threading.Lock()

    def url(self, target: str = "/") -> str:
        """Return the address of a path here."""
        return f"http://{self.server_address[0]!s}:{self.server_port}{target}"

    def behaviour_for(self, path: str, target: str) -> Behaviour:
        """Return how to behave towards the request at hand.

        :raises ValueError: where the address asks for what there is not.
        """
        with self._lock:
            self._requests[path] += 1
            number = self._requests[path]
        behaviour = self._behaviour if self._ignore_queries else self._behaviour.at(target)
        return behaviour.for_request(number)

    def came(self, path: str, event_id: str) -> None:
        """Count an event in good order."""
        with self._lock:
            self.seen[path][event_id] += 1

    def decided(self, arrival: Arrival) -> None:
        """Remember and tell what comes of a request, before it is answered. Whether it is a repeat is found here."""
        with self._lock:
            known = self.taken[arrival.path]
            repeat = not arrival.refused and arrival.event_id in known
            if 200 <= arrival.answered < 300:
                known.setdefault(arrival.event_id)
            self._tell(replace(arrival, repeat=repeat))

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of senders that hang up."""

    def server_close(self) -> None:
        self.closing.set()
        super().server_close()


@contextmanager
def receiving(**options: Any) -> Iterator[Receiver]:
    """Run a receiver in a thread of its own for as long as the block; options as `Receiver`'s."""
    with Receiver(**options) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.closing.set()
            receiver.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer goes out in one piece

    def setup(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().setup()

    def do_POST(self) -> None:
        at, path = time.time(), self.path.partition("?")[0]
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _BODY_BYTES_MAX:
            self._answer(413)
            return
        body = self.rfile.read(int(length))
        event_id, refused = self.headers.get(signing.ID_HEADER, ""), self._refused(body, at)
        if not refused:
            self.server.came(path, event_id)
        behaviour = _NOT_SIGNED if refused else self._told(path)
        self.server.closing.wait(behaviour.delay)
        # Remembered, then answered: whoever has the answer may send it again at once, or never more.
        self.server.decided(Arrival(at, path, event_id, refused, answered=_status(behaviour), event=_event(body)))
        with suppress(OSError):  # whoever sent it may not wait for the answer
            self._do(behaviour)

    def _refused(self, body: bytes, at: float) -> str:
        if self.server.secrets:
            try:
                signing.verify(body, dict(self.headers.items()), secrets=self.server.secrets, now=at)
            except signing.NotSigned as reason:
                return str(reason)
        return ""

    def _told(self, path: str) -> Behaviour:
        try:
            return self.server.behaviour_for(path, self.path)
        except ValueError:
            return _NO_SUCH_BEHAVIOUR

    def _do(self, behaviour: Behaviour) -> None:
        if status := _status(behaviour):
            self._answer(status, behaviour.retry_after)
            return
        self.close_connection = True
        if behaviour.hang:
            self.server.closing.wait(_LET_GO_AFTER)
        if behaviour.drip:
            self._drip()

    def _drip(self) -> None:
        """Answer as slowly as can be: a header now and then, for ever."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        until = time.monotonic() + _LET_GO_AFTER
        while time.monotonic() < until and not self.server.closing.wait(0.2):
            self.wfile.write(b"X")
            self.wfile.flush()

    def _answer(self, status: int, retry_after: str = "") -> None:
        self.send_response_only(status)
        if retry_after:
            self.send_header("Retry-After", retry_after)
        if 300 <= status < 400:
            self.send_header("Location", self.server.url("/moved"))
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: `tell` does."""


def _status(behaviour: Behaviour) -> int:
    """Return the status that somebody is answered with; 0 for none."""
    return 0 if behaviour.cut or behaviour.hang or behaviour.drip else behaviour.answer


def _event(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
