"""Batches of transfers over HTTP: each item with an outcome of its own, all or nothing on request, and never twice."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse

from accounts.models import Account
from accounts.partner_access import Right
from approvals.models import ApprovalRequest
from approvals.services.policies import write_version
from bankops.core import clock
from partners.models import PartnerUsage
from tests.accounts.factories import OU_YAN, ledger_of, make_account
from tests.api.callers import System, code_of, give, said
from tests.api.conftest import Desk
from tests.approvals.factories import approve_all, reject
from tests.approvals.policies.documents import at_least, document
from tests.consent import as_if_consented
from tests.unchanged import nothing_changes, refused
from transactions import services as transaction_services
from transactions.models import Hold, State, Transaction, TransferBatch, TransferBatchItem
from transactions.verification import verify_books

pytestmark = pytest.mark.django_db


def line(desk: Desk, number: int, amount: str = "10.00", **more: Any) -> dict[str, Any]:
    usual = {
        "from_account": desk.payer.public_id,
        "to_account": desk.payee.public_id,
        "amount": amount,
        "reference": f"PAY-{number}",
    }
    return {**usual, **more}


def batch(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"reference": "PAYROLL-1", "currency": "CNY", "items": list(items), **more}


def place(desk: Desk, *items: dict[str, Any], **more: Any) -> HttpResponse:
    return desk.system.post("transfer-batches", batch(*items, **more))


def statuses(told: dict[str, Any]) -> list[tuple[str, str | None, str | None]]:
    return [(item["status"], item["code"], item["param"]) for item in told["items"]]


def used(desk: Desk) -> int:
    return sum(PartnerUsage.objects.filter(partner=desk.system.partner).values_list("used", flat=True))


def test_every_item_is_posted_and_says_so(desk: Desk) -> None:
    answer = place(desk, line(desk, 1, "10.00"), line(desk, 2, "20.50", narrative="November"), metadata={"run": "7"})
    told = said(answer, 201)
    assert (told["status"], told["counts"], told["item_count"]) == ("posted", {"posted": 2}, 2)
    assert (told["total"], told["posted_total"], told["metadata"]) == ("30.50", "30.50", {"run": "7"})
    assert statuses(told) == [("posted", None, None)] * 2
    assert answer["Location"] == f"/api/v1/transfer-batches/{told['id']}"
    assert ledger_of(desk.payee) == "40.50"
    assert used(desk) == 30_50
    second = said(desk.system.get(f"transfers/{told['items'][1]['transfer']}"))
    assert (second["status"], second["reference"], second["amount"]) == ("posted", "PAY-2", "20.50")
    assert second["narrative"] == "November"
    assert verify_books().ok


def test_what_cannot_be_made_does_not_disturb_the_others(desk: Desk) -> None:
    with as_if_consented():
        poor, closed = make_account("5.00"), make_account()
    Account.objects.filter(pk=closed.pk).update(status="CLOSED", closed_date="2026-01-02")
    give(desk.system.partner, poor, Right.DEBIT)
    give(desk.system.partner, closed, Right.CREDIT)
    told = said(
        place(
            desk,
            line(desk, 1),
            line(desk, 2, from_account=poor.public_id),
            line(desk, 3, to_account=desk.strange.public_id),
            line(desk, 4, to_account=desk.payer.public_id),
            line(desk, 5, to_account=closed.public_id),
            line(desk, 1, "11.00"),
            line(desk, 7, from_account=desk.strange.public_id),
            line(desk, 8, "12.00"),
        ),
        201,
    )
    assert told["status"] == "partly_posted"
    assert told["counts"] == {"posted": 2, "refused": 6}
    assert statuses(told) == [
        ("posted", None, None),
        ("refused", "insufficient_funds", "from_account"),
        ("refused", "unknown_account", "to_account"),
        ("refused", "same_account", "to_account"),
        ("refused", "payee_unavailable", "to_account"),
        ("refused", "duplicate_reference", "reference"),
        ("refused", "unknown_account", "from_account"),
        ("posted", None, None),
    ]
    assert (ledger_of(desk.payee), used(desk)) == ("32.00", 22_00)
    assert desk.strange.number not in json.dumps(told)


def test_staff_read_the_true_reason(desk: Desk) -> None:
    with as_if_consented():
        closed = make_account()
    Account.objects.filter(pk=closed.pk).update(status="CLOSED", closed_date="2026-01-02")
    give(desk.system.partner, closed, Right.CREDIT)
    place(desk, line(desk, 1), line(desk, 2, to_account=closed.public_id))
    assert TransferBatchItem.objects.get(position=1).code == "account_closed"


def test_all_or_nothing_moves_nothing_and_names_the_items(desk: Desk) -> None:
    with nothing_changes():
        answer = place(
            desk,
            line(desk, 1),
            line(desk, 2, "9999999.00"),
            line(desk, 3, to_account="acc_" + "0" * 26),
            all_or_nothing=True,
        )
    assert (answer.status_code, code_of(answer)) == (422, "batch_refused")
    told = json.loads(answer.content)
    assert [(one["param"], one["code"]) for one in told["errors"]] == [("items.2.to_account", "unknown_account")]
    with nothing_changes():
        answer = place(desk, line(desk, 1), line(desk, 2, "4999995.00"), all_or_nothing=True)
    assert code_of(answer) == "batch_refused"
    told = json.loads(answer.content)
    assert [(one["param"], one["code"]) for one in told["errors"]] == [("items.1.from_account", "insufficient_funds")]


def test_all_or_nothing_posts_all(desk: Desk) -> None:
    told = said(place(desk, line(desk, 1), line(desk, 2, "20.00"), all_or_nothing=True), 201)
    assert (told["status"], told["all_or_nothing"]) == ("posted", True)
    assert ledger_of(desk.payee) == "40.00"


def test_the_same_key_is_the_same_batch_to_the_byte(desk: Desk) -> None:
    body = batch(line(desk, 1), line(desk, 2, "20.00"))
    first = desk.system.post("transfer-batches", body, key="k-1")
    with nothing_changes():
        again = desk.system.post("transfer-batches", body, key="k-1")
    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (201, first.content, "true")
    assert ledger_of(desk.payee) == "40.00"


def test_the_same_batch_reference_is_refused_for_ever(desk: Desk) -> None:
    told = said(place(desk, line(desk, 1)), 201)
    answer = place(desk, line(desk, 2, "20.00"))
    assert (answer.status_code, code_of(answer)) == (409, "duplicate_reference")
    assert json.loads(answer.content)["context"]["transaction"] == told["id"]
    assert ledger_of(desk.payee) == "20.00"


def test_references_are_used_once_in_batches_and_out_of_them(desk: Desk) -> None:
    desk.system.post("transfers", desk.transfer("1.00", reference="PAY-1"))
    told = said(place(desk, line(desk, 1), line(desk, 2)), 201)
    assert statuses(told) == [("refused", "duplicate_reference", "reference"), ("posted", None, None)]
    answer = desk.system.post("transfers", desk.transfer("2.00", reference="PAY-2"))
    assert (answer.status_code, code_of(answer)) == (409, "duplicate_reference")
    again = said(place(desk, line(desk, 2), line(desk, 3, "30.00"), reference="PAYROLL-2"), 201)
    assert statuses(again) == [("refused", "duplicate_reference", "reference"), ("posted", None, None)]


def test_what_was_refused_may_be_sent_again(desk: Desk) -> None:
    told = said(place(desk, line(desk, 1, "4999000.00"), line(desk, 2)), 202)
    assert told["status"] == "awaiting_approval"
    desk.system.post(f"transfer-batches/{told['id']}/cancel", {"reason": "wrong month"})
    answer = desk.system.post("transfers", desk.transfer("2.00", reference="PAY-2"))
    assert code_of(answer) == "duplicate_reference"  # it waited, and is used for ever
    with as_if_consented():
        poor = make_account("5.00")
    give(desk.system.partner, poor, Right.DEBIT)
    refused = said(place(desk, line(desk, 3, from_account=poor.public_id), reference="PAYROLL-2"), 201)
    assert (refused["status"], refused["counts"]) == ("refused", {"refused": 1})
    assert said(place(desk, line(desk, 3), reference="PAYROLL-3"), 201)["status"] == "posted"


def test_what_looks_like_something_outside_is_held(desk: Desk) -> None:
    twin = said(desk.system.post("transfers", desk.transfer("10.00")), 201)
    told = said(place(desk, line(desk, 1), line(desk, 2, "20.00"), line(desk, 3, "30.00")), 201)
    assert [item["status"] for item in told["items"]] == ["held", "posted", "posted"]
    assert (told["status"], told["counts"]) == ("partly_posted", {"held": 1, "posted": 2})
    held = said(desk.system.get(f"transfers/{told['items'][0]['transfer']}"))
    assert (held["held_because"], held["possible_duplicate_of"]) == ("possible_duplicate", twin["id"])
    assert used(desk) == 70_00
    confirmed = desk.system.post(f"transfers/{held['id']}/confirm", {"reason": "two invoices"})
    assert said(confirmed, 201)["status"] == "posted"
    now = said(desk.system.get(f"transfer-batches/{told['id']}"))
    assert (now["status"], now["counts"], now["posted_total"]) == ("posted", {"posted": 3}, "60.00")


def test_a_batch_sent_again_under_new_names_is_held_whole(desk: Desk) -> None:
    place(desk, line(desk, 1), line(desk, 2, "20.00"))
    told = said(place(desk, line(desk, 3), line(desk, 4, "20.00"), reference="PAYROLL-2"), 202)
    assert (told["status"], told["counts"], told["posted_total"]) == ("held", {"held": 2}, "0.00")
    assert ledger_of(desk.payee) == "40.00"
    assert said(desk.system.get(f"transfer-batches/{told['id']}"))["status"] == "held"


def test_all_or_nothing_does_not_hold_back_in_part(desk: Desk) -> None:
    desk.system.post("transfers", desk.transfer("10.00"))
    answer = place(desk, line(desk, 1), line(desk, 2, "20.00"), all_or_nothing=True)
    assert code_of(answer) == "batch_refused"
    assert json.loads(answer.content)["errors"][0]["code"] == "possible_duplicate"
    assert ledger_of(desk.payee) == "20.00"


def test_a_large_one_waits_for_two_reviewers_and_is_then_made_whole(desk: Desk) -> None:
    told = said(place(desk, line(desk, 1, "2000000.00"), line(desk, 2, "30000.00"), line(desk, 3, "1.00")), 202)
    assert (told["status"], told["counts"]) == ("awaiting_approval", {"awaiting_approval": 3})
    assert told["approval"]["waiting_for"] == "bank"
    desk.payer.balance.refresh_from_db()
    assert (desk.payer.balance.held, ledger_of(desk.payee)) == (2_030_001_00, "10.00")
    assert used(desk) == 2_030_001_00
    request = ApprovalRequest.objects.get()
    assert (request.operation, request.amount) == ("transactions.transfer_batch", 2_030_001_00)
    approve_all(request)
    now = said(desk.system.get(f"transfer-batches/{told['id']}"))
    assert (now["status"], now["counts"], now["approval"]) == ("posted", {"posted": 3}, None)
    assert ledger_of(desk.payee) == "2030011.00"
    desk.payer.balance.refresh_from_db()
    assert desk.payer.balance.held == 0
    assert verify_books().ok


def test_reviewers_read_totals_first_lines_and_what_stands_out(desk: Desk) -> None:
    desk.system.post("transfers", desk.transfer("10.00"))
    items = [line(desk, number, f"{5000 + number}.00") for number in range(12)]
    place(desk, *items, line(desk, 20), line(desk, 21, from_account=desk.strange.public_id))
    told = ApprovalRequest.objects.get().versions.get().description
    assert "13 transfers" in told["summary"]
    assert "CNY 60,076.00" in told["summary"]
    labels = [change[0] for change in told["changes"]]
    assert labels[0].startswith("Balance of")
    assert "Transfer 1 (PAY-0)" in labels
    assert labels[-1] == "3 more transfers"
    warnings = " ".join(told["warnings"])
    assert "The largest is number 12 (PAY-11) of CNY 5,011.00" in warnings
    assert "1 of its transfers were refused" in warnings
    assert "1 look like payments made" in warnings


@pytest.mark.parametrize("how", ["rejected", "cancelled"])
def test_what_ends_undecided_gives_everything_back(desk: Desk, how: str) -> None:
    told = said(place(desk, line(desk, 1, "2000000.00"), line(desk, 2)), 202)
    if how == "rejected":
        reject(ApprovalRequest.objects.get())
    else:
        assert said(desk.system.post(f"{told['links']['cancel']}", {"reason": "too early"}))["status"] == "cancelled"
    now = said(desk.system.get(f"transfer-batches/{told['id']}"))
    assert (now["status"], now["counts"]) == (how, {how: 2})
    desk.payer.balance.refresh_from_db()
    assert (desk.payer.balance.held, used(desk), ledger_of(desk.payee)) == (0, 0, "10.00")
    answer = desk.system.post(f"transfer-batches/{told['id']}/cancel", {"reason": "once more"})
    assert (answer.status_code, code_of(answer)) == (409, "batch_not_cancellable")


def test_rights_are_asked_again_when_reviewers_have_agreed(desk: Desk) -> None:
    with as_if_consented():
        other = make_account("100000.00")
    give(desk.system.partner, other, Right.DEBIT)
    told = said(place(desk, line(desk, 1, "60000.00"), line(desk, 2, from_account=other.public_id)), 202)
    other.partner_grants.all().delete()
    approve_all(ApprovalRequest.objects.get())
    page = said(desk.system.get(f"transfer-batches/{told['id']}/items"))
    assert [(item["status"], item["code"]) for item in page["data"]] == [
        ("posted", None),
        ("refused", "unknown_account"),
    ]
    assert used(desk) == 60_000_00
    other.balance.refresh_from_db()
    assert other.balance.held == 0


def test_what_a_waiting_batch_holds_is_nobody_else_s_to_give_back(desk: Desk) -> None:
    place(desk, line(desk, 1, "60000.00"))
    hold = Hold.objects.get()
    with refused("hold_belongs_to_batch"):
        transaction_services.void_hold(hold_id=hold.pk, reason="by mistake", actor=OU_YAN, now=hold.placed_at)


def test_a_batch_that_waits_must_be_covered_item_by_item(desk: Desk) -> None:
    told = said(place(desk, line(desk, 1, "3000000.00"), line(desk, 2, "2000001.00"), line(desk, 3, "2000000.00")), 202)
    assert statuses(told) == [
        ("awaiting_approval", None, None),
        ("refused", "insufficient_funds", "from_account"),
        ("awaiting_approval", None, None),
    ]
    assert told["counts"] == {"awaiting_approval": 2, "refused": 1}
    assert used(desk) == 5_000_000_00


def test_where_nothing_is_left_to_wait_for_nobody_is_asked(desk: Desk) -> None:
    told = said(place(desk, line(desk, 1, "6000000.00")), 201)
    assert (told["status"], told["counts"]) == ("refused", {"refused": 1})
    assert not ApprovalRequest.objects.exists()
    assert used(desk) == 0


def test_a_policy_for_single_transfers_counts_inside_a_batch(desk: Desk) -> None:
    assert said(place(desk, line(desk, 1, "30000.00")), 201)["status"] == "posted"
    with as_if_consented(), transaction.atomic():
        write_version(
            name="Single transfers",
            definition=document(blocks=[[at_least("30000.00 CNY")]]),
            actor=OU_YAN,
            reason="Board",
            now=clock.now(),
        )
    told = said(place(desk, line(desk, 2, "30001.00"), line(desk, 3), reference="PAYROLL-2"), 202)
    assert told["status"] == "awaiting_approval"
    fired = ApprovalRequest.objects.get().versions.get().fired
    assert [one["policy_name"] for one in fired] == ["Single transfers"]


def test_beyond_the_partner_s_limits_nothing_of_it_is_moved(desk: Desk) -> None:
    system = System(limits={"CNY": (50_00, 80_00)})
    for account in (desk.payer, desk.payee):
        give(system.partner, account)
    for items in ([line(desk, 1, "50.01")], [line(desk, 1, "41.00"), line(desk, 2, "39.01")]):
        with nothing_changes():
            answer = system.post("transfer-batches", batch(*items))
        assert (answer.status_code, code_of(answer)) == (422, "partner_limit_exceeded")
    told = said(system.post("transfer-batches", batch(line(desk, 1, "41.00"), line(desk, 2, "39.00"))), 201)
    assert told["status"] == "posted"


def test_another_partner_s_batch_is_not_there(desk: Desk) -> None:
    told = said(place(desk, line(desk, 1, "60000.00")), 202)
    other = System()
    give(other.partner, desk.payer)
    answers = [
        other.get(f"transfer-batches/{told['id']}"),
        other.get(f"transfer-batches/{told['id']}/items"),
        other.post(f"transfer-batches/{told['id']}/cancel", {"reason": "mine?"}),
        other.get("transfer-batches/bat_nothing"),
    ]
    assert [(answer.status_code, code_of(answer)) for answer in answers] == [(404, "not_found")] * 4
    assert said(other.get("transfer-batches"))["data"] == []


def test_batches_and_items_are_read_in_pages(desk: Desk) -> None:
    made = []
    for number in range(3):
        items = [line(desk, 10 * number + place, f"{10 * number + place + 1}.00") for place in range(3)]
        made.append(said(place(desk, *items, reference=f"PAYROLL-{number}"), 201)["id"])
    page = said(desk.system.get("transfer-batches", {"limit": "2"}))
    assert [row["id"] for row in page["data"]] == made[:0:-1]
    rest = said(desk.system.get("transfer-batches", {"limit": "2", "cursor": page["next_cursor"]}))
    assert ([row["id"] for row in rest["data"]], rest["has_more"]) == (made[:1], False)
    items = said(desk.system.get(f"transfer-batches/{made[0]}/items", {"limit": "2"}))
    assert [row["position"] for row in items["data"]] == [0, 1]
    more = said(desk.system.get(f"transfer-batches/{made[0]}/items", {"limit": "2", "cursor": items["next_cursor"]}))
    assert ([row["position"] for row in more["data"]], more["next_cursor"]) == ([2], None)
    assert more["data"][0]["amount"] == "3.00"


@pytest.mark.parametrize(("status", "positions"), [("posted", [0]), ("refused", [1]), ("held", [2]), ("expired", [])])
def test_items_are_narrowed_by_status(desk: Desk, status: str, positions: list[int]) -> None:
    desk.system.post("transfers", desk.transfer("30.00"))
    told = said(
        place(desk, line(desk, 1), line(desk, 2, to_account=desk.strange.public_id), line(desk, 3, "30.00")), 201
    )
    found = said(desk.system.get(f"transfer-batches/{told['id']}/items", {"status": status}))["data"]
    assert [row["position"] for row in found] == positions
    assert {row["status"] for row in found} <= {status}


def test_what_is_answered_at_once_is_what_is_read_later(desk: Desk) -> None:
    told = said(place(desk, line(desk, 1), line(desk, 2, to_account=desk.strange.public_id)), 201)
    read = said(desk.system.get(f"transfer-batches/{told['id']}"))
    assert {**read, "items": told["items"]} == told
    assert said(desk.system.get(f"transfer-batches/{told['id']}/items"))["data"] == told["items"]


def test_a_payee_can_be_named_by_number_and_is_told_so(desk: Desk) -> None:
    system = System(may_credit_any=True)
    give(system.partner, desk.payer)
    number = f"{desk.strange.number[:4]} {desk.strange.number[4:]}"
    told = said(system.post("transfer-batches", batch(line(desk, 1, to_account={"number": number}))), 201)
    assert (told["status"], told["items"][0]["to_account"]) == ("posted", number)
    read = system.get(f"transfers/{told['items'][0]['transfer']}").content.decode()
    assert number in read
    assert desk.strange.public_id not in read
    items = line(desk, 2), line(desk, 3, "2.00", to_account=desk.strange.public_id)
    by_id = said(system.post("transfer-batches", batch(*items, reference="P-2")), 201)
    assert statuses(by_id) == [("refused", "unknown_account", "to_account")] * 2


@pytest.mark.parametrize(
    ("item", "param", "code"),
    [
        ({"amount": 10}, "items.1.amount", "amount_not_a_string"),
        ({"amount": "10.001"}, "items.1.amount", "amount_too_precise"),
        ({"amount": "-1.00"}, "items.1.amount", "invalid_amount"),
        ({"amount": "1e3"}, "items.1.amount", "invalid_amount"),
        ({"amount": "0.00"}, "items.1.amount", "amount_not_positive"),
        ({"amount": None}, "items.1.amount", "field_required"),
        ({"reference": ""}, "items.1.reference", "field_required"),
        ({"reference": "x" * 36}, "items.1.reference", "text_too_long"),
        ({"reference": 7}, "items.1.reference", "field_invalid"),
        ({"narrative": "x" * 201}, "items.1.narrative", "text_too_long"),
        ({"from_account": "tr_1"}, "items.1.from_account", "invalid_id"),
        ({"from_account": 3}, "items.1.from_account", "field_invalid"),
        ({"to_account": {"iban": "x"}}, "items.1.to_account", "field_invalid"),
        ({"status": "posted"}, "items.1.status", "unknown_field"),
        ({"currency": "USD"}, "items.1.currency", "unknown_field"),
    ],
)
def test_an_item_that_is_not_one_refuses_the_request(desk: Desk, item: dict[str, Any], param: str, code: str) -> None:
    with nothing_changes():
        answer = place(desk, line(desk, 1), line(desk, 2, **item))
    told = json.loads(answer.content)
    assert (answer.status_code, code_of(answer), told["param"]) == (422, code, param)


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"items": []}, "items", "field_required"),
        ({"items": {}}, "items", "field_invalid"),
        ({"items": [3]}, "items.0", "field_invalid"),
        ({"currency": "XXX"}, "currency", "unknown_currency"),
        ({"all_or_nothing": "yes"}, "all_or_nothing", "field_invalid"),
        ({"approved_by": "me"}, "approved_by", "unknown_field"),
        ({"metadata": {"A": 1}}, "metadata", "metadata_unacceptable"),
    ],
)
def test_a_batch_that_is_not_one_is_refused(desk: Desk, body: dict[str, Any], param: str, code: str) -> None:
    with nothing_changes():
        answer = place(desk, **{"reference": "P-1", **body}) if "items" in body else place(desk, line(desk, 1), **body)
    told = json.loads(answer.content)
    assert (answer.status_code, code_of(answer), told["param"]) == (422, code, param)


def test_a_thousand_items_are_taken_and_one_more_is_not(desk: Desk) -> None:
    items = [line(desk, number, f"{number // 100 + 1}.{number % 100:02d}") for number in range(1001)]
    with nothing_changes():
        answer = place(desk, *items)
    assert (answer.status_code, code_of(answer), json.loads(answer.content)["param"]) == (
        422,
        "batch_too_large",
        "items",
    )
    told = said(place(desk, *items[:1000]), 201)
    assert (told["status"], told["counts"], len(told["items"])) == ("posted", {"posted": 1000}, 1000)
    assert Transaction.objects.filter(state=State.POSTED, partner=desk.system.partner).count() == 1000
    assert TransferBatch.objects.get().item_count == 1000
    assert verify_books().ok


def test_a_partner_without_any_right_to_the_payers_is_told_nothing(desk: Desk) -> None:
    desk.system.post("transfer-batches", batch(line(desk, 1)), key="k-1")
    desk.payer.partner_grants.all().delete()
    answer = desk.system.post("transfer-batches", batch(line(desk, 1)), key="k-1")
    told = json.loads(answer.content)
    assert (answer.status_code, told["code"], told["param"]) == (422, "unknown_account", "items.0.from_account")


def test_the_scope_of_batches_is_its_own(desk: Desk) -> None:
    other = System(desk.system.partner, "transfers:write", "transfers:read")
    answer = other.post("transfer-batches", batch(line(desk, 1)))
    assert (answer.status_code, code_of(answer)) == (403, "scope_missing")
