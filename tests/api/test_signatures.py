"""Signed requests: believed when they are the partner's own, whole, fresh and sent once; each flaw has its code."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.http import HttpResponse

from bankops.core import clock
from partners.models import UsedNonce
from partners.services.signing_keys import purge_nonces
from tests.api.callers import System, code_of, said
from tests.api.conftest import Desk
from tests.api.signing import ALWAYS, Pen, Request
from tests.partners.factories import make_signing_key
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db
_keys = count(1)


class Signed:
    """A partner's system that must sign, and its pen."""

    def __init__(self, system: System) -> None:
        system.partner.requires_signature = True
        system.partner.save()
        self.system = system
        self.pen = Pen(*make_signing_key(system.credential))

    def request(self, method: str, path: str, body: Any = None) -> Request:
        headers = {"Authorization": f"Bearer {self.system.token}"}
        if method == "POST":
            headers["Idempotency-Key"] = f"signed-{next(_keys)}"
        return Request(method, f"/api/v1/{path}", headers, json.dumps(body).encode() if body else b"")

    def signed(self, method: str, path: str, body: Any = None, **how: Any) -> Request:
        request = self.request(method, path, body)
        self.pen.sign(request, **how)
        return request

    def send(self, request: Request) -> HttpResponse:
        return self.system.client.generic(  # type: ignore[return-value]
            request.method,
            request.target,
            request.body,
            content_type="application/json" if request.body else "",
            headers=request.headers,
        )


@pytest.fixture
def signed(desk: Desk) -> Signed:
    return Signed(desk.system)


# -- What is believed ----------------------------------------------------------------------------------------------------


def test_a_signed_transfer_is_made(desk: Desk, signed: Signed) -> None:
    made = said(signed.send(signed.signed("POST", "transfers", desk.transfer("1250.00"))), 201)
    assert made["status"] == "posted"
    read = signed.send(signed.signed("GET", f"transfers/{made['id']}?expand=from_account"))
    assert said(read)["id"] == made["id"]


def test_it_is_repeated_under_its_key_with_a_new_nonce(desk: Desk, signed: Signed) -> None:
    request = signed.request("POST", "transfers", desk.transfer())
    first = signed.send(Request(**{**vars(request), "headers": signed.pen.sign(_copy(request))}))
    again = signed.send(Request(**{**vars(request), "headers": signed.pen.sign(_copy(request))}))
    assert said(first, 201) == said(again, 201)
    assert again["Idempotent-Replayed"] == "true"


def _copy(request: Request) -> Request:
    return Request(request.method, request.target, dict(request.headers), request.body)


def test_it_is_signed_for_our_address_whatever_host_is_called(signed: Signed) -> None:
    request = signed.signed("GET", "accounts")
    request.headers["Host"] = "127.0.0.1"
    said(signed.send(request))


def test_who_need_not_sign_may(desk: Desk) -> None:
    signed = Signed(desk.system)
    desk.system.partner.requires_signature = False
    desk.system.partner.save()
    said(desk.system.get("accounts"))
    said(signed.send(signed.signed("GET", "accounts")))
    wrong = signed.signed("GET", "accounts")
    wrong.target = "/api/v1/transfers"
    assert code_of(signed.send(wrong)) == "signature_invalid"


def test_two_keys_live_while_they_overlap(signed: Signed) -> None:
    second = Pen(*make_signing_key(signed.system.credential))
    for pen in (signed.pen, second):
        request = signed.request("GET", "accounts")
        pen.sign(request)
        said(signed.send(request))


@pytest.mark.parametrize("seconds", [-290, 0, 50])
def test_clocks_need_not_agree_to_the_second(signed: Signed, seconds: int) -> None:
    created = clock.now() + timedelta(seconds=seconds)
    said(signed.send(signed.signed("GET", "accounts", created=created)))


# -- What is not ---------------------------------------------------------------------------------------------------------

Flaw = Callable[[Signed, dict[str, object]], Request]


def _unsigned(signed: Signed, body: dict[str, object]) -> Request:
    return signed.request("POST", "transfers", body)


def _with(**how: Any) -> Flaw:
    return lambda signed, body: signed.signed("POST", "transfers", body, **how)


def _other_body(signed: Signed, body: dict[str, object]) -> Request:
    request = signed.signed("POST", "transfers", body)
    request.body = json.dumps({**body, "amount": "999.00"}).encode()
    return request


def _other_target(signed: Signed, body: dict[str, object]) -> Request:
    request = signed.signed("POST", "transfers/tr_1/cancel", body)
    request.target = "/api/v1/transfers"
    return request


def _other_query(signed: Signed, _body: dict[str, object]) -> Request:
    request = signed.signed("GET", "accounts?limit=1")
    request.target = "/api/v1/accounts?limit=2"
    return request


def _other_bank(signed: Signed, body: dict[str, object]) -> Request:
    request = signed.request("POST", "transfers", body)
    request.origin = "https://sandbox.example"
    signed.pen.sign(request)
    return request


def _other_key(signed: Signed, body: dict[str, object]) -> Request:
    request = signed.signed("POST", "transfers", body)
    request.headers["Idempotency-Key"] = "another"
    return request


def _of_another_credential(signed: Signed, body: dict[str, object]) -> Request:
    signed.pen = Pen(*make_signing_key(System(signed.system.partner).credential))
    return signed.signed("POST", "transfers", body)


def _without_digest(signed: Signed, body: dict[str, object]) -> Request:
    request = signed.request("POST", "transfers", body)
    signed.pen.sign(request, digested=False)
    return request


def _ended_key(signed: Signed, body: dict[str, object]) -> Request:
    now = clock.now()
    ended = make_signing_key(signed.system.credential, valid_from=now - timedelta(1), valid_until=now)
    signed.pen = Pen(*ended)
    return signed.signed("POST", "transfers", body)


def _headers(**changed: str) -> Flaw:
    def flaw(signed: Signed, body: dict[str, object]) -> Request:
        request = signed.signed("POST", "transfers", body)
        request.headers.update({name.replace("_", "-"): text for name, text in changed.items()})
        return request

    return flaw


def _twice(signed: Signed, body: dict[str, object]) -> Request:
    request = signed.signed("POST", "transfers", body)
    signed.pen.sign(request, label="second", append_if_signature_exists=True, use_existing_digest=True)
    return request


_KEY_LESS = (*ALWAYS, "content-digest")
FLAWS: dict[str, tuple[Flaw, str]] = {
    "unsigned": (_unsigned, "signature_required"),
    "another body": (_other_body, "content_digest_mismatch"),
    "another address": (_other_target, "signature_invalid"),
    "another query": (_other_query, "signature_invalid"),
    "for another bank": (_other_bank, "signature_invalid"),
    "another idempotency key": (_other_key, "signature_invalid"),
    "another credential's key": (_of_another_credential, "signature_invalid"),
    "a key that has ended": (_ended_key, "signature_invalid"),
    "an unknown key": (_with(key_id="sk_1"), "signature_invalid"),
    "another tag": (_with(tag="somebody else"), "signature_invalid"),
    "two signatures": (_twice, "signature_invalid"),
    "without the idempotency key": (_with(covering=_KEY_LESS), "signature_incomplete"),
    "without the token": (_with(covering=("@method", "@target-uri", "idempotency-key")), "signature_incomplete"),
    "without the address": (
        _with(covering=("@method", "@authority", "authorization", "idempotency-key")),
        "signature_incomplete",
    ),
    "without the body": (_without_digest, "signature_incomplete"),
    "part of the digest": (
        _with(covering=(*ALWAYS, "idempotency-key", '"content-digest";key="sha-256"')),
        "signature_incomplete",
    ),
    "a short nonce": (_with(nonce="abc"), "signature_incomplete"),
    "a nonce of spaces": (_with(nonce=" " * 20), "signature_incomplete"),
    "only the input": (_headers(Signature=""), "signature_invalid"),
    "garbage": (_headers(Signature="\x07garbage", Signature_Input="sig=("), "signature_invalid"),
    "not ASCII": (_headers(Signature_Input="sig=é"), "signature_invalid"),
    "an endless list": (_headers(Signature_Input="sig=(" + '"a" ' * 900 + ")"), "signature_invalid"),
    "no list": (_headers(Signature_Input="pyhms=1"), "signature_invalid"),
    "no bytes": (_headers(Signature="pyhms=1"), "signature_invalid"),
    "no digest": (_headers(Content_Digest="sha-256=:AAAA:"), "signature_invalid"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_has_its_code_and_no_effect(desk: Desk, signed: Signed, flaw: str) -> None:
    make, code = FLAWS[flaw]
    request = make(signed, desk.transfer())
    with nothing_changes():
        answer = signed.send(request)
    assert code_of(answer) == code
    assert answer.status_code == (400 if code == "content_digest_mismatch" else 401)
    if answer.status_code == 401:
        assert answer["WWW-Authenticate"] == 'Bearer realm="bankops"'  # the token was good


@pytest.mark.parametrize("seconds", [-400, 70])
def test_old_ones_and_those_from_the_future_are_refused(desk: Desk, signed: Signed, seconds: int) -> None:
    created = clock.now() + timedelta(seconds=seconds)
    with nothing_changes():
        answer = signed.send(signed.signed("POST", "transfers", desk.transfer(), created=created))
    assert code_of(answer) == "signature_expired"


def test_one_that_says_that_it_is_over_is_refused(desk: Desk, signed: Signed) -> None:
    over = clock.now() - timedelta(seconds=90)
    answer = signed.send(
        signed.signed("POST", "transfers", desk.transfer(), created=over - timedelta(seconds=30), expires=over)
    )
    assert code_of(answer) == "signature_expired"


def test_a_request_that_is_sent_again_is_refused(desk: Desk, signed: Signed) -> None:
    request = signed.signed("POST", "transfers", desk.transfer())
    said(signed.send(request), 201)
    with nothing_changes():
        assert code_of(signed.send(request)) == "nonce_replayed"


def test_a_nonce_is_used_once_by_a_credential(signed: Signed) -> None:
    nonce = "n" * 16
    said(signed.send(signed.signed("GET", "accounts", nonce=nonce)))
    assert code_of(signed.send(signed.signed("GET", "accounts", nonce=nonce))) == "nonce_replayed"
    other = Signed(System(signed.system.partner))
    said(other.send(other.signed("GET", "accounts", nonce=nonce)))


def test_nonces_are_forgotten_when_nobody_could_use_them_again(signed: Signed) -> None:
    said(signed.send(signed.signed("GET", "accounts")))
    assert purge_nonces(now=clock.now() + timedelta(minutes=14)) == 0
    assert purge_nonces(now=clock.now() + timedelta(minutes=16)) == 1
    assert not UsedNonce.objects.exists()


def test_a_body_that_is_none_is_refused_first(signed: Signed) -> None:
    request = signed.signed("POST", "transfers", {"a": "b"})
    request.body = b"{"
    assert code_of(signed.send(request)) == "malformed_json"
