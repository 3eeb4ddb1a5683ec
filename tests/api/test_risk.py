"""What a partner reads of a payment that risk stops: where it stands, and never why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bankops.core.models import OutboxMessage
from partners.models import PartnerUsage
from risk.models import Assessment
from risk.outcomes import Outcome
from staff.models import Branch
from tests.accounts.factories import ledger_of
from tests.api.callers import code_of, said
from tests.api.conftest import Desk
from tests.approvals.factories import approve_all
from tests.transactions.risk_cases import analyst, ask_release, decline, stopping
from transactions.models import State, Transaction

pytestmark = pytest.mark.django_db

WHY = {"reason": "not wanted any more"}
NOT_TOLD = ("beast", "score", "rule", "risk", "assess", "400")


def stopped(desk: Desk, **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = said(desk.system.post("transfers", desk.transfer("666.00", **more)), 202)
    return told


def row_of(told: dict[str, Any]) -> Transaction:
    return Transaction.objects.get(reference=told["bank_reference"])


def test_it_is_under_review_and_says_nothing_of_why(desk: Desk) -> None:
    stopping()
    told = stopped(desk)
    assert (told["status"], told["held_because"], told["approval"], told["confirm_by"]) == (
        "under_review",
        "under_review",
        None,
        None,
    )
    assert told["links"] == {
        "self": f"/api/v1/transfers/{told['id']}",
        "cancel": f"/api/v1/transfers/{told['id']}/cancel",
    }
    assert said(desk.system.get(f"transfers/{told['id']}")) == told
    assert not [word for word in NOT_TOLD if word in json.dumps(told).lower()]
    event = OutboxMessage.objects.get(topic="transactions.transfer.held")
    assert (event.audience, event.payload["held_because"]) == (desk.system.partner.public_id, "under_review")
    assert not [word for word in NOT_TOLD if word in json.dumps(event.payload).lower()]


def test_sent_again_under_its_key_it_is_the_same_and_not_assessed_again(desk: Desk) -> None:
    stopping()
    first = desk.system.post("transfers", desk.transfer("666.00"), key="k-1")
    before = Assessment.objects.count()
    again = desk.system.post("transfers", desk.transfer("666.00"), key="k-1")
    assert (again.status_code, again.content, Assessment.objects.count()) == (202, first.content, before)


def test_lists_find_it_by_its_status(desk: Desk) -> None:
    stopping()
    told = stopped(desk)
    assert [one["id"] for one in said(desk.system.get("transfers?status=under_review"))["data"]] == [told["id"]]
    assert said(desk.system.get("transfers?status=held"))["data"] == []


def test_released_by_two_it_is_posted_and_its_partner_hears_of_it(desk: Desk, branch: Branch) -> None:
    stopping()
    told = stopped(desk)
    assert approve_all(ask_release(row_of(told), analyst(branch)).request).state == "EXECUTED"
    now_so = said(desk.system.get(f"transfers/{told['id']}"))
    assert (now_so["status"], ledger_of(desk.payee)) == ("posted", "676.00")
    told_of = OutboxMessage.objects.filter(audience=desk.system.partner.public_id).order_by("id")
    assert list(told_of.values_list("topic", flat=True)) == [
        "transactions.transfer.held",
        "transactions.transfer.posted",
    ]


def test_declined_after_review_it_says_so_and_is_not_cancelled(desk: Desk, branch: Branch) -> None:
    stopping()
    told = stopped(desk)
    decline(row_of(told), analyst(branch))
    now_so = said(desk.system.get(f"transfers/{told['id']}"))
    assert now_so["status"] == "declined"
    assert [one["id"] for one in said(desk.system.get("transfers?status=declined"))["data"]] == [told["id"]]
    assert said(desk.system.get("transfers?status=cancelled"))["data"] == []
    assert PartnerUsage.objects.get(partner=desk.system.partner).used == 0


def test_its_partner_takes_it_back(desk: Desk) -> None:
    stopping()
    told = stopped(desk)
    cancelled = said(desk.system.post(f"transfers/{told['id']}/cancel", WHY))
    assert cancelled["status"] == "cancelled"
    assert PartnerUsage.objects.get(partner=desk.system.partner).used == 0


def test_confirming_it_changes_nothing(desk: Desk) -> None:
    stopping()
    told = stopped(desk)
    answer = desk.system.post(f"transfers/{told['id']}/confirm", WHY)
    assert (answer.status_code, code_of(answer)) == (409, "under_review")
    assert (row_of(told).waits_for_risk, ledger_of(desk.payee)) == (True, "10.00")


def test_what_looks_like_another_too_can_be_confirmed_and_stays_under_review(desk: Desk) -> None:
    said(desk.system.post("transfers", desk.transfer("666.00")), 201)
    stopping()
    told = stopped(desk, reference="INV-2")
    assert (told["status"], told["possible_duplicate_of"] is not None) == ("under_review", True)
    confirmed = said(desk.system.post(told["links"]["confirm"].removeprefix("/api/v1/"), WHY), 202)
    assert (confirmed["status"], "confirm" in confirmed["links"]) == ("under_review", False)
    assert ledger_of(desk.payee) == "676.00"


def test_confirmed_when_risk_refuses_it_by_then_it_is_declined(desk: Desk) -> None:
    said(desk.system.post("transfers", desk.transfer("666.00")), 201)
    held = said(desk.system.post("transfers", desk.transfer("666.00", reference="INV-2")), 202)
    assert held["status"] == "held"
    stopping(Outcome.DECLINE)
    answer = desk.system.post(held["links"]["confirm"].removeprefix("/api/v1/"), WHY)
    assert (answer.status_code, code_of(answer)) == (422, "payment_declined")
    assert not [word for word in NOT_TOLD if word in answer.content.decode().lower().replace("payment_declined", "")]
    now_so = said(desk.system.get(f"transfers/{held['id']}"))
    assert (now_so["status"], ledger_of(desk.payee)) == ("declined", "676.00")
    assert said(desk.system.get("transfers?status=cancelled"))["data"] == []


def test_declined_at_once_it_is_refused_on_record_and_counts_for_nothing(desk: Desk) -> None:
    stopping(Outcome.DECLINE)
    answer = desk.system.post("transfers", desk.transfer("666.00"), key="k-2")
    body = json.loads(answer.content)
    row = Transaction.objects.get(external_reference="INV-1")
    assert (answer.status_code, body["code"], body["context"]) == (
        422,
        "payment_declined",
        {"transaction": row.public_id},
    )
    assert not [word for word in NOT_TOLD if word in answer.content.decode().lower()]
    assert (row.state, ledger_of(desk.payee)) == (State.DECLINED, "10.00")
    assert not PartnerUsage.objects.filter(partner=desk.system.partner, used__gt=0).exists()
    assert said(desk.system.get(f"transfers/{row.public_id}"))["status"] == "declined"
    again = desk.system.post("transfers", desk.transfer("666.00"), key="k-2")
    assert Assessment.objects.filter(movement=row.public_id).count() == 1
    assert (again.status_code, again.content) == (422, answer.content)
