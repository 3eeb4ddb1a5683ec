"""Two items of one batch that look alike are treated as two single transfers would be, one after the other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.partner_access import Right
from approvals.models import ApprovalRequest
from bankops.core import clock
from tests.api.callers import code_of, give, said
from tests.api.conftest import Desk
from tests.api.test_transfer_batches import line, place, statuses, used
from tests.approvals.factories import approve_all
from tests.unchanged import nothing_changes
from transactions.models import DuplicateNote, DuplicatePolicy, State, Transaction
from transactions.verification import verify_books

pytestmark = pytest.mark.django_db


def stands(told: dict[str, Any]) -> list[str]:
    return [status for status, _code, _param in statuses(told)]


def transfer_of(desk: Desk, told: dict[str, Any], position: int) -> dict[str, Any]:
    found: dict[str, Any] = said(desk.system.get(f"transfers/{told['items'][position]['transfer']}"))
    return found


def write_policy(**terms: int) -> None:
    DuplicatePolicy.objects.create(set_at=clock.now(), **terms)


def test_the_later_of_two_is_held_and_names_the_earlier(desk: Desk) -> None:
    told = said(place(desk, line(desk, 1), line(desk, 2), line(desk, 3, "11.00")), 201)
    assert stands(told) == ["posted", "held", "posted"]
    held = transfer_of(desk, told, 1)
    assert held["possible_duplicate_of"] == told["items"][0]["transfer"]
    assert (held["held_because"], held["ordinal"]) == ("possible_duplicate", 2)
    assert DuplicateNote.objects.get(cause="look_alike").answer == "HELD"
    desk.payee.balance.refresh_from_db()
    assert (desk.payee.balance.ledger, used(desk)) == (31_00, 31_00)
    confirmed = desk.system.post(f"transfers/{held['id']}/confirm", {"reason": "two invoices"})
    assert said(confirmed, 201)["status"] == "posted"
    assert verify_books().ok


def test_two_singles_and_two_items_come_to_the_same(desk: Desk) -> None:
    singles = [desk.system.post("transfers", desk.transfer("55.00", reference=f"S-{n}")).json() for n in range(3)]  # type: ignore[attr-defined]
    told = said(place(desk, *[line(desk, n, "56.00") for n in range(3)]), 201)
    assert stands(told) == [one["status"] for one in singles] == ["posted", "held", "held"]
    items = [transfer_of(desk, told, n) for n in range(3)]
    assert [one["ordinal"] for one in items] == [one["ordinal"] for one in singles] == [None, 2, 3]


def test_those_the_policy_tolerates_are_posted(desk: Desk) -> None:
    write_policy(window_minutes=60, twins_tolerated=2, amount_within_basis_points=0, held_hours=72)
    told = said(place(desk, *[line(desk, n) for n in range(4)]), 201)
    assert stands(told) == ["posted", "posted", "posted", "held"]


def test_what_is_outside_and_what_is_inside_count_together(desk: Desk) -> None:
    write_policy(window_minutes=60, twins_tolerated=1, amount_within_basis_points=0, held_hours=72)
    said(desk.system.post("transfers", desk.transfer("10.00")), 201)
    told = said(place(desk, line(desk, 1), line(desk, 2)), 201)
    assert stands(told) == ["posted", "held"]
    assert transfer_of(desk, told, 1)["possible_duplicate_of"] == told["items"][0]["transfer"]


def test_about_the_same_amount_is_alike_where_the_policy_says_so(desk: Desk) -> None:
    write_policy(window_minutes=60, twins_tolerated=0, amount_within_basis_points=100, held_hours=72)
    told = said(place(desk, line(desk, 1, "100.00"), line(desk, 2, "101.00"), line(desk, 3, "98.00")), 201)
    assert stands(told) == ["posted", "held", "posted"]


def test_one_payee_by_two_names_is_one(desk: Desk) -> None:
    by_number: dict[str, Any] = {"from_account": desk.payer.public_id, "to_account": {"number": desk.payee.number}}
    told = said(place(desk, line(desk, 1), line(desk, 2, **by_number)), 201)
    assert stands(told) == ["posted", "held"]


def test_what_was_refused_is_no_twin(desk: Desk) -> None:
    desk.system.post("transfers", desk.transfer("1.00", reference="PAY-7"))
    told = said(place(desk, line(desk, 7, "12.00"), line(desk, 8, "12.00"), line(desk, 9, "12.00")), 201)
    assert statuses(told)[0][1] == "duplicate_reference"
    assert stands(told) == ["refused", "posted", "held"]


def test_what_the_journal_refuses_leaves_its_place_to_the_next(desk: Desk) -> None:
    """One that has 10.00 is to pay 15.00 twice: the first time it cannot, the second time it has been paid meanwhile."""
    give(desk.system.partner, desk.payee, Right.DEBIT)
    give(desk.system.partner, desk.payer, Right.CREDIT)
    poor = {"from_account": desk.payee.public_id, "to_account": desk.payer.public_id}
    told = said(place(desk, line(desk, 1, "15.00", **poor), line(desk, 2, "9.00"), line(desk, 3, "15.00", **poor)), 201)
    assert stands(told) == ["refused", "posted", "posted"]
    assert statuses(told)[0][1] == "insufficient_funds"
    assert verify_books().ok


def test_all_or_nothing_is_refused_whole(desk: Desk) -> None:
    with nothing_changes():
        answer = place(desk, line(desk, 1), line(desk, 2), all_or_nothing=True)
    assert code_of(answer) == "batch_refused"
    (complaint,) = json.loads(answer.content)["errors"]
    assert (complaint["param"], complaint["code"]) == ("items.1.reference", "possible_duplicate")


def test_reviewers_are_told_and_what_they_agree_to_is_paid(desk: Desk) -> None:
    told = said(place(desk, line(desk, 1, "2000000.00"), line(desk, 2), line(desk, 3)), 202)
    request = ApprovalRequest.objects.get()
    warnings = request.versions.get().description["warnings"]
    assert any(warning.startswith("1 look like others of this batch") for warning in warnings)
    approve_all(request)
    assert said(desk.system.get(f"transfer-batches/{told['id']}"))["counts"] == {"posted": 3}
    assert not Transaction.objects.filter(state=State.HELD).exists()
