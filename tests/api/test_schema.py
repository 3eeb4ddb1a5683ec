"""The description of the API is valid, says all that is answered, and is read without any outside asset."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from django.conf import settings
from django.test import Client
from drf_spectacular import validation
from jsonschema import Draft202012Validator, ValidationError  # type: ignore[import-untyped]

from bankops.core.api import description, error_table
from bankops.core.api.operation_codes import OF_NO_OPERATION
from notifications import event_types
from notifications.api import webhooks
from partners import scopes
from tests.api import callers
from tests.api.callers import said
from tests.api.conftest import Desk
from tests.api.world import World, ask

KEPT = {"200", "201", "202", "403", "404", "409", "422", "500"}
METHODS = ("get", "post", "patch")
PROBLEM = "application/problem+json"
PLACED = {"transfers", "deposits", "withdrawals"}
GATED = {
    *PLACED,
    *(f"{noun}s/{{{noun}}}/confirm" for noun in ("transfer", "deposit", "withdrawal")),
    "transfers/{transfer}/refunds",
    "holds/{hold}/capture",
    "transfer-batches",
}
"""Where a partner's order comes to the gate."""
CODE = re.compile(r"`(\w+)`")
_OPENAPI = Path(validation.__file__).with_name("openapi_3_1_schema.json")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return callers.schema()


def operations_of(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, each[method]) for path, each in schema["paths"].items() for method in METHODS if method in each
    ]


def test_it_is_openapi_3_1(schema: dict[str, Any]) -> None:
    assert schema["openapi"] == "3.1.1"
    jsonschema_rs.validate(json.loads(_OPENAPI.read_text()), schema)  # the other library takes ten seconds


def test_it_has_every_address_and_no_other(schema: dict[str, Any]) -> None:
    assert {(path.removeprefix("/api/v1/"), method) for path, method, _operation in operations_of(schema)} == {
        ("accounts", "get"),
        ("accounts/{account}", "get"),
        ("accounts/{account}/balance", "get"),
        ("accounts/{account}/postings", "get"),
        ("events", "get"),
        ("events/{event}", "get"),
        ("transfers", "get"),
        ("transfers", "post"),
        ("transfers/{transfer}", "get"),
        ("transfers/{transfer}", "patch"),
        ("transfers/{transfer}/cancel", "post"),
        ("transfers/{transfer}/confirm", "post"),
        ("transfers/{transfer}/refunds", "get"),
        ("transfers/{transfer}/refunds", "post"),
        ("transfers/{transfer}/refunds/{refund}", "get"),
        ("transfers/{transfer}/refunds/{refund}", "patch"),
        ("transfers/{transfer}/refunds/{refund}/cancel", "post"),
        *((path, method) for path in ("deposits", "withdrawals", "holds") for method in ("get", "post")),
        *((f"{noun}s/{{{noun}}}", method) for noun in ("deposit", "withdrawal") for method in ("get", "patch")),
        *(
            (f"{noun}s/{{{noun}}}/{verb}", "post")
            for noun in ("deposit", "withdrawal")
            for verb in ("cancel", "confirm")
        ),
        ("holds/{hold}", "get"),
        ("holds/{hold}", "patch"),
        ("holds/{hold}/capture", "post"),
        ("holds/{hold}/release", "post"),
        ("payee-checks", "post"),
        ("webhook-endpoints", "get"),
        ("webhook-endpoints/{endpoint}", "get"),
        ("webhook-endpoints/{endpoint}/deliveries", "get"),
        ("webhook-endpoints/{endpoint}/replays", "post"),
        ("webhook-endpoints/{endpoint}/test-events", "post"),
        ("deliveries/{delivery}", "get"),
        ("deliveries/{delivery}/attempts", "get"),
        ("deliveries/{delivery}/replay", "post"),
        ("replays/{replay}", "get"),
        ("transfer-batches", "get"),
        ("transfer-batches", "post"),
        ("transfer-batches/{batch}", "get"),
        ("transfer-batches/{batch}/items", "get"),
        ("transfer-batches/{batch}/cancel", "post"),
    }


def test_every_operation_says_how_it_refuses_and_what_it_needs(schema: dict[str, Any]) -> None:
    for path, method, operation in operations_of(schema):
        always, named = {"400", "401", "403", "406", "429", "500", "503"}, {"404"} if "{" in path else set[str]()
        refusals = {one for one, told in operation["responses"].items() if PROBLEM in told.get("content", {})}
        written = {"409", "413", "415", "422"} if method != "get" else set[str]()
        matched = {"412", "428"} if method == "patch" else set[str]()
        assert refusals - {"422"} == (always | named | written | matched) - {"422"}, (path, method)
        headers = {
            one["name"] for one in operation.get("parameters", []) if one["in"] == "header" and one.get("required")
        }
        needed_headers = {"get": set(), "post": {"Idempotency-Key"}, "patch": {"If-Match"}}[method]
        assert headers == (set() if path.endswith("payee-checks") else needed_headers)
        needed = [scope for security in operation["security"] for scope in security["oauth2"]]
        assert needed
        assert set(needed) <= set(scopes.ALL)
        assert len(needed) == len(operation["security"])  # one of them is enough
    flow = schema["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
    assert set(flow["scopes"]) == set(scopes.ALL)


@pytest.mark.parametrize(
    ("path", "method", "needed"),
    [
        ("transfers", "get", ["transfers:read"]),
        ("transfers", "post", ["transfers:write"]),
        ("deposits", "get", ["deposits:read", "deposits:write"]),
        ("holds/{hold}", "get", ["holds:read", "holds:write"]),
        ("transfer-batches", "get", ["batches:read", "transfers:read"]),
        ("transfers/{transfer}/confirm", "post", ["transfers:write", "batches:write"]),
    ],
)
def test_every_scope_that_opens_an_operation_is_named(
    schema: dict[str, Any], path: str, method: str, needed: list[str]
) -> None:
    told = schema["paths"][f"/api/v1/{path}"][method]["security"]
    assert told == [{"oauth2": [scope]} for scope in needed]


def parameters_of(operation: dict[str, Any], place: str) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in operation["parameters"] if one["in"] == place}


def test_headers_are_described_where_they_come(schema: dict[str, Any]) -> None:
    for path, method, operation in operations_of(schema):
        takes_key = method == "post" and not path.endswith("payee-checks")
        for status, answer in operation["responses"].items():
            headers = set(answer["headers"])
            assert headers >= {"Request-Id", "RateLimit-Policy", "RateLimit-Remaining", "Bankops-Sandbox"}
            assert ("Retry-After" in headers) == (status in {"409", "429", "503"})
            assert ("WWW-Authenticate" in headers) == (status in {"401", "403"})
            assert ("Location" in headers) == (takes_key and status in {"201", "202"})
            assert ("Idempotent-Replayed" in headers) == (takes_key and status in KEPT)


def test_etags_are_described_of_what_has_one(schema: dict[str, Any]) -> None:
    without = {
        "/api/v1/transfer-batches": {"get", "post"},
        "/api/v1/holds/{hold}/capture": {"post"},
        "/api/v1/payee-checks": {"post"},
        **{
            f"/api/v1/{path}": {"get"}
            for path in ("accounts", "events", "transfers", "deposits", "withdrawals", "holds", "webhook-endpoints")
        },
        "/api/v1/accounts/{account}/postings": {"get"},
        "/api/v1/transfers/{transfer}/refunds": {"get"},
        "/api/v1/transfer-batches/{batch}/items": {"get"},
        "/api/v1/webhook-endpoints/{endpoint}/deliveries": {"get"},
        "/api/v1/deliveries/{delivery}/attempts": {"get"},
    }
    for path, method, operation in operations_of(schema):
        has_one = method not in without.get(path, set())
        succeeded = [answer for status, answer in operation["responses"].items() if status in {"200", "201", "202"}]
        assert all(("ETag" in answer["headers"]) == has_one for answer in succeeded), (path, method)
        assert ("If-None-Match" in parameters_of(operation, "header")) == (method == "get" and has_one), path
        assert ("304" in operation["responses"]) == (method == "get" and has_one), path


@pytest.mark.django_db
def test_etags_and_locations_come_where_they_are_described(desk: Desk, schema: dict[str, Any]) -> None:
    world = World(desk)
    for (method, route), row in world.rows().items():
        answer = ask(world.owner, method, row)
        path = "/api/v1/" + re.sub(r"<str:(\w+)>", r"{\1}", route)
        described = schema["paths"][path][method]["responses"][str(answer.status_code)]["headers"]
        for name in ("ETag", "Location"):
            assert (name in answer.headers) == (name in described), (method, route, name)
        assert set(answer.headers) & {"Retry-After", "WWW-Authenticate", "RateLimit-Policy"} <= set(described)


def test_what_a_call_takes_is_described_to_the_letter(schema: dict[str, Any]) -> None:
    for path, method, operation in operations_of(schema):
        headers, query = parameters_of(operation, "header"), parameters_of(operation, "query")
        assert {"Signature", "Signature-Input"} <= set(headers)
        assert ("Content-Digest" in headers) == (method != "get")
        assert not any(headers[name].get("required") for name in headers if name.startswith(("Signature", "Content")))
        if key := headers.get("Idempotency-Key"):
            assert key["schema"] == {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}
        if limit := query.get("limit"):
            assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 25}
        assert all(one.get("description") for one in query.values()), (path, method)


def test_forms_take_no_field_beside_theirs(schema: dict[str, Any]) -> None:
    shapes = schema["components"]["schemas"]
    for path, method, operation in operations_of(schema):
        if method != "get":
            (form,) = operation["requestBody"]["content"].values()
            assert shapes[form["schema"]["$ref"].rpartition("/")[2]]["additionalProperties"] is False, (path, method)
    assert shapes["ItemInputRequest"]["additionalProperties"] is False
    assert shapes["MetadataInputRequest"]["required"] == ["metadata"]


def test_a_problem_has_one_of_the_codes_of_the_table(schema: dict[str, Any]) -> None:
    listed = {row.code: str(row.status) for section in error_table.sections() for row in section.rows}
    for shape in ("Problem", "FieldProblem", "BatchItemShape"):
        coded = schema["components"]["schemas"][shape]["properties"]["code"]
        assert set(coded["enum"]) - {None} == set(listed), shape
    told = set()
    for _path, _method, operation in operations_of(schema):
        for status, answer in operation["responses"].items():
            if PROBLEM in answer.get("content", {}):
                codes = set(re.findall(r"`(\w+)`", answer["description"]))
                assert codes
                assert {listed[code] for code in codes} == {status}
                assert codes == set(answer["content"][PROBLEM]["schema"]["allOf"][1]["properties"]["code"]["enum"])
                told |= codes
    assert told == set(listed) - OF_NO_OPERATION


def codes_of(schema: dict[str, Any], method: str, path: str) -> set[str]:
    answers = schema["paths"][f"/api/v1/{path}"][method]["responses"].values()
    return {code for one in answers if PROBLEM in one.get("content", {}) for code in CODE.findall(one["description"])}


def test_an_operation_lists_its_own_codes_and_not_those_of_others(schema: dict[str, Any]) -> None:
    every = codes_of(schema, "get", "accounts") & codes_of(schema, "post", "payee-checks")
    assert {"token_missing", "network_refused", "signature_invalid", "internal_error"} < every
    assert codes_of(schema, "get", "events/{event}") - every == {"not_found", "unknown_filter", "unknown_expansion"}
    assert codes_of(schema, "get", "accounts") - every == {
        "unknown_filter",
        "unknown_expansion",
        "parameter_invalid",
        "invalid_cursor",
    }
    of_any_body = codes_of(schema, "post", "payee-checks") - every - {"payee_check_exhausted", "text_too_long"}
    of_keys = {one for one in codes_of(schema, "post", "transfers") if one.startswith(("idempotency_", "request_"))}
    release = codes_of(schema, "post", "holds/{hold}/release")
    assert release - every - of_any_body - of_keys == {"not_found", "text_too_long", "hold_not_pending"}
    for code, only in {
        "not_an_agent": {"deposits", "withdrawals"},
        "payee_check_exhausted": {"payee-checks"},
        "refund_too_large": {"transfers/{transfer}/refunds"},
        "capture_too_large": {"holds/{hold}/capture"},
        "batch_refused": {"transfer-batches"},
        "possible_duplicate": {"holds"},
        "partner_not_allowed": GATED,
        "currency_mismatch": {*PLACED, "holds", "holds/{hold}/capture", "transfers/{transfer}/refunds"},
        "account_pending": {*PLACED, "holds"},
        "replay_running": {"webhook-endpoints/{endpoint}/replays"},
        "too_many_replays": {"webhook-endpoints/{endpoint}/replays"},
        "too_many_test_events": {"webhook-endpoints/{endpoint}/test-events"},
        "delivery_still_pending": {"deliveries/{delivery}/replay"},
        "endpoint_not_enabled": {"webhook-endpoints/{endpoint}/test-events"},
    }.items():
        having = {
            path for path, method, _operation in operations_of(schema) if code in codes_of(schema, method, path[8:])
        }
        assert having == {f"/api/v1/{path}" for path in only}, code


def test_every_post_says_what_it_does(schema: dict[str, Any]) -> None:
    said_of = [operation["description"] for _path, method, operation in operations_of(schema) if method == "post"]
    assert len(set(said_of)) == len(said_of)
    assert not [text for text in said_of if "Carry out, or give" in text or ":raises" in text or ":param" in text]
    assert schema["info"]["description"]
    assert [server["url"] for server in schema["servers"]] == [settings.BANKOPS_URL]


def validate(schema: dict[str, Any], path: str, method: str, status: int, answer: Any) -> None:
    shape = schema["paths"][path][method]["responses"][str(status)]["content"]["application/json"]["schema"]
    Draft202012Validator({**shape, "components": schema["components"]}).validate(answer)


def names_of(schema: dict[str, Any], name: str) -> set[str]:
    return set(schema["components"]["schemas"][name]["properties"])


@pytest.mark.django_db
def test_what_is_answered_is_what_is_described(desk: Desk, schema: dict[str, Any]) -> None:
    posted = said(desk.system.post("transfers", desk.transfer(metadata={"a": "b"})), 201)
    waiting = said(desk.system.post("transfers", desk.transfer("2000000.00", reference="INV-2")), 202)
    held = said(desk.system.post("transfers", desk.transfer(reference="INV-3")), 202)
    for status, answer in ((201, posted), (202, waiting), (202, held)):
        validate(schema, "/api/v1/transfers", "post", status, answer)
        assert set(answer) == names_of(schema, "TransferShape")
    assert set(waiting["approval"]) == names_of(schema, "ApprovalShape")
    account = f"accounts/{desk.payer.public_id}"
    for path, address, shape in (
        ("accounts/{account}", account, "AccountShape"),
        ("accounts/{account}/balance", f"{account}/balance", "BalanceThen"),
    ):
        answer = said(desk.system.get(address))
        validate(schema, f"/api/v1/{path}", "get", 200, answer)
        assert set(answer) == names_of(schema, shape)
    for path, address in (
        ("accounts", "accounts"),
        ("accounts/{account}/postings", f"{account}/postings"),
        ("transfers", "transfers"),
    ):
        page = said(desk.system.get(address))
        assert page["data"]
        validate(schema, f"/api/v1/{path}", "get", 200, page)


@pytest.mark.django_db
def test_every_other_resource_is_as_described(desk: Desk, schema: dict[str, Any]) -> None:
    world = World(desk)
    for (method, route), row in world.rows().items():
        answer = ask(world.owner, method, row)
        path = "/api/v1/" + re.sub(r"<str:(\w+)>", r"{\1}", route)
        media = "application/problem+json" if answer.status_code >= 400 else "application/json"
        shape = schema["paths"][path][method]["responses"][str(answer.status_code)]["content"][media]["schema"]
        told = json.loads(answer.content)
        Draft202012Validator({**shape, "components": schema["components"]}).validate(told)
        name = shape["$ref"].rpartition("/")[2] if "$ref" in shape else ""
        if name.endswith("Shape"):
            assert set(told) == names_of(schema, name), (method, route)


@pytest.mark.django_db
def test_what_is_expanded_is_described_too(desk: Desk, schema: dict[str, Any]) -> None:
    world = World(desk)
    asked = "from_account,possible_duplicate_of,possible_duplicate_of.from_account"
    told = said(world.owner.get(f"transfers/{world.twin}", {"expand": asked}))
    assert told["possible_duplicate_of"]["from_account"]["number"] == desk.payer.number
    validate(schema, "/api/v1/transfers/{transfer}", "get", 200, told)


def examples_of(content: dict[str, Any]) -> list[Any]:
    return [example["value"] for example in content.get("examples", {}).values()]


def test_every_example_fits_its_shape(schema: dict[str, Any]) -> None:
    seen = 0
    for path, method, operation in operations_of(schema):
        contents = [*operation["responses"].items(), ("", operation.get("requestBody", {}))]
        for status, content in ((status, one) for status, each in contents for one in each.get("content", {}).values()):
            assert not status or examples_of(content), (path, method, status)
            for example in examples_of(content):
                Draft202012Validator({**content["schema"], "components": schema["components"]}).validate(example)
                seen += 1
                if "request_id" in example:
                    assert status == str(example["status"])
        if method != "get":
            assert examples_of(operation["requestBody"]["content"]["application/json"]), (path, method)
    assert seen > 40


def test_every_event_that_is_sent_is_described(schema: dict[str, Any]) -> None:
    assert list(schema["webhooks"]) == list(event_types.declared())
    for topic, told in schema["webhooks"].items():
        operation = told["post"]
        headers = {one["name"] for one in operation["parameters"] if one["in"] == "header" and one["required"]}
        assert headers == {"webhook-id", "webhook-timestamp", "webhook-signature"}
        assert operation["summary"]
        assert operation["description"]
        assert operation["security"] == []  # the signature is what a receiver goes by
        assert set(operation["responses"]) == {"2XX", "410", "429", "503", "default"}
        (example,) = examples_of(operation["requestBody"]["content"]["application/json"])
        assert (example["type"], example["data"]) == (topic, event_types.declared()[topic].example())
        validate_event(schema, example)


def validate_event(schema: dict[str, Any], event: dict[str, Any]) -> None:
    body = schema["webhooks"][event["type"]]["post"]["requestBody"]["content"]["application/json"]["schema"]
    Draft202012Validator({**body, "components": schema["components"]}).validate(event)


@pytest.mark.parametrize("wrong", [{"amount": None}, {"amount": 1250}, {"amount": "-1.00"}, {"booking_date": 1}])
def test_an_event_of_another_shape_is_not_as_described(schema: dict[str, Any], wrong: dict[str, Any]) -> None:
    event = webhooks.body_example(event_types.declared()["transactions.transfer.posted"])
    validate_event(schema, event)
    for broken in (
        {**event, "data": {**event["data"], **wrong}},
        {**event, "data": {}},
        {**event, "schema_version": 2},
    ):
        with pytest.raises(ValidationError):
            validate_event(schema, broken)


@pytest.mark.django_db
def test_it_is_made_once_whatever_is_asked_for() -> None:
    """Anybody may ask, and making it takes seconds."""
    description._written.cache_clear()
    first, *more = [
        Client().get(f"/api/schema{query}", headers={"accept": "application/json"})
        for query in ("", "", "?version=9", "?lang=en")
    ]
    assert json.loads(first.content)["openapi"] == "3.1.1"
    assert first["Content-Type"] == "application/json"
    assert [answer.content == first.content for answer in more] == [True, True, True]
    assert description._written.cache_info().misses == 1


@pytest.mark.django_db
def test_its_pages_need_no_token_and_nothing_from_outside() -> None:
    described = Client().get("/api/schema", headers={"accept": "application/json"})
    assert described.status_code == 200
    page = Client().get("/api/docs/")
    text = page.content.decode()
    assert page.status_code == 200
    assert re.findall(r"(?:src|href)=[\"'](?:https?:)?//", text) == []
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S", text), (
        "an inline script: the content security policy stops it"
    )
