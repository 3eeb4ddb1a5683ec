"""Reading takes a scope for reading, writing one for writing, and saying that cash is genuine the one for that cash."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bankops.core import operations
from tests.api.callers import System, code_of, said
from tests.api.conftest import Desk
from tests.api.world import OFTEN, WHY, World, ask
from tests.partners.factories import ask_for_token, make_credential, make_secret, order_of
from tests.unchanged import nothing_changes, refused

pytestmark = pytest.mark.django_db

OF = {
    "transfers": ("transfers", "transfers/<str:transfer>"),
    "batches": (
        "transfer-batches",
        "transfer-batches/<str:batch>",
        "transfer-batches/<str:batch>/items",
    ),
    "deposits": ("deposits", "deposits/<str:deposit>"),
    "withdrawals": ("withdrawals", "withdrawals/<str:withdrawal>"),
    "refunds": ("transfers/<str:transfer>/refunds", "transfers/<str:transfer>/refunds/<str:refund>"),
    "holds": ("holds", "holds/<str:hold>"),
    "webhooks": (
        "webhook-endpoints",
        "webhook-endpoints/<str:endpoint>",
        "webhook-endpoints/<str:endpoint>/deliveries",
        "deliveries/<str:delivery>",
        "deliveries/<str:delivery>/attempts",
        "replays/<str:replay>",
    ),
}
OPENS_READING_TOO = {"deposits", "withdrawals", "refunds", "holds"}


@pytest.fixture
def world(desk: Desk) -> World:
    return World(desk)


def with_only(world: World, *scopes: str) -> System:
    """Return another credential of the partner that made everything."""
    return System(world.owner.partner, *scopes, **OFTEN)


@pytest.mark.parametrize("what", OF)
def test_what_a_scope_reads_it_does_not_write(world: World, what: str) -> None:
    reader, rows = with_only(world, f"{what}:read"), world.rows()
    for route in OF[what]:
        assert ask(reader, "get", rows["get", route]).status_code == 200, route
    with nothing_changes():
        for (method, route), row in rows.items():
            if method != "get":
                assert code_of(ask(reader, method, row)) == "scope_missing", (method, route)


@pytest.mark.parametrize("what", OF)
def test_a_scope_for_writing_reads_where_it_always_did(world: World, what: str) -> None:
    writer, rows = with_only(world, f"{what}:write"), world.rows()
    for route in OF[what]:
        answer = ask(writer, "get", rows["get", route])
        if what in OPENS_READING_TOO:
            said(answer)
        else:
            assert code_of(answer) == "scope_missing"
            assert f'scope="{what}:read"' in answer["WWW-Authenticate"]


def test_who_reads_transfers_reads_batches_and_not_the_other_way_round(world: World) -> None:
    rows = world.rows()
    assert ask(with_only(world, "transfers:read"), "get", rows["get", "transfer-batches"]).status_code == 200
    assert code_of(ask(with_only(world, "batches:read"), "get", rows["get", "transfers"])) == "scope_missing"


@pytest.mark.parametrize("noun", ["transfer", "deposit", "withdrawal"])
def test_what_it_was_ordered_with_confirms_it(world: World, noun: str) -> None:
    row = world.rows()["post", f"{noun}s/<str:{noun}>/confirm"]
    others = with_only(world, *{"transfers:write", "deposits:write", "withdrawals:write"} - {f"{noun}s:write"})
    with nothing_changes():
        assert code_of(others.post(row.address, WHY)) == "scope_missing"
    assert said(with_only(world, f"{noun}s:write").post(row.address, WHY), 201)["status"] == "posted"


@pytest.mark.parametrize("noun", ["transfer", "deposit", "withdrawal"])
def test_the_gate_asks_for_the_same(world: World, noun: str) -> None:
    held = {"transfer": world.twin, "deposit": world.deposit_twin, "withdrawal": world.withdrawal_twin}[noun]
    wish: dict[str, Any] = {"transaction": held, "partner": world.owner.partner.public_id}
    others = {"transfers:write", "withdrawals:write", "deposits:write", "batches:write"} - {f"{noun}s:write"}
    for scope in (*sorted(others), f"{noun}s:read"):
        order = order_of(make_credential(world.owner.partner, scope))
        with refused("partner_not_allowed"):
            operations.submit("transactions.release", wish, _because(order))
    order = order_of(make_credential(world.owner.partner, f"{noun}s:write"))
    assert operations.submit("transactions.release", wish, _because(order)).done


@pytest.mark.parametrize(("verb", "status", "becomes"), [("confirm", 201, "posted"), ("cancel", 200, "cancelled")])
@pytest.mark.parametrize("scope", ["batches:write", "transfers:write"])
def test_what_was_ordered_in_a_batch_takes_the_scope_of_batches(
    world: World, scope: str, verb: str, status: int, becomes: str
) -> None:
    (item,) = said(world.owner.post("transfer-batches", world.batch_body()), 202)["items"]
    answer = with_only(world, scope).post(f"transfers/{item['transfer']}/{verb}", WHY)
    assert said(answer, status)["status"] == becomes


@pytest.mark.parametrize("verb", ["confirm", "cancel"])
def test_what_was_ordered_by_itself_does_not_take_the_scope_of_batches(world: World, verb: str) -> None:
    placer = with_only(world, "batches:write")
    with nothing_changes():
        answer = placer.post(f"transfers/{world.twin}/{verb}", WHY)
        assert code_of(answer) == "scope_missing"
        assert 'scope="transfers:write"' in answer["WWW-Authenticate"]


# -- What is told whole takes the scope that reads it --------------------------------------------------------------------


def whole(world: World, path: str) -> dict[str, str]:
    """Return what every list can tell whole, with the scope that it takes beside the list's own."""
    return {
        "transfers": {"from_account": "accounts:read", "possible_duplicate_of.to_account": "accounts:read"},
        "deposits": {"agent_account": "accounts:read", "possible_duplicate_of.customer_account": "accounts:read"},
        "holds": {"to_account": "accounts:read", "transfer": "transfers:read"},
        f"transfers/{world.transfer}/refunds": {"refund_of": "transfers:read"},
        f"transfer-batches/{world.batch}/items": {"transfer": "transfers:read"},
    }[path]


@pytest.mark.parametrize("what", ["transfers", "deposits", "holds", "refunds", "batches"])
def test_what_is_told_whole_takes_the_scope_that_reads_it(world: World, what: str) -> None:
    path = {
        "refunds": f"transfers/{world.transfer}/refunds",
        "batches": f"transfer-batches/{world.batch}/items",
    }.get(what, what)
    own = f"{what}:read"
    for name, scope in whole(world, path).items():
        answer = with_only(world, own).get(path, {"expand": name})
        assert (answer.status_code, code_of(answer)) == (403, "scope_missing"), name
        assert f'scope="{scope}"' in answer["WWW-Authenticate"], name
        assert said(with_only(world, own, scope).get(path, {"expand": name}))["data"]


@pytest.mark.parametrize(("own", "field"), [("refunds:read", "refund_of"), ("batches:read", "transfer")])
def test_the_accounts_in_a_transfer_take_a_scope_more(world: World, own: str, field: str) -> None:
    path = {
        "refund_of": f"transfers/{world.transfer}/refunds",
        "transfer": f"transfer-batches/{world.batch}/items",
    }[field]
    asked = {"expand": f"{field},{field}.from_account"}
    answer = with_only(world, own, "transfers:read").get(path, asked)
    assert code_of(answer) == "scope_missing"
    assert 'scope="accounts:read"' in answer["WWW-Authenticate"]
    assert code_of(with_only(world, own, "accounts:read").get(path, asked)) == "scope_missing"
    (one,) = said(with_only(world, own, "transfers:read", "accounts:read").get(path, asked))["data"]
    assert one[field]["from_account"]["balance"]


@pytest.mark.parametrize("what", ["hold", "transfer", "deposit"])
def test_one_record_takes_the_same(world: World, what: str) -> None:
    path = f"{what}s/{getattr(world, what)}"
    name = "agent_account" if what == "deposit" else "from_account"
    assert code_of(with_only(world, f"{what}s:read").get(path, {"expand": name})) == "scope_missing"
    assert said(with_only(world, f"{what}s:read", "accounts:read").get(path, {"expand": name}))[name]["balance"]


def test_who_captures_a_hold_is_told_of_the_transfer(world: World) -> None:
    answer = with_only(world, "holds:write").post(f"holds/{world.captured}/capture", world.sum(""))
    assert said(answer, 201)["transfer"]["status"] == "posted"


def test_a_token_may_be_for_reading_only() -> None:
    credential = make_credential(None, "deposits:write")
    secret = make_secret(credential)
    assert ask_for_token(credential, secret).json()["scope"] == "deposits:write"  # type: ignore[attr-defined]
    assert ask_for_token(credential, secret, scope="deposits:read").json()["scope"] == "deposits:read"  # type: ignore[attr-defined]
    assert ask_for_token(credential, secret, scope="withdrawals:read").status_code == 400


def _because(order: operations.Order) -> operations.Order:
    return replace(order, reason="two customers")
