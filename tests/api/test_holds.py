"""Holds over HTTP: announced, captured once, released, and counted against the partner from the start."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse

from accounts import services as account_services
from accounts.models import LimitChannel, LimitPeriod
from accounts.partner_access import Right
from accounts.services import LimitDraft
from approvals.models import ApprovalRequest
from bankops.core import clock
from bankops.core.actor import Actor
from partners.models import PartnerLimit, PartnerUsage
from tests.accounts.factories import TANG_LING, cny
from tests.api.callers import System, code_of, give, said
from tests.api.conftest import Desk
from tests.approvals.factories import approve_all, policy
from tests.consent import as_if_consented
from tests.unchanged import nothing_changes
from transactions import services as transaction_services
from transactions.models import Channel, Hold, HoldPurpose, Transaction

pytestmark = pytest.mark.django_db


def body(desk: Desk, amount: str = "100.00", **more: Any) -> dict[str, Any]:
    return desk.transfer(amount, **{"reference": "HLD-1", **more})


def place(desk: Desk, amount: str = "100.00", **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = said(desk.system.post("holds", body(desk, amount, **more)), 201)
    return told


def capture(desk: Desk, hold: dict[str, Any], amount: str = "100.00", **more: Any) -> HttpResponse:
    asked = {"amount": amount, "currency": "CNY", "reference": "CAP-1", **more}
    return desk.system.post(f"holds/{hold['id']}/capture", asked)


def release(desk: Desk, hold: dict[str, Any]) -> HttpResponse:
    return desk.system.post(f"holds/{hold['id']}/release", {"reason": "order cancelled"})


def money(desk: Desk) -> tuple[int, int, int]:
    """Return what the payer has, what of it is held, and what the payee has."""
    for account in (desk.payer, desk.payee):
        account.balance.refresh_from_db()
    return desk.payer.balance.ledger, desk.payer.balance.held, desk.payee.balance.ledger


def used(desk: Desk) -> int:
    return sum(PartnerUsage.objects.filter(partner=desk.system.partner).values_list("used", flat=True))


def test_money_is_held_and_says_so(desk: Desk) -> None:
    answer = desk.system.post("holds", body(desk, narrative="room 12"))
    told = said(answer, 201)
    assert (told["object"], told["status"], told["amount"]) == ("hold", "pending", "100.00")
    assert (told["captured"], told["transfer"], told["approval"]) == (None, None, None)
    assert (told["reference"], told["narrative"]) == ("HLD-1", "room 12")
    assert answer["Location"] == f"/api/v1/holds/{told['id']}"
    assert said(desk.system.get(answer["Location"])) == told
    assert money(desk) == (5_000_000_00, 100_00, 10_00)
    assert used(desk) == 100_00
    hold = Hold.objects.get()
    assert (hold.partner_id, hold.purpose, hold.external_reference) == (
        desk.system.partner.pk,
        HoldPurpose.PAYMENT,
        "HLD-1",
    )
    assert hold.ends_at == hold.placed_at + timedelta(days=7)


def test_captured_in_full(desk: Desk) -> None:
    hold = place(desk)
    told = said(capture(desk, hold), 201)
    assert (told["status"], told["captured"]) == ("captured", "100.00")
    assert (told["transfer"]["status"], told["transfer"]["reference"]) == ("posted", "CAP-1")
    assert money(desk) == (4_999_900_00, 0, 110_00)
    assert used(desk) == 100_00
    read = said(desk.system.get(f"holds/{hold['id']}"))
    assert read["transfer"] == told["transfer"]["id"]
    assert said(desk.system.get(f"transfers/{read['transfer']}")) == told["transfer"]
    assert Transaction.objects.get(external_reference="CAP-1").channel == Channel.PARTNER


def test_captured_in_part_the_rest_is_free_again(desk: Desk) -> None:
    hold = place(desk)
    assert said(capture(desk, hold, "30.00"), 201)["captured"] == "30.00"
    assert money(desk) == (4_999_970_00, 0, 40_00)
    assert used(desk) == 30_00
    again = capture(desk, hold, "30.00", reference="CAP-2")
    assert (again.status_code, code_of(again)) == (409, "hold_captured_already")


def test_released_it_is_free_again(desk: Desk) -> None:
    hold = place(desk)
    assert said(release(desk, hold))["status"] == "released"
    assert money(desk) == (5_000_000_00, 0, 10_00)
    assert used(desk) == 0
    assert code_of(capture(desk, hold)) == "hold_voided"
    assert code_of(release(desk, hold)) == "hold_not_pending"


def test_its_time_over_it_has_expired(desk: Desk) -> None:
    hold = place(desk, expires_at=(clock.now() + timedelta(minutes=5)).isoformat())
    later = clock.now() + timedelta(minutes=6)
    assert transaction_services.expire_due_holds(now=later, actor=Actor.system("holds")) == 1
    assert said(desk.system.get(f"holds/{hold['id']}"))["status"] == "expired"
    assert code_of(capture(desk, hold)) == "hold_expired"
    assert (money(desk)[1], used(desk)) == (0, 0)


@pytest.mark.parametrize(
    ("more", "code", "param"),
    [
        ({"expires_at": "2026-01-01T00:00:00Z"}, "hold_ends_in_the_past", "expires_at"),
        ({"expires_at": "2999-01-01T00:00:00Z"}, "hold_ends_too_late", "expires_at"),
        ({"expires_at": "tomorrow"}, "field_invalid", "expires_at"),
        ({"amount": "6000000.00"}, "insufficient_funds", "from_account"),
        ({"currency": "USD"}, "currency_mismatch", "from_account"),
        ({"amount": "0.00"}, "amount_not_positive", "amount"),
        ({"purpose": "MANUAL"}, "unknown_field", "purpose"),
        ({"captured": "1.00"}, "unknown_field", "captured"),
        ({"metadata": []}, "metadata_unacceptable", "metadata"),
    ],
)
def test_what_is_refused(desk: Desk, more: dict[str, Any], code: str, param: str) -> None:
    with nothing_changes():
        answer = desk.system.post("holds", {**body(desk), **more})
    assert (answer.status_code, code_of(answer), answer.json().get("param", "")) == (422, code, param)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"amount": "100.01"}, (422, "capture_too_large", "")),
        ({"currency": "USD"}, (422, "currency_mismatch", "currency")),
        ({"reference": "INV-1"}, (409, "duplicate_reference", "")),
        ({"reference": " "}, (422, "field_required", "reference")),
    ],
)
def test_what_is_not_captured_stays_held(desk: Desk, more: dict[str, Any], expected: tuple[int, str, str]) -> None:
    desk.system.post("transfers", desk.transfer("7.00"))
    hold = place(desk)
    with nothing_changes():
        answer = capture(desk, hold, **{"amount": "10.00", **more})
    assert (answer.status_code, code_of(answer), answer.json().get("param", "")) == expected  # type: ignore[attr-defined]
    assert money(desk)[1] == 100_00


def test_a_reference_is_used_once_whatever_became_of_the_hold(desk: Desk) -> None:
    hold = place(desk)
    release(desk, hold)
    answer = desk.system.post("holds", body(desk, "5.00"))
    assert (answer.status_code, code_of(answer)) == (409, "duplicate_reference")
    assert hold["id"] in answer.content.decode()
    other = System()
    give(other.partner, desk.payer)
    give(other.partner, desk.payee)
    assert other.post("holds", body(desk, "5.00")).status_code == 201


def test_a_hold_counts_against_limits_of_the_partners_channel(desk: Desk) -> None:
    with as_if_consented():
        account_services.set_limits(
            account_id=desk.payer.pk,
            limits=[LimitDraft(LimitChannel.PARTNER, LimitPeriod.DAILY, cny("150.00"))],
            reason="agreed", actor=TANG_LING, now=clock.now(),
        )  # fmt: skip
    place(desk)
    answer = desk.system.post("holds", {**body(desk, "60.00"), "reference": "HLD-2"})
    assert (answer.status_code, code_of(answer)) == (422, "limit_exceeded")
    staff = {"account_id": desk.payer.pk, "payee_id": desk.payee.pk, "purpose": HoldPurpose.PAYMENT}
    transaction_services.place_hold(**staff, amount=cny("60.00"), actor=TANG_LING, now=clock.now())  # type: ignore[arg-type]


def test_beyond_its_own_limits_a_partner_holds_nothing(desk: Desk) -> None:
    system = System(limits={"CNY": (50_00, 80_00)})
    give(system.partner, desk.payer)
    give(system.partner, desk.payee)
    with nothing_changes():
        answer = system.post("holds", body(desk, "50.01"))
    assert (answer.status_code, code_of(answer)) == (422, "partner_limit_exceeded")


def test_a_capture_that_waits_keeps_the_money_held(desk: Desk) -> None:
    policy(name="Captures", operations=["transactions.capture_hold"])
    hold = place(desk)
    told = said(capture(desk, hold, "60.00"), 202)
    assert (told["status"], told["transfer"], told["approval"]["waiting_for"]) == ("pending", None, "bank")
    assert money(desk) == (5_000_000_00, 100_00, 10_00)
    approve_all(ApprovalRequest.objects.get())
    read = said(desk.system.get(f"holds/{hold['id']}"))
    assert (read["status"], read["captured"], read["approval"]) == ("captured", "60.00", None)
    assert (money(desk), used(desk)) == ((4_999_940_00, 0, 70_00), 60_00)


def test_released_while_its_capture_waits_the_request_is_stale(desk: Desk) -> None:
    policy(name="Captures", operations=["transactions.capture_hold"])
    hold = place(desk)
    said(capture(desk, hold, "60.00"), 202)
    assert said(release(desk, hold))["status"] == "released"
    approve_all(ApprovalRequest.objects.get())
    assert ApprovalRequest.objects.get().state == "STALE"
    assert (money(desk), used(desk)) == ((5_000_000_00, 0, 10_00), 0)


def test_rights_are_asked_again_when_it_is_captured(desk: Desk) -> None:
    hold = place(desk)
    desk.payer.partner_grants.all().delete()
    with nothing_changes():
        answer = capture(desk, hold)
    assert (answer.status_code, code_of(answer)) == (422, "unknown_account")
    assert said(release(desk, hold))["status"] == "released"


def test_another_partner_s_hold_is_not_there(desk: Desk) -> None:
    hold = place(desk)
    other = System()
    give(other.partner, desk.payer)
    give(other.partner, desk.payee)
    for answer in (
        other.get(f"holds/{hold['id']}"),
        other.post(f"holds/{hold['id']}/release", {"reason": "mine?"}),
        other.post(f"holds/{hold['id']}/capture", {"amount": "1.00", "currency": "CNY", "reference": "X"}),
    ):
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
    assert said(other.get("holds"))["data"] == []
    assert money(desk)[1] == 100_00


def test_a_hold_of_the_bank_s_own_is_not_there(desk: Desk) -> None:
    placed = transaction_services.place_hold(
        account_id=desk.payer.pk, amount=cny("5.00"), purpose=HoldPurpose.MANUAL, actor=TANG_LING, now=clock.now()
    )
    assert code_of(desk.system.get(f"holds/{placed.public_id}")) == "not_found"


def test_a_list_is_narrowed_and_paged(desk: Desk) -> None:
    first = place(desk)
    for number in (2, 3):
        desk.system.post("holds", {**body(desk, f"{number}.00"), "reference": f"HLD-{number}"})
    release(desk, first)
    assert [row["id"] for row in said(desk.system.get("holds", {"status": "released"}))["data"]] == [first["id"]]
    assert len(said(desk.system.get("holds", {"status": "pending"}))["data"]) == 2
    assert len(said(desk.system.get("holds", {"reference": "HLD-2"}))["data"]) == 1
    page = said(desk.system.get("holds", {"limit": "2"}))
    rest = said(desk.system.get("holds", {"limit": "2", "cursor": page["next_cursor"]}))
    assert [row["reference"] for row in page["data"] + rest["data"]] == ["HLD-3", "HLD-2", "HLD-1"]


def test_the_transfer_is_expanded_with_its_accounts(desk: Desk) -> None:
    hold = place(desk)
    capture(desk, hold)
    read = said(desk.system.get(f"holds/{hold['id']}", {"expand": "from_account,transfer.from_account"}))
    assert read["from_account"]["number"] == desk.payer.number
    assert read["transfer"]["from_account"]["number"] == desk.payer.number
    assert read["transfer"]["to_account"] == desk.payee.public_id


def test_a_payee_named_by_number_is_told_back_so(desk: Desk) -> None:
    system = System(may_credit_any=True)
    give(system.partner, desk.payer, Right.DEBIT)
    answer = system.post("holds", body(desk, to_account={"number": desk.strange.number}))
    assert said(answer, 201)["to_account"] == desk.strange.number
    assert desk.strange.public_id not in answer.content.decode()


def test_a_policy_for_transfers_counts_for_a_capture(desk: Desk) -> None:
    policy(name="Transfers", operations=["transactions.transfer"])
    told = said(capture(desk, place(desk)), 202)
    assert (told["status"], told["approval"]["waiting_for"]) == ("pending", "bank")


def test_no_more_is_captured_than_the_partner_may_move_at_once_by_now(desk: Desk) -> None:
    hold = place(desk)
    limits = PartnerLimit.objects.filter(partner=desk.system.partner, currency="CNY")
    limits.update(per_transaction=30_00)
    with nothing_changes():
        answer = capture(desk, hold, "30.01")
    assert code_of(answer) == "partner_limit_exceeded"
    said(capture(desk, hold, "30.00"), 201)
    other = place(desk, "20.00", reference="HLD-2")
    limits.delete()
    with nothing_changes():
        answer = capture(desk, other, "20.00", reference="CAP-2")
    assert code_of(answer) == "partner_limit_missing"
