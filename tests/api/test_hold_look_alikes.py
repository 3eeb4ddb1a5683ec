"""Holds over HTTP that look like a payment or another hold: refused, unless the partner says why both are wanted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.http import HttpResponse

from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent
from tests.api.callers import System, code_of, give, said
from tests.api.conftest import Desk
from transactions import services as transaction_services
from transactions.duplicates.day import day
from transactions.models import DuplicateNote, Hold, Transaction
from transactions.services import holds

pytestmark = pytest.mark.django_db

WHY = "The guest booked two rooms"


def hold(desk: Desk, reference: str, amount: str = "55.00", *, by: System | None = None, **more: Any) -> HttpResponse:
    return (by or desk.system).post("holds", desk.transfer(amount, reference=reference, **more))


def transfer(desk: Desk, reference: str, amount: str = "55.00") -> HttpResponse:
    return desk.system.post("transfers", desk.transfer(amount, reference=reference))


def capture(desk: Desk, held: dict[str, Any], reference: str, amount: str = "55.00") -> dict[str, Any]:
    asked = {"amount": amount, "currency": "CNY", "reference": reference}
    captured: dict[str, Any] = said(desk.system.post(f"holds/{held['id']}/capture", asked), 201)
    return captured


def refused(answer: HttpResponse, twin: str) -> None:
    assert (answer.status_code, code_of(answer)) == (409, "possible_duplicate")
    assert twin in answer.content.decode()


def other_system(desk: Desk) -> System:
    other = System()
    give(other.partner, desk.payer)
    give(other.partner, desk.payee)
    return other


def notes() -> list[tuple[str, str]]:
    return list(DuplicateNote.objects.order_by("at", "id").values_list("answer", "cause"))


def test_two_holds_that_look_alike(desk: Desk) -> None:
    first = said(hold(desk, "H-1"), 201)
    refused(hold(desk, "H-2"), first["id"])
    assert Hold.objects.count() == 1
    said(hold(desk, "H-3", "55.01"), 201)
    assert notes() == [("REFUSED", "look_alike")]
    figures = day(clock.business_date()).total
    assert (figures.look_alike, figures.held, figures.came_in_again) == (1, 0, 1)


def test_a_hold_that_looks_like_a_transfer(desk: Desk) -> None:
    first = said(transfer(desk, "T-1"), 201)
    refused(hold(desk, "H-1"), first["id"])
    assert DuplicateNote.objects.get().transaction == Transaction.objects.get(external_reference="T-1")
    assert not Hold.objects.exists()


def test_a_transfer_that_looks_like_a_hold_is_held_back(desk: Desk) -> None:
    said(hold(desk, "H-1"), 201)
    told = said(transfer(desk, "T-1"), 202)
    assert (told["status"], told["possible_duplicate_of"], told["ordinal"]) == ("held", None, 2)
    said(transfer(desk, "T-2", "54.99"), 201)


def test_an_item_of_a_batch_that_looks_like_a_hold_is_held_back(desk: Desk) -> None:
    said(hold(desk, "H-1"), 201)
    items = [
        {name: value for name, value in desk.transfer(amount, reference=f"I-{amount}").items() if name != "currency"}
        for amount in ("55.00", "56.00")
    ]
    batch = said(desk.system.post("transfer-batches", {"reference": "B-1", "currency": "CNY", "items": items}), 201)
    told = said(desk.system.get(f"transfer-batches/{batch['id']}/items"))["data"]
    assert [item["status"] for item in told] == ["held", "posted"]


def test_what_was_captured_counts_for_those_that_come_after(desk: Desk) -> None:
    paid = capture(desk, said(hold(desk, "H-1"), 201), "C-1")["transfer"]
    refused(hold(desk, "H-2"), paid["id"])
    assert said(transfer(desk, "T-1"), 202)["possible_duplicate_of"] == paid["id"]


def test_with_a_reason_it_is_placed_and_is_nobody_s_twin(desk: Desk) -> None:
    said(transfer(desk, "T-1"), 201)
    genuine = said(hold(desk, "H-1", genuine_because=WHY), 201)
    assert AuditEvent.objects.get(event_type="transactions.hold.placed").detail["genuine_because"] == WHY
    assert notes() == [("CONFIRMED", "look_alike")]
    captured = capture(desk, genuine, "C-1")
    paid = Transaction.objects.get(external_reference="C-1")
    assert captured["status"] == "captured"
    assert paid.confirmed_genuine_at is not None
    first = Transaction.objects.get(external_reference="T-1")
    assert said(transfer(desk, "T-2"), 202)["ordinal"] == 2  # the first transfer only
    assert first.confirmed_genuine_at is None


def test_a_reason_that_was_not_needed_confirms_nothing(desk: Desk) -> None:
    first = said(hold(desk, "H-1", genuine_because=WHY), 201)
    refused(hold(desk, "H-2"), first["id"])


def test_a_hold_that_ended_or_whose_time_is_over_is_no_twin(desk: Desk) -> None:
    first = said(hold(desk, "H-1"), 201)
    said(desk.system.post(f"holds/{first['id']}/release", {"reason": "cancelled"}))
    said(hold(desk, "H-2"), 201)


def test_of_another_partner_s_twin_nothing_is_told(desk: Desk) -> None:
    other = other_system(desk)
    theirs = said(hold(desk, "H-1", by=other), 201)
    answer = hold(desk, "H-1")
    refused(answer, "another payment")
    assert theirs["id"] not in answer.content.decode()


@pytest.mark.parametrize("why", ["", "  ", "x" * 201])
def test_what_is_no_reason_changes_nothing(desk: Desk, why: str) -> None:
    said(hold(desk, "H-1"), 201)
    code = "text_too_long" if why.strip() else "possible_duplicate"
    assert code_of(hold(desk, "H-2", genuine_because=why)) == code
    assert Hold.objects.count() == 1


def test_one_that_cannot_be_ended_does_not_keep_the_others(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it meets with is no refusal of ours: the database says no."""
    first = said(hold(desk, "H-1"), 201)
    said(hold(desk, "H-2", "66.00"), 201)
    end = holds.end_hold

    def failing(**told: Any) -> Hold:
        if told["hold"].public_id == first["id"]:
            raise IntegrityError("hold_fixed")
        return end(**told)

    monkeypatch.setattr(holds, "end_hold", failing)
    later = clock.now() + timedelta(days=8)
    assert transaction_services.expire_due_holds(now=later, actor=Actor.system("holds")) == 1
    assert sorted(Hold.objects.values_list("state", flat=True)) == ["EXPIRED", "PENDING"]
