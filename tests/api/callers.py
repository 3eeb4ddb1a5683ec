"""A partner's system and what it says over HTTP: real tokens, and Django's own client."""

from __future__ import annotations

import json
import re
from copy import copy
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from accounts.models import Account, AccountPartnerGrant
from accounts.partner_access import Right
from bankops.api_errors import SECTIONS
from bankops.core import clock, ids
from partners.models import Credential, Partner
from tests.partners.factories import guards_asleep, make_credential, make_partner, token_of

LIMITS = {"CNY": (1_000_000_000_00, 10_000_000_000_00)}
_keys = count(1)


class System:
    """One credential of a partner at its computer."""

    def __init__(self, partner: Partner | None = None, *scopes: str, **terms: Any) -> None:
        self.partner = partner or make_partner(**{"limits": LIMITS, **terms})
        self.credential: Credential = make_credential(self.partner, *scopes)
        self.token = token_of(self.credential)
        self.client = Client()

    def restarted(self) -> System:
        """Return the same credential at a computer that has heard nothing yet."""
        again = copy(self)
        again.client = Client()
        return again

    def get(self, path: str, data: Any = None, **headers: str) -> HttpResponse:
        return described("get", self.client.get(_address(path), data, headers=self._headers(headers)))  # type: ignore[arg-type]

    def post(self, path: str, body: Any, *, key: str | None = None, **headers: str) -> HttpResponse:
        """Post JSON, or the very text, under a key of its own unless it is given; with an empty one, under none."""
        key = f"key-{next(_keys)}" if key is None else key
        named = {**headers, "Idempotency-Key": key} if key else headers
        return self._send("post", path, body, named)

    def patch(self, path: str, body: Any, **headers: str) -> HttpResponse:
        return self._send("patch", path, body, headers)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> HttpResponse:
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        answer: HttpResponse = getattr(self.client, method)(
            _address(path), text, content_type="application/json", headers=self._headers(headers)
        )
        return described(method, answer)

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            **{name.replace("_", "-"): text for name, text in more.items()},
        }


def give(partner: Partner, account: Account, *rights: Right) -> None:
    """Give a partner rights to an account, as if two people had agreed; how they do is tests/accounts' business.

    :param rights: all but `FLOAT` when they are left out.
    """
    wanted = rights or (Right.READ, Right.DEBIT, Right.CREDIT)
    for permission in Permission.objects.filter(codename__in=wanted):
        grant = AccountPartnerGrant(
            permission=permission,
            group_id=partner.group_id,
            content_object=account,
            approval_request_id=ids.uuid7(),
            granted_at=clock.now(),
        )
        with guards_asleep():
            grant.save(force_insert=True)


def described(method: str, answer: HttpResponse) -> HttpResponse:
    """Return an answer; a refusal's code must be one that the API's description has of its operation.

    The code of each field it blames must be one that stands in the table, as the description says.
    """
    route = answer.resolver_match.route if answer.resolver_match else ""  # type: ignore[attr-defined]
    path = "/" + re.sub(r"<str:(\w+)>", r"{\1}", route)
    operation = schema()["paths"].get(path, {}).get(method)
    if operation and answer["Content-Type"] == "application/problem+json":
        told = json.loads(answer.content)
        refusals = operation["responses"].get(str(answer.status_code), {}).get("description", "")
        assert f"`{told['code']}`" in refusals, f"{method} {path} is not described to answer {told['code']}"
        assert {each["code"] for each in told.get("errors", [])} <= listed_codes(), told["errors"]
    return answer


@cache
def schema() -> dict[str, Any]:
    """Return the API's description."""
    return json.loads(json.dumps(SchemaGenerator().get_schema(public=True)))  # type: ignore[no-any-return,no-untyped-call]


def code_of(answer: HttpResponse) -> str:
    """Return the code of a refusal, which must be a problem with a request id, and must not be a fault of ours."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    told = json.loads(answer.content)
    assert told["status"] == answer.status_code < 500, told
    assert told["request_id"]
    assert told["code"] in listed_codes(), f"{told['code']} is not in bankops/api_errors.py"
    return str(told["code"])


@cache
def listed_codes() -> frozenset[str]:
    """Return the codes that partners can look up."""
    return frozenset(code for codes in SECTIONS.values() for code in codes)


def said(answer: HttpResponse, status: int = 200) -> Any:
    """Return what an answer says, which must have this status."""
    assert answer.status_code == status, (answer.status_code, answer.content)
    return json.loads(answer.content)


def key_of(public_id: str, prefix: str) -> UUID:
    return ids.decode(prefix, public_id)


def _address(path: str) -> str:
    return path if path.startswith("/") else f"/api/v1/{path}"
