"""From token to a reconciled transfer through a real server and a real socket, as a partner's own program would."""

from __future__ import annotations

import base64
import json
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.api.conftest import Desk
from tests.partners.factories import make_secret

pytestmark = pytest.mark.django_db(transaction=True)


class Program:
    """A partner's program: a socket that stays open, and nothing of Django's."""

    def __init__(self, server: LiveServer) -> None:
        self.socket = HTTPConnection(urlsplit(server.url).netloc, timeout=30)
        self.headers: dict[str, str] = {}

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, dict[str, str], str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.socket.request(method, path, body, {**self.headers, **named})
        answer = self.socket.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()

    def sign_in(self, client_id: str, secret: str) -> None:
        basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        form = urlencode({"grant_type": "client_credentials", "scope": "accounts:read transfers:read transfers:write"})
        kind = "application/x-www-form-urlencoded"
        status, _headers, text = self.ask(
            "POST", "/oauth/token", form, Authorization=f"Basic {basic}", Content_Type=kind
        )
        assert status == 200, text
        self.headers["Authorization"] = f"Bearer {json.loads(text)['access_token']}"


def test_from_token_to_a_reconciled_transfer(live_server: LiveServer, desk: Desk) -> None:
    program = Program(live_server)
    program.sign_in(desk.system.credential.client_id, make_secret(desk.system.credential))

    status, _headers, text = program.ask("GET", "/api/v1/accounts")
    assert (status, [row["id"] for row in json.loads(text)["data"]]) == (200, [desk.payer.public_id])

    body, key = json.dumps(desk.transfer("1250.00")), {"Idempotency_Key": "4f1c", "Content_Type": "application/json"}
    answers = [program.ask("POST", "/api/v1/transfers", body, **key) for _time in range(3)]
    assert [status for status, _headers, _text in answers] == [201] * 3
    assert len({text for _status, _headers, text in answers}) == 1
    assert [headers.get("Idempotent-Replayed") for _status, headers, _text in answers] == [None, "true", "true"]
    assert all(headers.get("Request-Id") for _status, headers, _text in answers)
    made = json.loads(answers[0][2])

    status, headers, text = program.ask("GET", answers[0][1]["Location"])
    assert (status, json.loads(text)) == (200, made)
    assert program.ask("GET", answers[0][1]["Location"], If_None_Match=headers["ETag"])[0] == 304

    status, _headers, text = program.ask("GET", f"/api/v1/accounts/{desk.payer.public_id}/postings?limit=1")
    (posting,) = json.loads(text)["data"]
    assert (posting["transfer"], posting["amount"]) == (made["id"], "1250.00")
    assert posting["balance_after"] == "4998750.00"


def test_a_body_of_ten_megabytes_is_refused_unread(live_server: LiveServer, desk: Desk) -> None:
    program = Program(live_server)
    program.headers["Authorization"] = f"Bearer {desk.system.token}"
    program.socket.putrequest("POST", "/api/v1/transfers")
    for name, value in {**program.headers, "Content-Type": "application/json", "Idempotency-Key": "k"}.items():
        program.socket.putheader(name, value)
    program.socket.putheader("Content-Length", str(10_000_000))
    program.socket.endheaders(b"{")
    answer = program.socket.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (413, "body_too_large")
