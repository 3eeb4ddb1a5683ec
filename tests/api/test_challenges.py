"""How a refused caller is told to authenticate: RFC 6750 §3, RFC 6749 §5.2."""

from __future__ import annotations

import pytest
from django.test import Client

from bankops.core import clock
from tests.api.callers import System, code_of
from tests.partners.factories import ask_for_token, make_credential

pytestmark = pytest.mark.django_db


def challenge(token: str, path: str = "accounts") -> tuple[int, str]:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    answer = Client().get(f"/api/v1/{path}", headers=headers)
    code_of(answer)  # type: ignore[arg-type]
    return answer.status_code, answer["WWW-Authenticate"]


def test_without_a_token_no_error_is_named() -> None:
    assert challenge("") == (401, 'Bearer realm="bankops"')


def test_a_token_that_is_none_any_more_is_said_to_be_invalid() -> None:
    assert challenge("unknown") == (401, 'Bearer realm="bankops", error="invalid_token"')
    system = System()
    system.credential.ends_at = clock.now()
    system.credential.save(update_fields=["ends_at"])
    assert challenge(system.token) == (401, 'Bearer realm="bankops", error="invalid_token"')


def test_a_token_for_something_else_is_told_the_scope_it_lacks() -> None:
    system = System(None, "events:read")
    wanted = 'Bearer realm="bankops", error="insufficient_scope", scope="accounts:read"'
    assert challenge(system.token) == (403, wanted)


def test_a_refusal_for_another_reason_asks_for_no_token() -> None:
    system = System()
    answer = system.get("transfers/tr_1")
    assert (answer.status_code, "WWW-Authenticate" in answer) == (404, False)


def test_a_wrong_secret_is_challenged_too() -> None:
    answer = ask_for_token(make_credential(), "wrong")
    assert (answer.status_code, bool(answer["WWW-Authenticate"])) == (401, True)
