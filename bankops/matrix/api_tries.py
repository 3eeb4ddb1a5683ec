"""Every address of the API, tried by partners' systems that must get nothing there: another partner's, a revoked one, one that
calls from outside its networks, and one whose token was given for something else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from oauth2_provider.models import AccessToken

from accounts.models import AccountPartnerGrant
from bankops.core import clock, ids
from bankops.matrix import doors
from bankops.matrix.listed_api import ADDRESSES, named
from bankops.matrix.report import Plan
from bankops.matrix.stage import Stage
from bankops.matrix.tries import Answer, Expected, Try, Wanted
from partners import scopes
from partners.models import Credential, CredentialState, Network

SECTION = "The API, by partners' systems"
CALLERS = {
    "other_partner": "Another partner's",
    "revoked": "Revoked",
    "outside_network": "From outside its networks",
    "wrong_scope": "Token for something else",
}
_TOKEN = "a-token-that-opens-nothing-elsewhere"  # noqa: S105 - the database is gone when the matrix is done
_calls = count(1)


def plans(stage: Stage) -> Iterator[Plan]:
    """Yield every address with each method it knows."""
    there = set(doors.found())
    for name, method, prefix in ADDRESSES:
        if f"api:{name}" in there:
            yield Plan(SECTION, f"{method} {name}", "nobody of these", _tries(stage, name, method, prefix), CALLERS)


def _tries(stage: Stage, name: str, method: str, prefix: str) -> dict[str, Try]:
    address = reverse(f"api:{name}", args=_another_partners(stage, prefix))
    call = partial(_call, method, address, name)
    other = "" if method == "POST" and not prefix else "404 not_found" if prefix else "200 with nothing in it"
    wrong = "events:read" if name == "payee_checks" else "payees:check"
    everything = " ".join(scopes.ALL)
    arranged: dict[str, tuple[Callable[[], None], str]] = {
        "other_partner": (partial(_another, stage, everything), other),
        "revoked": (partial(_revoked, stage, everything), "401 token_invalid"),
        "outside_network": (partial(_signed_in, stage, everything, network="203.0.113.0/24"), "403 network_refused"),
        "wrong_scope": (partial(_signed_in, stage, wrong), "403 scope_missing"),
    }
    # Any partner with the scope may check a name; and what the stage has of the others is this partner's own.
    if name == "payee_checks" or (method == "GET" and name in ("transfer_batches", "webhook_endpoints", "events")):
        del arranged["other_partner"]
    return {caller: Try(call, Wanted(Expected.REFUSED, words), before) for caller, (before, words) in arranged.items()}


def _call(method: str, address: str, name: str) -> Answer:
    """Call from an address of its own inside 127.0.0.0/8, so that no call is refused for the many before it."""
    number = next(_calls)
    client = Client(raise_request_exception=False, REMOTE_ADDR=f"127.7.{number // 250 % 250}.{number % 250 + 1}")
    sent: dict[str, Any] = {"headers": {"Authorization": f"Bearer {_TOKEN}", "Idempotency-Key": f"matrix-{number}"}}
    if method == "GET":
        return _judged(client.get(address, **sent))  # type: ignore[arg-type]
    body = json.dumps(_BODIES.get(name, {"reason": "x"}))
    return _judged(getattr(client, method.lower())(address, body, content_type="application/json", **sent))


def _judged(response: HttpResponse) -> Answer:
    """Return what was said; a list with nothing in it tells as much as a refusal."""
    told = json.loads(response.content or b"{}")
    broken, opened = response.status_code >= 500, response.status_code < 400
    if opened and told.get("data") == []:
        return Answer(opened=False, words=f"{response.status_code} with nothing in it")
    words = told.get("code", "") if not opened else "opened"
    return Answer(opened, f"{response.status_code} {words}", broken)


def _signed_in(stage: Stage, given: str, *, network: str = "127.0.0.0/8") -> None:
    """Let the partner's system in, with a token for `given` and from a network."""
    credential = stage.credentials["active"]
    now = clock.now()
    Network.objects.create(partner=credential.partner, cidr=network, added_at=now)
    AccessToken.objects.create(
        application=credential,
        token="",
        token_checksum=hashlib.sha256(_TOKEN.encode()).hexdigest(),
        expires=now + timedelta(minutes=10),
        scope=given,
    )


def _another(stage: Stage, given: str) -> None:
    """Let a partner's system in that has no right to anything."""
    AccountPartnerGrant.objects.all().delete()
    _signed_in(stage, given)


def _revoked(stage: Stage, given: str) -> None:
    """Revoke the credential and leave its token, which no revocation does: it must be worthless even so."""
    _signed_in(stage, given)
    Credential.objects.filter(pk=stage.credentials["active"].pk).update(
        state=CredentialState.REVOKED, revoked_at=clock.now()
    )


def _another_partners(stage: Stage, prefix: str) -> list[str]:
    """Name a record that is there and is not this partner's, where the stage has one of its kind."""
    if prefix == "acc":
        return [ids.encode(prefix, stage.accounts["payee"].pk)]
    return named(prefix, stage)


_ITEM = {"to_account": ids.encode("acc", ids.uuid7()), "amount": "1.00", "currency": "CNY", "reference": "M-1"}
_PAYMENT = {"from_account": ids.encode("acc", ids.uuid7()), **_ITEM}
_PAYMENT_IN_A_BATCH = {name: word for name, word in _PAYMENT.items() if name != "currency"}
_CASH = {"agent_account": _PAYMENT["from_account"], "customer_account": _ITEM["to_account"]}
_TERMS = {name: _ITEM[name] for name in ("amount", "currency", "reference")}
_BODIES: dict[str, dict[str, Any]] = {
    "transfers": _PAYMENT,
    "deposits": {**_CASH, **_TERMS},
    "withdrawals": {**_CASH, **_TERMS},
    "holds": _PAYMENT,
    "refunds": _TERMS,
    "webhook_replays": {"kind": "all", "since": "2026-11-01T00:00:00Z"},
    "webhook_test_events": {},
    "payee_checks": {"account_number": "1", "name": "x"},
    "hold_capture": _TERMS,
    "transfer_batches": {"reference": "M-1", "currency": "CNY", "items": [_PAYMENT_IN_A_BATCH]},
}
