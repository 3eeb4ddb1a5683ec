"""Whatever form money is asked for in, the same wrong things are refused under the same codes, and nothing changes.

Whatever address is read, so are the same wrong parameters.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import resolve

from bankops.core.api.views import BankView
from tests.api.callers import code_of, said
from tests.api.conftest import Desk
from tests.api.world import World
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db

PATHS = (
    "transfers",
    "transfers/{transfer}/refunds",
    "deposits",
    "withdrawals",
    "holds",
    "holds/{hold}/capture",
)
# In the place of the amount, by the literal that is sent.
AMOUNTS = {
    "1.00": (422, "amount_not_a_string"),
    "1": (422, "amount_not_a_string"),
    "1e30": (422, "amount_not_a_string"),
    '"1e30"': (422, "invalid_amount"),
    "NaN": (400, "malformed_json"),
    '"NaN"': (422, "invalid_amount"),
    "-Infinity": (400, "malformed_json"),
    '"-1.00"': (422, "invalid_amount"),
    '"0.00"': (422, "amount_not_positive"),
    '"1.001"': (422, "amount_too_precise"),
    '"' + "9" * 30 + '"': (422, "amount_too_large"),
    "9" * 5000: (400, "malformed_json"),
    "null": (422, "field_required"),
    "[]": (422, "amount_not_a_string"),
    "[" * 5000 + "]" * 5000: (400, "json_too_deep"),
}
MORE_THAN_THE_BOOKS_HOLD = '"40000000000000001.00"'
TOO_MUCH_BEFORE_THAT = {
    "transfers/{transfer}/refunds": "refund_too_large",
    "holds/{hold}/capture": "capture_too_large",
}
"""Where there is less to take from, its code."""
# In the place of any other field, or beside them.
FIELDS = {
    ("currency", '"XYZ"'): (422, "unknown_currency"),
    ("currency", '"cny"'): (422, "unknown_currency"),
    ("currency", '"JPY"'): (422, "currency_mismatch"),
    ("currency", "156"): (422, "field_invalid"),
    ("reference", '" "'): (422, "field_required"),
    ("reference", '"' + "x" * 36 + '"'): (422, "text_too_long"),
    ("reference", "7"): (422, "field_invalid"),
    ("narrative", '"a\\u0000b"'): (422, "unstorable_text"),
    ("narrative", '"\\ud800"'): (422, "unstorable_text"),
    ("narrative", '"' + "x" * 201 + '"'): (422, "text_too_long"),
    ("narrative", '"' + "x" * 10_000_000 + '"'): (413, "body_too_large"),
    ("status", '"posted"'): (422, "unknown_field"),
    ("balance", '"1.00"'): (422, "unknown_field"),
    ("approved_by", '"usr_1"'): (422, "unknown_field"),
    ("partner", '"ptn_1"'): (422, "unknown_field"),
    ("amount_minor", "1"): (422, "unknown_field"),
}
# Where nobody banks, and where arithmetic ends: the day before the first, and the one after the last.
MOMENTS = (
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "1899-12-31T23:59:59Z",
    "3000-01-01T00:00:00+00:00",
    "2026-11-22T09:30:00",
    "noon",
)
GOOD = {"created_from": "2026-01-01T00:00:00Z", "created_to": "2100-01-01T00:00:00Z", "at": "2026-01-01T00:00:00Z"}
"""By name, a moment that a parameter takes."""


def written(body: dict[str, Any], field: str, literal: str) -> str:
    """Return a body with one field written by hand."""
    fields = {name: json.dumps(value) for name, value in body.items()} | {field: literal}
    return "{" + ",".join(f'"{name}":{value}' for name, value in fields.items()) + "}"


@pytest.mark.parametrize("path", PATHS)
def test_what_is_wrong_with_a_body_is_refused(desk: Desk, path: str) -> None:
    world = World(desk)
    address = path.format(transfer=world.transfer, hold=world.hold)
    wrong = {("amount", literal): expected for literal, expected in AMOUNTS.items()} | FIELDS
    wrong["amount", MORE_THAN_THE_BOOKS_HOLD] = (422, TOO_MUCH_BEFORE_THAT.get(path, "posting_too_large"))
    found = {}
    with nothing_changes():
        for field, literal in wrong:
            answer = world.owner.post(address, written(world.sum(path), field, literal))
            found[field, literal] = (answer.status_code, code_of(answer))
        doubled = written(world.sum(path), "narrative", '"a"')[:-1] + ',"amount":"1.00"}'
        assert code_of(world.owner.post(address, doubled)) == "duplicate_field"
        assert code_of(world.owner.post(address, world.sum(path), key="")) == "idempotency_key_required"
        assert code_of(world.owner.post(address, "[]")) == "not_an_object"
    assert found == wrong


@pytest.mark.parametrize("path", PATHS)
def test_the_same_key_is_one_effect_and_one_answer(desk: Desk, path: str) -> None:
    world = World(desk)
    address = path.format(transfer=world.transfer, hold=world.hold)
    body = world.sum(path, amount="0.55")
    first = world.owner.post(address, body, key="k-1")
    assert first.status_code == 201, first.content
    with nothing_changes():
        again = world.owner.post(address, body, key="k-1")
        other = world.owner.post(address, {**body, "amount": "0.56"}, key="k-1")
    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (201, first.content, "true")
    assert (other.status_code, code_of(other)) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_hold_ends_at_a_moment_of_the_calendar(desk: Desk, moment: str) -> None:
    with nothing_changes():
        answer = desk.system.post("holds", desk.transfer(expires_at=moment))
    assert (answer.status_code, code_of(answer), json.loads(answer.content)["param"]) == (
        422,
        "field_invalid",
        "expires_at",
    )


def read(world: World) -> list[tuple[str, BankView]]:
    """Return every address that is read, and its view."""
    addresses = sorted({row.address for (method, _route), row in world.rows().items() if method == "get"})
    return [
        (address, resolve(f"/api/v1/{address}").func.view_class())  # type: ignore[attr-defined]
        for address in addresses
    ]


def parameters_of(view: BankView) -> set[str]:
    form = view.parameters.get("GET")
    return {*(form().fields if form else ()), *view.page_parameters()}


def test_a_moment_beyond_the_calendar_is_refused_wherever_one_is_asked_for(desk: Desk) -> None:
    world = World(desk)
    asked = [(address, name) for address, view in read(world) for name in parameters_of(view) & set(GOOD)]
    assert {name for _address, name in asked} == set(GOOD)
    for address, name in asked:
        assert said(world.owner.get(address, {name: GOOD[name]})), (address, name)
        for moment in MOMENTS:
            answer = world.owner.get(address, {name: moment})
            assert (answer.status_code, code_of(answer)) == (422, "field_invalid"), (address, name, moment)


def test_a_parameter_that_an_address_does_not_take_is_refused(desk: Desk) -> None:
    world = World(desk)
    for address, view in read(world):
        for name in {"colour", "cursor", "limit"} - parameters_of(view):
            assert code_of(world.owner.get(address, {name: "x"})) == "unknown_filter", (address, name)
        if "expand" not in parameters_of(view):
            assert code_of(world.owner.get(address, {"expand": "x"})) == "unknown_expansion", address
            assert code_of(world.owner.get(address, {"expand": ""})) == "unknown_filter", address


def test_a_parameter_is_given_once(desk: Desk) -> None:
    world = World(desk)
    for address, view in read(world):
        for name in parameters_of(view) - {"expand"}:
            answer = world.owner.get(address, {name: ["1", "1"]})
            assert (answer.status_code, code_of(answer)) == (400, "parameter_invalid"), (address, name)
    several = {"expand": ["from_account", "to_account"]}
    assert said(world.owner.get(f"transfers/{world.transfer}", several))["to_account"]["number"] == desk.payee.number
