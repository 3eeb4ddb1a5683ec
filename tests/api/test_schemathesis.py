"""Schemathesis over the whole description: whatever is sent, no fault of ours comes back, and no answer is undescribed.

The requests are the same in every run. They are sent by the system that made one of everything (`World`), and most have what is
really there laid over what was made up, or under it: so every operation that can succeed does, and what is wrong is
refused by the rule that it breaks, not by an address that leads nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from itertools import count
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks as of_description

from tests.api.callers import schema
from tests.api.conftest import Desk
from tests.api.world import Call, Row, World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

EXAMPLES = 8
SHARES = 4
"""Into how many tests the operations are dealt, so that several processes can share them."""
SIGNING = ("Signature", "Signature-Input", "Content-Digest")  # made up they are refused; test_signatures has right ones
METHODS = ("get", "post", "patch", "delete")
WHOLE, PLACED, MADE_UP = "whole", "placed", "made up"
"""What a request is: what is there and nothing else; that among what was made up; made up altogether."""
NEVER_DONE: set[Call] = {
    ("post", "transfers/<str:transfer>/refunds/<str:refund>/cancel"),
    ("post", "transfer-batches/<str:batch>/cancel"),
}
"""What cannot succeed here: refund and batch are posted, and only what waits for reviewers is taken back."""
CHECKS = [
    not_a_server_error,
    of_description.status_code_conformance,
    of_description.content_type_conformance,
    of_description.response_schema_conformance,
    of_description.response_headers_conformance,
]
Api = Any
_keys = count(1)


@pytest.fixture(scope="module")
def api() -> Api:
    made = schemathesis.openapi.from_dict(deepcopy(schema()))
    made.app = from_here(get_wsgi_application())
    return made


@pytest.mark.parametrize("share", range(SHARES))
def test_every_answer_to_what_is_described_is_described_too(api: Api, desk: Desk, share: int) -> None:
    world, mode = World(desk), GenerationMode.POSITIVE
    asked = {call: answers(operation, call, world, mode) for call, operation in dealt(api, share)}
    assert {call for call, statuses in asked.items() if min(statuses) >= 300} == NEVER_DONE & set(asked)


@pytest.mark.parametrize("share", range(SHARES))
def test_every_refusal_of_what_is_not_described_is_described(api: Api, desk: Desk, share: int) -> None:
    world, mode = World(desk), GenerationMode.NEGATIVE
    wrong = [(call, operation) for call, operation in dealt(api, share) if can_be_wrong(operation)]
    for call, operation in wrong:
        assert answers(operation, call, world, mode) & {400, 404, 422}, call


def test_without_a_token_every_operation_says_401_as_described(api: Api) -> None:
    for operation in operations_of(api):

        @examples(3)
        @given(case=operation.as_strategy())
        def try_it(case: Any) -> None:
            case.headers.pop("Authorization", None)
            answer = case.call()
            assert answer.status_code in {400, 401}  # an address with a NUL is refused before anybody looks further
            case.validate_response(answer, checks=CHECKS)

        try_it()


def can_be_wrong(operation: Any) -> bool:
    """Tell whether there is anything to get wrong: every text is an address' part, or a header."""
    told = operation.definition.raw
    return "requestBody" in told or any(one["in"] == "query" for one in told.get("parameters", []))


def from_here(application: Any) -> Any:
    """Let whatever calls this application call from this machine, and in the transaction of the test.

    Schemathesis' own client comes from nowhere, and between requests Django closes a connection with a transaction.
    """

    def called(environ: dict[str, Any], start_response: Any) -> Any:
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
        return application({**environ, "REMOTE_ADDR": "127.0.0.1"}, start_response)

    return called


def examples(most: int) -> Any:
    return settings(
        max_examples=most,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def operations_of(api: Api) -> Iterator[Any]:
    for path in sorted(api.raw_schema["paths"]):
        for method in METHODS:
            if method in api.raw_schema["paths"][path]:
                yield api[path][method.upper()]


def dealt(api: Api, share: int) -> list[tuple[Call, Any]]:
    """Return a share of the operations, each with its call as the resolver has it."""
    return [(call_of(operation), operation) for operation in operations_of(api)][share::SHARES]


def call_of(operation: Any) -> Call:
    route = operation.path.removeprefix("/api/v1/").replace("{", "<str:").replace("}", ">")
    return operation.method.lower(), route


def kinds() -> st.SearchStrategy[str]:
    """Return what kinds of request there are; the first example is the first of them."""
    return st.sampled_from([WHOLE, PLACED, MADE_UP])


def answers(operation: Any, call: Call, world: World, mode: GenerationMode) -> set[int]:
    """Return the statuses that examples of one operation are answered with, each answer as it is described."""
    statuses = set[int]()

    @examples(EXAMPLES)
    @given(case=operation.as_strategy(generation_mode=mode), kind=kinds())
    def try_it(case: Any, kind: str) -> None:
        statuses.add(send(case, kind, world, call, over=mode is GenerationMode.POSITIVE))

    try_it()
    return statuses


def send(case: Any, kind: str, world: World, call: Call, *, over: bool) -> int:
    """Send a request as the one who made everything, and return the status of an answer that is as described.

    :param over: what is there is laid over what was made up, not under it.
    """
    named = {"Authorization": f"Bearer {world.owner.token}"}
    if kind != MADE_UP:
        lay(case, world.rows()[call], call[1], over=over, whole=kind == WHOLE)
        named["Idempotency-Key"] = f"schemathesis-{next(_keys)}"
    if kind == WHOLE:
        case.headers.pop("If-None-Match", None)
        named |= {"If-Match": "*"} if call[0] == "patch" else {}
    for name in SIGNING:
        case.headers.pop(name, None)
    answer = case.call(headers=named)
    case.validate_response(answer, checks=CHECKS)
    assert answer.status_code != 401
    return int(answer.status_code)


def lay(case: Any, row: Row, route: str, *, over: bool, whole: bool) -> None:
    """Put what is there where the description has a place for it: in the address, and of what is asked for in the body."""
    for part, value in zip(route.split("/"), row.address.split("/"), strict=True):
        if part.startswith("<"):
            case.path_parameters[part[5:-1]] = value
    if over and whole:
        case.query = {}
        case.body = row.body if row.body is not None else case.body
    elif isinstance(case.body, dict) and isinstance(row.body, dict):
        case.body = {**case.body, **row.body} if over else {**row.body, **case.body}
