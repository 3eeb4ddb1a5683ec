"""The description of the API is valid, says all that is answered, and is read without any outside asset."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from partners import scopes
from tests.api.callers import said
from tests.api.conftest import Desk

METHODS = ("get", "post", "patch")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    made: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    return json.loads(json.dumps(made))  # type: ignore[no-any-return]


def operations_of(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, each[method]) for path, each in schema["paths"].items() for method in METHODS if method in each
    ]


def test_it_is_openapi_3_1(schema: dict[str, Any]) -> None:
    assert schema["openapi"] == "3.1.1"
    validate_schema(schema)  # type: ignore[no-untyped-call]


def test_it_has_every_address_and_no_other(schema: dict[str, Any]) -> None:
    assert {(path.removeprefix("/api/v1/"), method) for path, method, _operation in operations_of(schema)} == {
        ("accounts", "get"),
        ("accounts/{account}", "get"),
        ("accounts/{account}/balance", "get"),
        ("accounts/{account}/postings", "get"),
        ("transfers", "get"),
        ("transfers", "post"),
        ("transfers/{transfer}", "get"),
        ("transfers/{transfer}", "patch"),
        ("transfers/{transfer}/cancel", "post"),
    }


def test_every_operation_says_how_it_refuses_and_what_it_needs(schema: dict[str, Any]) -> None:
    for path, method, operation in operations_of(schema):
        for status in ("400", "401", "403", "404", "422", "429", "500", "503"):
            assert "application/problem+json" in operation["responses"][status]["content"], (path, method, status)
        headers = {one["name"] for one in operation["parameters"] if one["in"] == "header" and one.get("required")}
        assert headers == {"get": set(), "post": {"Idempotency-Key"}, "patch": {"If-Match"}}[method]
        ((needed,),) = [security["oauth2"] for security in operation["security"]]
        assert needed in scopes.ALL
    flow = schema["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
    assert set(flow["scopes"]) == set(scopes.ALL)


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
