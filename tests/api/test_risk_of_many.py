"""Items of batches and captures of holds that risk stops come to what a single transfer would."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.models import PartnerUsage
from risk.models import Alert, Assessment, MovedMoney, VelocityTail
from risk.outcomes import Outcome
from risk.selectors.assessments import facts_kept
from staff.models import Branch
from tests.accounts.factories import ledger_of
from tests.api.callers import code_of, said
from tests.api.conftest import Desk
from tests.api.test_transfer_batches import line, place, statuses
from tests.approvals.factories import approve_all
from tests.risk.assessment.movements import active
from tests.transactions.risk_cases import analyst, ask_release, said_of, stopping
from transactions.models import Hold, State, Transaction, TransferBatch
from transactions.services.risk_checks import assess_order
from transactions.verification import verify_books

pytestmark = pytest.mark.django_db


def available(row: Transaction) -> str:
    """Return what risk was told that the payer could spend before a payment."""
    told = facts_kept(row.public_id)
    assert told is not None
    return str(told.payer.available)


def of_batch(desk: Desk) -> Any:
    return Transaction.objects.filter(partner=desk.system.partner)


def test_items_are_posted_held_and_declined_each_for_itself(desk: Desk, branch: Branch) -> None:
    stopping()
    active("declined", 'amount == money("9.99 CNY")', outcome=Outcome.DECLINE)
    told = said(place(desk, line(desk, 1, "20.00"), line(desk, 2, "666.00"), line(desk, 3, "9.99")), 201)
    assert [(status, code) for status, code, _param in statuses(told)] == [
        ("posted", None),
        ("held", None),
        ("refused", "payment_declined"),
    ]
    assert sorted(of_batch(desk).values_list("state", flat=True)) == ["DECLINED", "HELD", "POSTED"]
    posted, held = of_batch(desk).get(state=State.POSTED), of_batch(desk).get(state=State.HELD)
    (seen,) = MovedMoney.objects.filter(channel="partner")
    assert (seen.pk, seen.payee, seen.amount) == (posted.pk, desk.payee.public_id, 2_000)
    assert available(posted) == "5000000.00"
    assert said(desk.system.get(f"transfers/{held.public_id}"))["status"] == "under_review"
    assert sorted(
        Assessment.objects.filter(movement__in=[one.public_id for one in of_batch(desk)]).values_list(
            "outcome", flat=True
        )
    ) == [
        "APPROVE",
        "BLOCK_AND_REVIEW",
        "DECLINE",
    ]
    assert (Alert.objects.count(), VelocityTail.objects.filter(kind="payer").count()) == (2, 1)
    assert approve_all(ask_release(held, analyst(branch)).request).state == "EXECUTED"
    assert (ledger_of(desk.payee), verify_books().ok) == ("696.00", True)


def test_one_that_is_all_or_nothing_is_refused_whole(desk: Desk) -> None:
    stopping()
    for times in (1, 2):
        answer = place(desk, line(desk, 1, "20.00"), line(desk, 2, "666.00"), all_or_nothing=True)
        assert (answer.status_code, code_of(answer)) == (422, "batch_refused")
        assert (of_batch(desk).count(), ledger_of(desk.payee)) == (0, "10.00")
        (alert,) = Alert.objects.all()
        assert (alert.stopped, alert.amount, alert.movement_id, alert.raised_count) == (True, 66_600, "", times)
        assert [reason.code for reason in alert.reasons.all()] == ["number_of_the_beast"]
    assert not MovedMoney.objects.filter(channel="partner").exists()


def test_one_that_waited_and_is_stopped_when_it_is_carried_out_is_refused_whole_with_an_alert(
    desk: Desk,
) -> None:
    active("known_since", 'amount == money("666 CNY") and count(payer, "24h") >= 1', outcome=Outcome.BLOCK_AND_REVIEW)
    told = said(place(desk, line(desk, 1, "60000.00"), line(desk, 2, "666.00"), all_or_nothing=True), 202)
    desk.system.post("transfers", desk.transfer("1.00"))
    request = TransferBatch.objects.get().approval_request
    assert request is not None
    assert (told["status"], approve_all(request).error_code) == ("awaiting_approval", "batch_refused")
    alert = Alert.objects.get()
    assert (alert.stopped, alert.amount, of_batch(desk).count(), ledger_of(desk.payee)) == (True, 66_600, 1, "11.00")


def test_many_items_cost_no_more_statements(desk: Desk) -> None:
    def asked(first: int, count: int) -> int:
        lines = [line(desk, first + n, f"{first + n}.00") for n in range(count)]
        with CaptureQueriesContext(connection) as captured:
            said(place(desk, *lines, reference=f"PAYROLL-{first}"), 201)
        return len([each for each in captured.captured_queries if "risk_" in each["sql"]])

    asked(1, 1)
    assert asked(10, 2) == asked(20, 40)


def held_for(desk: Desk, amount: str = "666.00") -> dict[str, Any]:
    body = desk.transfer(amount, reference="HOLD-1")
    told: dict[str, Any] = said(desk.system.post("holds", body), 201)
    return told


def test_a_capture_that_risk_stops_gives_the_hold_back_and_holds_the_transfer(desk: Desk, branch: Branch) -> None:
    stopping()
    hold = held_for(desk)
    body = {"amount": "666.00", "currency": "CNY", "reference": "CAP-1"}
    first = desk.system.post(f"holds/{hold['id']}/capture", body, key="k-c")
    told = said(first, 202)
    row = Transaction.objects.get(external_reference="CAP-1")
    assert (told["status"], row.state, row.waits_for_risk) == ("released", State.HELD, True)
    assert (Hold.objects.get().account.balance.held, ledger_of(desk.payee)) == (0, "10.00")
    again = desk.system.post(f"holds/{hold['id']}/capture", body, key="k-c")
    assert (again.status_code, again.content) == (202, first.content)
    assert code_of(desk.system.post(f"holds/{hold['id']}/capture", {**body, "reference": "CAP-2"})) == "hold_voided"
    assert PartnerUsage.objects.get(partner=desk.system.partner).used == 666_00
    assert approve_all(ask_release(row, analyst(branch)).request).state == "EXECUTED"
    assert (ledger_of(desk.payee), verify_books().ok) == ("676.00", True)


def test_a_capture_that_risk_declines_is_on_record(desk: Desk) -> None:
    stopping(Outcome.DECLINE)
    hold = held_for(desk)
    body = {"amount": "666.00", "currency": "CNY", "reference": "CAP-1"}
    answer: Any = desk.system.post(f"holds/{hold['id']}/capture", body)
    row = Transaction.objects.get(external_reference="CAP-1")
    assert (answer.status_code, json.loads(answer.content)["context"]) == (422, {"transaction": row.public_id})
    assert (row.state, Hold.objects.get().state, ledger_of(desk.payee)) == (State.DECLINED, "VOIDED", "10.00")
    assert PartnerUsage.objects.get(partner=desk.system.partner).used == 0


def test_a_capture_that_nobody_objects_to_is_assessed_and_counted(desk: Desk) -> None:
    hold = held_for(desk)
    said(
        desk.system.post(f"holds/{hold['id']}/capture", {"amount": "666.00", "currency": "CNY", "reference": "C"}), 201
    )
    row = Transaction.objects.get(external_reference="C")
    assert MovedMoney.objects.get(channel="partner").pk == row.pk
    assert available(row) == "5000000.00", "what was held for this payment is there for it"
    assert Assessment.objects.get(movement=row.public_id).outcome == Outcome.APPROVE
    assert VelocityTail.objects.filter(kind="payer").count() == 1


def test_a_capture_in_a_higher_band_than_policies_were_told_is_to_be_sent_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What policies are told is what was so before something else of the payer's had moved."""
    active("unusual", 'amount >= money("666 CNY")', outcome=Outcome.REVIEW, weight=400)
    hold = held_for(desk)
    body = {"amount": "666.00", "currency": "CNY", "reference": "C"}
    with monkeypatch.context() as patch:
        patch.setattr(
            "transactions.operations.holds.assess_order",
            lambda **told: replace(assess_order(**told), score=0, reasons=()),
        )
        first = desk.system.post(f"holds/{hold['id']}/capture", body, key="k-b")
    assert (first.status_code, code_of(first)) == (409, "busy")
    assert not Transaction.objects.filter(external_reference="C").exists()
    said(desk.system.post(f"holds/{hold['id']}/capture", body, key="k-b"), 201)
    assert said_of(Transaction.objects.get(external_reference="C")).band == "medium"
