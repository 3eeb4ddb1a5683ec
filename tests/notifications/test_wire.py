"""What is sent arrives signed; and whatever a receiver does, an attempt ends in time, in bounds, and with its reason."""

from __future__ import annotations

import gzip
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from bankops.core import clock
from notifications.addresses import Rules
from notifications.carrying import http
from notifications.carrying.connections import ANSWER_BYTES_MAX, BODY_BYTES_KEPT, Connection
from notifications.carrying.http import Wire
from notifications.carrying.parcels import Answer, Parcel
from notifications.models import Outcome
from notifications.receiving.server import receiving
from tests.notifications.attacks import Names

HERE = Rules(https_only=False, loopback=True)
SECRETS = ("whsec_" + "QUFB" * 8, "whsec_" + "QkJC" * 8)
Talk = Callable[[socket.socket], object]


def parcel(url: str, *, body: bytes = b'{"n":1}', timeout: float = 5, event_id: str = "evt_1") -> Parcel:
    return Parcel(uuid4(), uuid4(), url, body, event_id, SECRETS, timeout)


@contextmanager
def talking(*talks: Talk) -> Iterator[str]:
    """Run a server that does with its connections, one after the other, what is said; yield its address."""
    ready = threading.Event()

    def serve(listening: socket.socket) -> None:
        ready.set()
        for talk in talks:
            try:
                connection, _from = listening.accept()
            except OSError:
                return
            with connection:
                try:
                    talk(connection)
                except OSError:
                    continue

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(60)
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        assert ready.wait(60)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/hook"
        thread.join(20)


def says(*answers: bytes) -> Talk:
    """Answer each request with the next of these bytes, then close."""

    def talk(connection: socket.socket) -> None:
        for answer in answers:
            connection.recv(65536)
            connection.sendall(answer)

    return talk


def drips(opening: bytes, drop: bytes) -> Talk:
    """Answer a little every 0.1 s, for ever."""

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(opening)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            connection.sendall(drop)
            heard, _writable, _odd = select.select([connection], [], [], 0.1)
            if heard and not connection.recv(65536):
                return  # nobody listens any more

    return talk


def answered(*talks: Talk, timeout: float = 5) -> Answer:
    with talking(*talks) as url:
        wire = Wire(by=HERE)
        try:
            return wire.send(parcel(url, timeout=timeout))
        finally:
            wire.close()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_it_arrives_signed_and_the_signatures_are_not_kept() -> None:
    with receiving(secrets=SECRETS[1:]) as receiver:
        answer = Wire(by=HERE).send(parcel(receiver.url("/hooks?partner=1")))
    assert (answer.outcome, answer.status, answer.error) == (Outcome.DELIVERED, 204, "")
    assert receiver.taken == {"/hooks": {"evt_1": None}}
    assert answer.request_headers == {
        "Host": f"127.0.0.1:{receiver.server_port}",
        "User-Agent": "bankops-webhooks/1",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
        "Content-Length": "7",
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(answer.started_at.timestamp())),
        "webhook-signature": "v1,*** v1,***",
    }


@pytest.mark.parametrize("status", [200, 202, 299, 301, 302, 307, 400, 410, 429, 500, 599])
def test_only_2xx_is_success_and_no_redirect_is_followed(status: int) -> None:
    with receiving() as receiver:
        answer = Wire(by=HERE).send(parcel(receiver.url(f"/hooks?answer={status}")))
        expected = Outcome.DELIVERED if status < 300 else Outcome.REFUSED
        assert (answer.outcome, answer.status) == (expected, status)
        assert set(receiver.seen) == {"/hooks"}, "nothing came to where it was redirected to"


def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert answered(says(OK)).outcome == Outcome.DELIVERED


def test_one_connection_for_many_and_a_new_one_when_it_was_closed_meanwhile() -> None:
    with talking(says(OK, OK, OK), says(OK)) as url:
        wire = Wire(by=HERE)
        outcomes = [wire.send(parcel(url)).outcome for _time in range(4)]
        wire.close()
    assert outcomes == [Outcome.DELIVERED] * 4


def test_a_connection_that_is_closed_over_a_request_is_tried_anew_once() -> None:
    def closes_over_the_second(connection: socket.socket) -> None:
        says(OK)(connection)
        connection.recv(65536)

    with talking(closes_over_the_second, says(OK)) as url:
        wire = Wire(by=HERE)
        outcomes = [wire.send(parcel(url)).outcome for _time in range(2)]
        wire.close()
    assert outcomes == [Outcome.DELIVERED] * 2


def test_the_address_that_was_looked_at_is_the_one_connected_to() -> None:
    names = Names(["127.0.0.1"], ["192.0.2.1"])
    with receiving() as receiver:
        url = f"http://hooks.example.com:{receiver.server_port}/hooks"
        assert Wire(by=HERE, resolver=names).send(parcel(url)).outcome == Outcome.DELIVERED
    assert names.asked == 1


@pytest.mark.parametrize(
    "talk",
    [
        drips(b"", b""),
        drips(b"HTTP/1.1 200 OK\r\n", b"X"),
        drips(b"HTTP/1.1 200 OK\r\n", b"X-Header: 1\r\n"),
        drips(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["silence", "status", "headers", "body", "chunks", "continue"],
)
def test_however_slow_the_answer_a_request_ends_in_time(talk: Talk) -> None:
    started = time.monotonic()
    with talking(talk) as url:
        answer = Wire(by=HERE).send(parcel(url, timeout=1))
        taken = time.monotonic() - started
        assert answer.outcome == Outcome.TIMED_OUT
        assert 900 < answer.duration_ms < 15_000
        assert taken < 15


def test_a_name_server_that_does_not_answer_is_waited_for_no_longer() -> None:
    over = threading.Event()

    def silent(*_asked: Any, **_options: Any) -> list[Any]:
        over.wait(60)
        return []

    answer = Wire(by=HERE, resolver=silent).send(parcel("http://hooks.example.com/", timeout=0.5))
    over.set()
    assert (answer.outcome, answer.error) == (Outcome.TIMED_OUT, "the name server did not answer in time")


LONG = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nX: 1\r\nXX",
        b"HTTP/1.1 9999 OK\r\n\r\n",
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello",
        b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        LONG % (ANSWER_BYTES_MAX + 1) + b"x" * (ANSWER_BYTES_MAX + 1),
        b"HTTP/1.1 100 Continue\r\n\r\n" * (ANSWER_BYTES_MAX // 20),
    ],
    ids=[
        "cut",
        "no_http",
        "after_status",
        "in_headers",
        "status",
        "http2",
        "short",
        "chunk",
        "negative",
        "headers",
        "header",
        "long",
        "continue",
    ],
)
def test_an_answer_that_cannot_be_read_is_broken(answer: bytes) -> None:
    broken = answered(says(answer))
    assert (broken.outcome, broken.status) == (Outcome.BROKEN_ANSWER, None)
    assert broken.error


def test_of_a_body_the_first_bytes_are_kept_and_the_connection_goes_on() -> None:
    long = LONG % 200_000 + b"y" * 200_000
    with talking(says(long, OK)) as url:
        wire = Wire(by=HERE)
        first, second = wire.send(parcel(url)), wire.send(parcel(url))
        wire.close()
    assert first.answer == "y" * BODY_BYTES_KEPT
    assert second.answer == "ok"


def test_nothing_is_decompressed() -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    answer = answered(says(head + bomb))
    assert answer.outcome == Outcome.DELIVERED
    assert len(answer.answer) <= BODY_BYTES_KEPT


def test_what_cannot_be_stored_is_made_storable() -> None:
    body = b"a\x00b\xff\xed\xa0\x80c"
    head = b"HTTP/1.1 500 Oh\r\nX-Odd: \xff\x00\r\nX-Odd: two\r\nContent-Length: %d\r\n\r\n" % len(body)
    answer = answered(says(head + body))
    assert "\x00" not in answer.answer + str(answer.answer_headers)
    assert answer.answer.startswith("a\ufffdb")
    assert answer.answer.encode()
    assert answer.answer_headers["X-Odd"].endswith(", two")


def test_a_signature_that_is_sent_back_is_not_kept() -> None:
    def echo(connection: socket.socket) -> None:
        request = connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(request) + request)

    answer = answered(echo)
    assert "webhook-signature: v1,*** v1,***" in answer.answer


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    answer = Wire(by=HERE).send(parcel(f"http://127.0.0.1:{port}/"))
    assert answer.outcome == Outcome.UNREACHABLE
    assert "refused" in answer.error


def test_a_fault_of_our_own_raises_nothing(caplog: pytest.LogCaptureFixture) -> None:
    unsigned = Parcel(uuid4(), uuid4(), "http://127.0.0.1:8099/", b"", "evt_1", (), 1)
    answer = Wire(by=HERE).send(unsigned)
    assert (answer.outcome, answer.error) == (Outcome.UNREACHABLE, "ValueError")
    assert "a webhook could not be sent" in caplog.text


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        (" 7 ", 7),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("9" * 400, 999_999_999),
        ("", None),
    ],
)
def test_retry_after_in_seconds(said: str, seconds: float | None) -> None:
    with receiving() as receiver:
        answer = Wire(by=HERE).send(parcel(receiver.url(f"/?answer=429&retry_after={said.replace(' ', '%20')}")))
    assert (answer.status, answer.retry_after) == (429, seconds)


@pytest.mark.parametrize(("minutes", "expected"), [(10, 600), (-10, 0)])
def test_retry_after_as_a_date(minutes: int, expected: int) -> None:
    date = format_datetime((clock.now() + timedelta(minutes=minutes)).astimezone(UTC), usegmt=True)
    head = f"HTTP/1.1 503 Later\r\nRetry-After: {date}\r\nContent-Length: 0\r\n\r\n".encode()
    waits = answered(says(head)).retry_after
    assert waits == pytest.approx(expected, abs=3)


@given(st.text(max_size=60) | st.from_regex(r"\w{3}, \d+ \w{3} -?\d+ \d+:\d+:\d+ [+-]?\w+", fullmatch=True))
def test_whatever_retry_after_says_it_is_seconds_or_nothing(said: str) -> None:
    waits = http._retry_after([("Retry-After", said)], datetime(2026, 11, 23, tzinfo=UTC))
    assert waits is None or waits >= 0


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a certificate for 127.0.0.1 and hooks.example.com with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hooks.example.com")])
    names: list[x509.GeneralName] = [x509.DNSName("hooks.example.com"), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@pytest.mark.parametrize(
    ("host", "trusted", "outcome"),
    [
        ("hooks.example.com", True, Outcome.DELIVERED),
        ("hooks.example.com", False, Outcome.TLS_FAILED),
        ("other.example.com", True, Outcome.TLS_FAILED),
        ("127.0.0.1", True, Outcome.DELIVERED),
    ],
)
def test_who_answers_has_to_prove_its_name(certificate: Path, host: str, trusted: bool, outcome: Outcome) -> None:
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate)
    believing = ssl.create_default_context(cafile=str(certificate)) if trusted else None

    def talk(connection: socket.socket) -> None:
        with serving.wrap_socket(connection, server_side=True) as secured:
            says(OK)(secured)

    with talking(talk) as url:
        wire = Wire(by=HERE, tls=believing, resolver=Names(["127.0.0.1"]))
        address = url.replace("http://127.0.0.1", f"https://{host}")
        answer = wire.send(parcel(address))
        wire.close()
    assert answer.outcome == outcome, answer.error


@pytest.mark.parametrize("resets", [False, True], ids=["closes", "resets"])
def test_a_tls_connection_that_was_closed_in_the_instant_of_its_reuse_is_tried_anew_once(
    certificate: Path, resets: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The instant between looking whether it is open and sending is nothing that a test can hit, so it does not look."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate)
    heard, closed = threading.Event(), threading.Event()

    def answers_and_closes(connection: socket.socket) -> None:
        with serving.wrap_socket(connection, server_side=True) as secured:
            says(OK)(secured)
            heard.wait(60)
            if resets:
                secured.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        closed.set()

    def answers(connection: socket.socket) -> None:
        with serving.wrap_socket(connection, server_side=True) as secured:
            says(OK)(secured)

    with talking(answers_and_closes, answers) as url:
        wire = Wire(by=HERE, tls=ssl.create_default_context(cafile=str(certificate)))
        first = wire.send(parcel(url.replace("http:", "https:")))
        heard.set()
        assert closed.wait(60)
        time.sleep(0.1)  # until the kernel knows of it
        monkeypatch.setattr(Connection, "is_usable", lambda _self: True)
        second = wire.send(parcel(url.replace("http:", "https:")))
        wire.close()
    assert (first.outcome, second.outcome) == (Outcome.DELIVERED, Outcome.DELIVERED), second.error


def test_a_handshake_that_does_not_end() -> None:
    with talking(drips(b"", b"\x16")) as url:
        answer = Wire(by=HERE).send(parcel(url.replace("http:", "https:"), timeout=1))
    assert answer.outcome in {Outcome.TIMED_OUT, Outcome.TLS_FAILED}
    assert answer.duration_ms < 15_000
