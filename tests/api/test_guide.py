"""The programs of the guide run as they stand there, in processes of their own, against a real server."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from pytest_django.live_server_helper import LiveServer

from bankops.core import clock
from notifications.models import Delivery, DeliveryState, ReplayJob
from tests.api.conftest import Desk
from tests.committed import wait_for_the_feed
from tests.notifications.factories import make_endpoint
from tests.notifications.told import make_delivery
from tests.partners.factories import make_secret
from transactions.models import State, Transaction

pytestmark = pytest.mark.django_db(transaction=True)
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api-guide.md"


def program(language: str, which: int = 0) -> str:
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    return found[which]


@pytest.fixture
def environment(live_server: LiveServer, desk: Desk) -> dict[str, str]:
    """Return what a developer has: the bank's address, a credential, and a number to pay to."""
    secret = make_secret(desk.system.credential)
    known = {"BANK": f"{live_server.url}/", "CLIENT_ID": desk.system.credential.client_id, "SECRET": secret}
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PAYEE": desk.payee.number, **known}


def run(*command: str, text: str, environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, input=text, env=environment, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_python_program(environment: dict[str, str], tmp_path: Path) -> None:
    done = run(sys.executable, "-", text=program("python"), environment=environment, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    made = Transaction.objects.get(external_reference="INV-0002")
    assert done.stdout == f"{made.public_id} posted 25.00 CNY, balance 4999975.00\n"
    assert made.state == State.POSTED


def test_the_python_program_says_why_it_was_refused(environment: dict[str, str], tmp_path: Path) -> None:
    too_much = {**environment, "AMOUNT": "99999999.00"}
    done = run(sys.executable, "-", text=program("python"), environment=too_much, folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("insufficient_funds: ")
    assert not Transaction.objects.exclude(partner=None).filter(state=State.POSTED).exists()


class Between(ThreadingHTTPServer):
    """What stands between a partner and the bank: it does as `at_order` says when an order passes, and else passes on."""

    def __init__(self, bank: str, at_order: Callable[[Passing], bool]) -> None:
        self.bank, self.at_order, self.sign_ins = bank.rstrip("/"), at_order, 0
        super().__init__(("127.0.0.1", 0), Passing)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Passing(BaseHTTPRequestHandler):
    server: Between

    def do_GET(self) -> None:
        self.pass_on(None)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.sign_ins += self.path == "/oauth/token"
        if self.path != "/api/v1/transfers" or self.server.at_order(self):
            self.pass_on(body)

    def pass_on(self, body: bytes | None) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in {"host", "connection"}}
        with urlopen(Request(self.server.bank + self.path, body, headers), timeout=30) as answer:
            self.tell(answer.status, answer.headers.get_content_type(), answer.read())

    def tell(self, status: int, kind: str, body: bytes) -> None:
        with suppress(OSError):  # whoever asked may be dead
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def between(bank: str, at_order: Callable[[Passing], bool]) -> Iterator[Between]:
    with Between(bank, at_order) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_second_run_finishes_what_the_first_one_died_over(environment: dict[str, str], tmp_path: Path) -> None:
    running: list[subprocess.Popen[bytes]] = []

    def carried_out_and_killed(passing: Passing) -> bool:
        running[0].kill()
        running[0].wait(120)
        return True

    (tmp_path / "first.py").write_text(program("python"))
    with between(environment["BANK"], carried_out_and_killed) as network:
        through = {**environment, "BANK": network.address}
        running.append(subprocess.Popen([sys.executable, "first.py"], env=through, cwd=tmp_path))
        assert running[0].wait(120) == -signal.SIGKILL
    made = Transaction.objects.get(external_reference="INV-0002")
    another = {**environment, "REFERENCE": "INV-0003", "AMOUNT": "30.00"}
    for answered in (
        f"{made.public_id} posted 25.00 CNY, balance 4999975.00\n",
        " posted 30.00 CNY, balance 4999945.00\n",
    ):
        done = run(sys.executable, "first.py", text="", environment=another, folder=tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stdout.endswith(answered)
    assert Transaction.objects.exclude(partner=None).count() == 2


def test_it_signs_in_anew_whenever_its_token_has_expired(environment: dict[str, str], tmp_path: Path) -> None:
    expired = json.dumps({"code": "token_expired", "detail": "It has expired.", "request_id": "req_1"}).encode()
    told = iter([(503, "text/html", b"away"), (401, "application/problem+json", expired)])

    def twice_in_the_way(passing: Passing) -> bool:
        answer = next(told, None)
        if answer:
            passing.tell(*answer)
        return answer is None

    with between(environment["BANK"], twice_in_the_way) as network:
        through = {**environment, "BANK": network.address}
        done = run(sys.executable, "-", text=program("python"), environment=through, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert network.sign_ins == 2
    assert Transaction.objects.exclude(partner=None).count() == 1


def test_the_program_for_events(environment: dict[str, str], tmp_path: Path) -> None:
    paid = run(sys.executable, "-", text=program("python"), environment=environment, folder=tmp_path)
    assert paid.returncode == 0, paid.stderr
    wait_for_the_feed()
    first, second = (
        run(sys.executable, "-", text=program("python", 1), environment=environment, folder=tmp_path) for _ in range(2)
    )
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    made = Transaction.objects.get(external_reference="INV-0002")
    assert f" transactions.transfer.posted {made.public_id} " in first.stdout
    assert second.stdout == ""


def test_the_curl_program(environment: dict[str, str], tmp_path: Path) -> None:
    if shutil.which("curl") is None or shutil.which("bash") is None:
        pytest.skip("no curl or no bash on this machine")
    done = run("bash", text=program("sh"), environment=environment, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    made = Transaction.objects.get(external_reference="INV-0001")
    assert (made.state, str(made.money)) == (State.POSTED, "12.50")
    assert made.public_id in done.stdout.splitlines()[-1]


def test_the_curl_program_shows_a_refusal(environment: dict[str, str], tmp_path: Path) -> None:
    if shutil.which("curl") is None or shutil.which("bash") is None:
        pytest.skip("no curl or no bash on this machine")
    nobody = {**environment, "PAYEE": "6200 9999 9999"}
    done = run("bash", text=program("sh"), environment=nobody, folder=tmp_path)
    assert done.returncode != 0
    assert '"code":"unknown_account"' in done.stderr
    assert not Transaction.objects.exclude(partner=None).exists()


def test_the_program_for_webhooks(environment: dict[str, str], desk: Desk, tmp_path: Path) -> None:
    if shutil.which("curl") is None or shutil.which("bash") is None:
        pytest.skip("no curl or no bash on this machine")
    endpoint = make_endpoint(desk.system.partner)
    make_delivery(endpoint, now=clock.now(), state=DeliveryState.DEAD)
    text = program("sh", 1).replace("sleep 1", "sleep 0")  # nobody sends here
    done = run("bash", text=text, environment=environment, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f"{endpoint.url} is enabled, closed: everything is sent"
    tried, job = Delivery.objects.get(topic="notifications.endpoint.test"), ReplayJob.objects.get()
    assert lines[1] == f"test event {tried.public_id}: pending"
    assert json.loads(lines[2]) == {"data": [], "has_more": False, "next_cursor": None}
    assert lines[3] == f"replay {job.public_id}: queued"
    assert (job.kind, job.total) == ("DEAD", 1)
