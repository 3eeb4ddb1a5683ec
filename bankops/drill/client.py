"""One client of the drill: a process of its own that knows HTTP and nothing of the bank.

Reads what it shall do from its standard input, and writes a line for every attempt when the server has answered it for
good. A broken connection, and what docs/idempotency.md and docs/api-errors.md tell to repeat, is tried again with the same
key; whatever else is answered is for good, a fault of the server's first of all.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

from bankops.drill.system import System

_PATIENCE_SECONDS = 120.0
_PAUSE_SECONDS = 0.05
_TIMEOUT_SECONDS = 30.0
_LATER = {429, 503}
_NOT_YET = {(409, "request_in_flight"), (409, "busy"), (401, "token_expired")}
RESET, NO_TOKEN, UNANSWERED = "reset", "no token", 0


@dataclass(frozen=True, slots=True)
class Told:
    """What an attempt came to.

    Attributes:
        status: of the answer; `UNANSWERED` when there was none in two minutes.
        word: the code of a refusal, else the transfer's status.
        transfer: the transfer's id, where the answer has one.
        digest: SHA-256 of the answer's body, in hex.

    """

    payment: int
    key: str
    status: int
    word: str
    transfer: str
    digest: str
    is_replay: bool
    tries: int


class Client:
    """A connection that is made anew when it breaks, and tokens that are asked for anew when their time is over."""

    def __init__(self, netloc: str, systems: Sequence[System]) -> None:
        self.seen: Counter[str] = Counter()
        self._netloc = netloc
        self._systems = systems
        self._tokens: dict[int, str] = {}
        self._connection = HTTPConnection(netloc, timeout=_TIMEOUT_SECONDS)

    def attempt(self, payment: int, system: int, key: str, body: dict[str, str]) -> Told:
        """Ask until there is an answer for good."""
        deadline, tries = time.monotonic() + _PATIENCE_SECONDS, 0
        while time.monotonic() < deadline:
            tries += 1
            answered = self._post(system, key, body)
            if answered is None:
                continue
            status, text, is_replay = answered
            told = _read(text)
            if not self._is_for_later(status, told, system):
                word, transfer = str(told.get("code") or told.get("status")), str(told.get("id", ""))
                digest = hashlib.sha256(text).hexdigest()
                return Told(payment, key, status, word, transfer, digest, is_replay, tries)
            time.sleep(_PAUSE_SECONDS)
        return Told(payment, key, UNANSWERED, "", "", "", is_replay=False, tries=tries)

    def _is_for_later(self, status: int, told: dict[str, Any], system: int) -> bool:
        if told.get("code") == "token_expired":
            self._tokens.pop(system, None)
        return status in _LATER or (status, told.get("code")) in _NOT_YET

    def _post(self, system: int, key: str, body: dict[str, str]) -> tuple[int, bytes, bool] | None:
        """Return status, body and whether it was given before; None when the connection broke."""
        try:
            headers = self._headers(system, key)
            self._connection.request("POST", "/api/v1/transfers", json.dumps(body), headers)
            answer = self._connection.getresponse()
            text = answer.read()
        except (OSError, HTTPException, RuntimeError) as error:
            self.seen[NO_TOKEN if isinstance(error, RuntimeError) else RESET] += 1
            self._connection.close()
            time.sleep(_PAUSE_SECONDS)
            return None
        self.seen[str(answer.status)] += 1
        return answer.status, text, answer.headers.get("Idempotent-Replayed") == "true"

    def _headers(self, system: int, key: str) -> dict[str, str]:
        if system not in self._tokens:
            self._tokens[system] = self._systems[system].token(self._netloc)
        return {
            "Authorization": f"Bearer {self._tokens[system]}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Idempotency-Key": key,
        }


def _read(text: bytes) -> dict[str, Any]:
    """Return what an answer says; what is no JSON is no answer of the API's, and found fault with in the end."""
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError):
        return {"code": "not_json"}


def main() -> None:
    """Do what standard input says; the last line says what was seen on the way."""
    asked = json.load(sys.stdin)
    client = Client(asked["netloc"], [System(*system) for system in asked["systems"]])
    for attempt in asked["attempts"]:
        print(json.dumps(asdict(client.attempt(*attempt))))  # noqa: T201 - to whoever started it
    print(json.dumps(client.seen))  # noqa: T201 - as above


if __name__ == "__main__":
    main()
