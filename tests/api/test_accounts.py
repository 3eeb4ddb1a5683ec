"""Accounts over HTTP: what is on them now and was then, and what a statement shows."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from accounts.partner_access import Right
from bankops.core.instants import instant
from tests.accounts.factories import make_account
from tests.api.callers import System, give, said
from tests.api.conftest import Desk
from tests.api.world import World
from tests.consent import as_if_consented

pytestmark = pytest.mark.django_db


def test_an_account_shows_its_balance(desk: Desk) -> None:
    told = said(desk.system.get(f"accounts/{desk.payer.public_id}"))
    assert (told["id"], told["number"], told["currency"]) == (desk.payer.public_id, desk.payer.number, "CNY")
    assert (told["status"], told["restriction"]) == ("active", "none")
    assert told["balance"] == {"ledger": "5000000.00", "held": "0.00", "available": "5000000.00"}
    assert told["as_of"].endswith("Z")


def test_what_waits_is_held(desk: Desk) -> None:
    desk.system.post("transfers", desk.transfer("2000000.00"))
    told = said(desk.system.get(f"accounts/{desk.payer.public_id}"))["balance"]
    assert told == {"ledger": "5000000.00", "held": "2000000.00", "available": "3000000.00"}


def test_an_account_that_did_not_change_is_not_sent_twice(desk: Desk) -> None:
    path = f"accounts/{desk.payer.public_id}"
    etag = desk.system.get(path)["ETag"]
    assert desk.system.get(path, If_None_Match=etag).status_code == 304
    desk.system.post("transfers", desk.transfer())
    assert desk.system.get(path, If_None_Match=etag).status_code == 200


def test_a_partner_lists_only_what_it_may_read(desk: Desk) -> None:
    assert [row["id"] for row in said(desk.system.get("accounts"))["data"]] == [desk.payer.public_id]
    assert said(System().get("accounts"))["data"] == []


def test_accounts_come_in_pages(desk: Desk) -> None:
    with as_if_consented():
        for _number in range(3):
            give(desk.system.partner, make_account(), Right.READ)
    read, cursor = [], None
    for _page in range(2):
        page = said(desk.system.get("accounts", {"limit": "2", **({"cursor": cursor} if cursor else {})}))
        read += [row["number"] for row in page["data"]]
        cursor = page["next_cursor"]
    assert read == sorted(read)
    assert (len(set(read)), cursor) == (4, None)


def test_a_balance_as_it_was(desk: Desk) -> None:
    made = said(desk.system.post("transfers", desk.transfer()), 201)
    path = f"accounts/{desk.payer.public_id}/balance"
    now = said(desk.system.get(path))
    then = said(desk.system.get(path, {"at": made["created_at"].replace("T", "T", 1)}))
    before = said(desk.system.get(path, {"at": "2026-03-02T00:00:00+08:00"}))
    assert (now["ledger"], now["currency"], now["account"]) == ("4999900.00", "CNY", desk.payer.public_id)
    assert then["ledger"] in {"4999900.00", "5000000.00"}
    assert before["ledger"] == "0.00"


def test_postings_reconcile_with_transfers(desk: Desk) -> None:
    made = [
        said(desk.system.post("transfers", desk.transfer(f"{n}.00", reference=f"INV-{n}")), 201)["id"]
        for n in (1, 2, 3)
    ]
    path = f"accounts/{desk.payer.public_id}/postings"
    read, cursor = [], None
    for _page in range(2):
        page = said(desk.system.get(path, {"limit": "2", **({"cursor": cursor} if cursor else {})}))
        read += page["data"]
        cursor = page["next_cursor"]
    assert [row["transfer"] for row in read] == [*made[::-1], None]
    assert [row["reference"] for row in read] == ["INV-3", "INV-2", "INV-1", ""]
    assert [row["direction"] for row in read] == ["debit"] * 3 + ["credit"]
    assert [row["balance_after"] for row in read] == ["4999994.00", "4999997.00", "4999999.00", "5000000.00"]
    assert cursor is None


def test_another_partner_reads_the_line_and_not_whose_order_it_was(desk: Desk) -> None:
    desk.system.post("transfers", desk.transfer())
    other = System()
    give(other.partner, desk.payer, Right.READ)
    newest = said(other.get(f"accounts/{desk.payer.public_id}/postings", {"limit": "1"}))["data"][0]
    assert (newest["transfer"], newest["reference"], newest["amount"]) == (None, "", "100.00")


def test_a_posting_names_the_order_that_made_it_where_that_is_read(desk: Desk) -> None:
    world = World(desk)
    path = f"accounts/{desk.payer.public_id}/postings"
    page = said(world.owner.get(path, {"limit": "100"}))["data"]
    named = [(noun, row[noun]) for row in page for noun in ("transfer", "deposit", "withdrawal", "refund") if row[noun]]
    assert {("transfer", world.transfer), ("deposit", world.deposit), ("withdrawal", world.withdrawal)} <= set(named)
    assert ("refund", world.refund) in named
    for noun, key in named:
        at = f"transfers/{world.transfer}/refunds" if noun == "refund" else f"{noun}s"
        assert said(world.owner.get(f"{at}/{key}"))["id"] == key
    assert len(named) == len(page) - 1  # nobody here ordered the first


def test_a_postings_id_stays_and_tells_nothing_of_the_journal(desk: Desk) -> None:
    desk.system.post("transfers", desk.transfer())
    other = System()
    for account in (desk.payer, desk.payee):
        give(other.partner, account, Right.READ)
    told = [said(other.get(f"accounts/{each.public_id}/postings"))["data"] for each in (desk.payer, desk.payee)]
    found = [row["id"] for page in told for row in page]
    assert all(re.fullmatch("pst_[0-9a-z]{26}", each) for each in found)
    assert len(set(found)) == len(found) == 4
    assert [row["id"] for row in said(desk.system.get(f"accounts/{desk.payer.public_id}/postings"))["data"]] == found[
        :2
    ]


def test_a_balance_of_long_ago_is_told_with_four_digits_of_its_year(desk: Desk) -> None:
    told = said(desk.system.get(f"accounts/{desk.payer.public_id}/balance", {"at": "1900-01-01T00:00:00Z"}))
    assert (told["at"], told["ledger"]) == ("1900-01-01T00:00:00.000000Z", "0.00")
    assert instant(datetime(130, 1, 2, tzinfo=UTC)) == "0130-01-02T00:00:00.000000Z"


def test_postings_of_some_days(desk: Desk) -> None:
    desk.system.post("transfers", desk.transfer())
    path = f"accounts/{desk.payer.public_id}/postings"
    early = said(desk.system.get(path, {"to": "2026-03-02"}))["data"]
    late = said(desk.system.get(path, {"from": "2026-03-03"}))["data"]
    assert [row["direction"] for row in early] == ["credit"]
    assert [row["direction"] for row in late] == ["debit"]
