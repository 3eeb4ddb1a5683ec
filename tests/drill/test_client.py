"""A client of the drill repeats what says "later", and takes everything else for good."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bankops.drill.client import Client
from bankops.drill.system import System

_POSTED = (201, {"id": "tr_1", "status": "posted"})


class Script(BaseHTTPRequestHandler):
    """Gives out tokens, and to everything else the answers in `answers`, one after the other."""

    answers: list[tuple[int, object]]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        is_token = self.path == "/oauth/token"
        status, told = (200, {"access_token": "t"}) if is_token else self.answers.pop(0)
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def netloc() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Script) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def client(netloc: str) -> Client:
    return Client(netloc, [System("crd_1", "secret")])


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "token_expired"),
        (409, "request_in_flight"),
        (409, "busy"),
        (429, "rate_limited"),
        (503, "unavailable"),
    ],
)
def test_what_says_later_is_repeated(netloc: str, status: int, code: str) -> None:
    Script.answers = [(status, {"code": code}), _POSTED]
    caller = client(netloc)
    told = caller.attempt(1, 0, "k", {})
    assert (told.status, told.word, told.transfer, told.tries) == (201, "posted", "tr_1", 2)
    assert dict(caller.seen) == {str(status): 1, "201": 1}


@pytest.mark.parametrize(
    ("status", "said", "word"),
    [
        (500, {"code": "internal_error"}, "internal_error"),
        (502, {}, "None"),
        (400, {"code": "busy"}, "busy"),
        (409, {"code": "request_abandoned"}, "request_abandoned"),
        (200, [1], "not_json"),
    ],
)
def test_everything_else_is_for_good(netloc: str, status: int, said: object, word: str) -> None:
    Script.answers = [(status, said), _POSTED]
    told = client(netloc).attempt(1, 0, "k", {})
    assert (told.status, told.word, told.tries) == (status, word, 1)
