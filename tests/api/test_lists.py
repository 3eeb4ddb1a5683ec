"""Every list of what a partner ordered is narrowed alike, and every record expands alike."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.callers import code_of, said
from tests.api.conftest import Desk
from tests.api.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(desk: Desk) -> World:
    return World(desk)


def lists(world: World) -> dict[str, str]:
    """Return the lists of payments and holds, each with the id of something in it."""
    return {
        "transfers": world.transfer,
        "deposits": world.deposit,
        "withdrawals": world.withdrawal,
        f"transfers/{world.transfer}/refunds": world.refund,
        "holds": world.hold,
    }


def found(world: World, path: str, **asked: str) -> list[str]:
    return [each["id"] for each in said(world.owner.get(path, asked))["data"]]


def test_each_list_finds_one_by_what_it_is(world: World) -> None:
    tomorrow, yesterday = "2999-01-01T00:00:00Z", "1999-01-01T00:00:00Z"
    for path, one in lists(world).items():
        told = said(world.owner.get(f"{path}/{one}"))
        everything = found(world, path)
        assert one in everything
        assert found(world, path, reference=told["reference"]) == [one]
        assert one in found(world, path, status=told["status"])
        assert found(world, path, status="expired") == []
        assert one in found(world, path, amount=told["amount"], currency="CNY")
        assert found(world, path, amount="77.77", currency="CNY") == []
        assert found(world, path, currency="EUR") == []
        assert found(world, path, currency="CNY") == everything
        assert found(world, path, created_from=yesterday, created_to=tomorrow) == everything
        assert found(world, path, created_from=tomorrow) == found(world, path, created_to=yesterday) == []


def test_an_amount_takes_its_currency_and_its_decimal_places(world: World) -> None:
    for path in lists(world):
        for asked, expected in (
            ({"amount": "1.00"}, (422, "field_required", "currency")),
            ({"amount": "1.001", "currency": "CNY"}, (422, "amount_too_precise", "amount")),
            ({"amount": "1e3", "currency": "CNY"}, (422, "invalid_amount", "amount")),
            ({"amount": "1.00", "currency": "XXY"}, (422, "unknown_currency", "currency")),
            ({"iban": "1"}, (400, "unknown_filter", "iban")),
        ):
            answer = world.owner.get(path, asked)
            assert (answer.status_code, code_of(answer)) == expected[:2], (path, asked)
            assert answer.json()["param"] == expected[2]  # type: ignore[attr-defined]


def test_a_cursor_keeps_to_its_amount(world: World) -> None:
    first = said(world.owner.get("transfers", {"amount": "1.00", "currency": "CNY", "limit": "1"}))
    again = {"currency": "CNY", "limit": "1", "cursor": first["next_cursor"]}
    assert said(world.owner.get("transfers", {**again, "amount": "1.00"}))["data"]
    assert code_of(world.owner.get("transfers", {**again, "amount": "2.00"})) == "invalid_cursor"


@pytest.fixture
def batches(desk: Desk) -> dict[str, str]:
    """Return a batch of each status that a carried-out one can have, by status, and one that waits."""

    def place(name: str, *amounts: str) -> dict[str, Any]:
        told = desk.transfer()
        items = [
            {
                "from_account": told["from_account"],
                "to_account": told["to_account"],
                "amount": amount,
                "reference": f"{name}-{n}",
            }
            for n, amount in enumerate(amounts)
        ]
        answer = desk.system.post("transfer-batches", {"reference": name, "currency": "CNY", "items": items})
        assert answer.status_code in (201, 202), answer.content
        placed: dict[str, Any] = answer.json()  # type: ignore[attr-defined]
        return placed

    made = [
        place("A", "11.00", "12.00"),
        place("B", "13.00", "11.00"),
        place("C", "11.00"),
        place("D", "2000000.00"),
    ]
    refused = desk.transfer(reference="A-0", amount="1.00")
    items = [{name: refused[name] for name in ("from_account", "to_account", "amount", "reference")}]
    made.append(said(desk.system.post("transfer-batches", {"reference": "E", "currency": "CNY", "items": items}), 201))
    return {batch["status"]: batch["id"] for batch in made}


def test_batches_are_found_by_where_they_stand(desk: Desk, batches: dict[str, str]) -> None:
    assert set(batches) == {"posted", "partly_posted", "held", "awaiting_approval", "refused"}
    for status, batch in batches.items():
        told = said(desk.system.get("transfer-batches", {"status": status}))["data"]
        assert [(each["id"], each["status"]) for each in told] == [(batch, status)]
    assert said(desk.system.get("transfer-batches", {"status": "cancelled"}))["data"] == []
    assert len(said(desk.system.get("transfer-batches", {"currency": "CNY"}))["data"]) == len(batches)
    assert said(desk.system.get("transfer-batches", {"currency": "EUR"}))["data"] == []
    assert code_of(desk.system.get("transfer-batches", {"status": "done"})) == "field_invalid"


def test_what_stands_for_a_transfer_is_told_whole(world: World) -> None:
    transfer = said(world.owner.get(f"transfers/{world.transfer}"))
    refunds = f"transfers/{world.transfer}/refunds"
    one = said(world.owner.get(f"{refunds}/{world.refund}", {"expand": "refund_of,refund_of.to_account"}))
    (listed,) = said(world.owner.get(refunds, {"expand": "refund_of"}))["data"]
    assert one["refund_of"]["to_account"]["id"] == transfer["to_account"]
    assert listed["refund_of"] == {**one["refund_of"], "to_account": transfer["to_account"]} == transfer
    (item,) = said(world.owner.get(f"transfer-batches/{world.batch}/items", {"expand": "transfer.from_account"}))[
        "data"
    ]
    assert item["transfer"]["status"] == "posted"
    assert item["transfer"]["from_account"]["number"] == world.desk.payer.number
    assert isinstance(item["transfer"]["to_account"], str)


@pytest.mark.parametrize("path", ["deposits", "withdrawals"])
def test_the_twin_of_cash_is_told_whole_with_its_accounts(world: World, path: str) -> None:
    twin = {"deposits": world.deposit_twin, "withdrawals": world.withdrawal_twin}[path]
    told = said(world.owner.get(f"{path}/{twin}", {"expand": "possible_duplicate_of.agent_account"}))
    assert told["possible_duplicate_of"]["object"] == path.removesuffix("s")
    assert told["possible_duplicate_of"]["agent_account"]["number"] == world.desk.payer.number


def test_what_may_not_be_read_stays_an_id(desk: Desk) -> None:
    paid = said(desk.system.post("transfers", desk.transfer()), 201)["id"]
    told = desk.transfer(reference="INV-9", amount="5.00")
    items = [{name: told[name] for name in ("from_account", "to_account", "amount", "reference")}]
    batch = said(desk.system.post("transfer-batches", {"reference": "B", "currency": "CNY", "items": items}), 201)["id"]
    asked = {"expand": "transfer.from_account,transfer.to_account"}
    (item,) = said(desk.system.get(f"transfer-batches/{batch}/items", asked))["data"]
    assert item["transfer"]["to_account"] == desk.payee.public_id
    assert item["transfer"]["from_account"]["id"] == desk.payer.public_id
    assert paid != item["transfer"]["id"]


def test_many_are_expanded_with_as_many_queries_as_few(desk: Desk, django_assert_max_num_queries: Any) -> None:
    names = ("from_account", "to_account", "amount", "reference")
    items = [desk.transfer(reference=f"M-{n}", amount=f"{n + 1}.00") for n in range(40)]
    body = {"reference": "M", "currency": "CNY", "items": [{name: one[name] for name in names} for one in items]}
    batch = said(desk.system.post("transfer-batches", body), 201)["id"]
    with django_assert_max_num_queries(12):
        told = said(
            desk.system.get(f"transfer-batches/{batch}/items", {"expand": "transfer.from_account", "limit": "100"})
        )
    assert len(told["data"]) == 40
    assert all(each["transfer"]["from_account"]["object"] == "account" for each in told["data"])


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("holds", "from_account,to_account,transfer.from_account"),
        ("transfers", "from_account,to_account,possible_duplicate_of.from_account"),
        ("deposits", "agent_account,customer_account,possible_duplicate_of.agent_account"),
    ],
)
def test_a_long_page_is_expanded_with_as_many_queries_as_a_short_one(world: World, path: str, asked: str) -> None:
    for _ in range(6):
        if path == "holds":
            hold = world.made("holds")
            said(world.owner.post(f"holds/{hold}/capture", world.sum("")), 201)
        else:
            world.held(path)
    inner = "transfer" if path == "holds" else "possible_duplicate_of"
    side = "agent_account" if path == "deposits" else "from_account"
    queries = []
    for limit in (2, 6):
        with CaptureQueriesContext(connection) as made:
            page = said(world.owner.get(path, {"expand": asked, "limit": str(limit)}))["data"]
        assert [each[inner][side]["number"] for each in page] == [world.desk.payer.number] * limit
        queries.append(len(made))
    assert queries[0] == queries[1]


# -- Metadata of holds ---------------------------------------------------------------------------------------------------


def test_a_hold_keeps_metadata_and_changes_it_with_if_match(desk: Desk) -> None:
    placed = said(desk.system.post("holds", desk.transfer(metadata={"order": "77"})), 201)
    assert placed["metadata"] == {"order": "77"}
    path = f"holds/{placed['id']}"
    seen = desk.system.get(path)
    changed = desk.system.patch(path, {"metadata": {"order": "78"}}, If_Match=seen["ETag"])
    assert said(changed)["metadata"] == {"order": "78"}
    assert code_of(desk.system.patch(path, {"metadata": {}}, If_Match=seen["ETag"])) == "changed_meanwhile"
    assert code_of(desk.system.patch(path, {"metadata": {}})) == "if_match_required"
    assert said(desk.system.get(path))["metadata"] == {"order": "78"}


def test_a_hold_without_metadata_is_given_some_after_it_has_ended(desk: Desk) -> None:
    placed = said(desk.system.post("holds", desk.transfer()), 201)
    path = f"holds/{placed['id']}"
    said(desk.system.post(f"{path}/release", {"reason": "not wanted"}))
    assert said(desk.system.get(path))["metadata"] == {}
    told = said(desk.system.patch(path, {"metadata": {"why": "customer went home"}}, If_Match="*"))
    assert (told["status"], told["metadata"]) == ("released", {"why": "customer went home"})
    assert code_of(desk.system.patch(path, {"metadata": {"A": "b"}}, If_Match="*")) == "metadata_unacceptable"
