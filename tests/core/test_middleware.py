"""Every request has an id, in the answer, in the logs and in the audit trail."""

from __future__ import annotations

import logging
import re

import pytest
import structlog
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from bankops.core import context
from bankops.core.middleware import RequestContextMiddleware
from staff.models import User
from tests.personas import SignIn

MADE = re.compile(r"req_[0-9a-z]{26}")


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse(context.request_id())


def ask(**headers: str) -> HttpResponse:
    request = RequestFactory().get("/", headers=headers)
    request.user = AnonymousUser()
    return RequestContextMiddleware(answer)(request)


def test_a_request_without_an_id_is_given_one() -> None:
    response = ask()
    assert MADE.fullmatch(response["X-Request-ID"])
    assert response.content.decode() == response["X-Request-ID"]
    assert ask()["X-Request-ID"] != response["X-Request-ID"]


def test_a_callers_own_id_is_kept() -> None:
    assert ask(**{"X-Request-ID": "partner-2026.03_02"})["X-Request-ID"] == "partner-2026.03_02"


@pytest.mark.parametrize(
    "offered", ["", "short", "x" * 65, "has space1", 'quote"1234', "line\nbreak1", "<script>alert", "１２３４５６７８"]
)
def test_a_harmful_id_is_replaced(offered: str) -> None:
    assert not context.acceptable_request_id(offered)
    request = RequestFactory().get("/")
    request.META["HTTP_X_REQUEST_ID"] = offered
    request.user = AnonymousUser()
    assert MADE.fullmatch(RequestContextMiddleware(answer)(request)["X-Request-ID"])


def test_nothing_is_left_behind_after_the_request_even_when_it_fails() -> None:
    def fail(_request: HttpRequest) -> HttpResponse:
        raise RuntimeError("broken")

    structlog.contextvars.bind_contextvars(request_id="left-behind")
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with pytest.raises(RuntimeError):
        RequestContextMiddleware(fail)(request)
    assert structlog.contextvars.get_contextvars() == {}
    assert context.request_id() == ""


def test_the_log_knows_who_asked_and_not_what_for(
    teller: User, signed_in_client: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    client = signed_in_client(teller)
    with caplog.at_level(logging.INFO, logger="bankops.core.middleware"):
        client.get("/healthz?q=Li+Hua", headers={"X-Request-ID": "browser-0001"})
    logs = [record.msg for record in caplog.records if record.name == "bankops.core.middleware"]
    (line,) = [line for line in logs if isinstance(line, dict) and line["event"] == "request_finished"]
    assert (line["request_id"], line["actor"], line["method"]) == ("browser-0001", teller.public_id, "GET")
    assert "Hua" not in str(logs)
