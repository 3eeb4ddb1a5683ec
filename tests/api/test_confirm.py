"""A partner's word that a payment held back is genuine: posted, or agreed to by two people first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.partner_access import Right
from approvals.models import ApprovalRequest
from partners.models import PartnerLimit
from tests.accounts.factories import ledger_of
from tests.api.callers import System, code_of, give, said
from tests.api.conftest import Desk
from tests.approvals.factories import approve_all, policy, reject
from tests.transactions.raw_books import execute
from tests.transactions.risk_cases import stopping
from tests.unchanged import nothing_changes
from transactions.models import State, Transaction

pytestmark = pytest.mark.django_db

GENUINE = {"reason": "two invoices of one day"}


def hold_back(desk: Desk, amount: str = "100.00") -> dict[str, object]:
    """Return the second of two transfers that look the same."""
    desk.system.post("transfers", desk.transfer(amount))
    told: dict[str, object] = said(desk.system.post("transfers", desk.transfer(amount, reference="INV-2")), 202)
    return told


def test_what_is_held_says_which_of_its_like_it_is_and_until_when_it_waits(desk: Desk) -> None:
    told = hold_back(desk)
    assert (told["status"], told["ordinal"]) == ("held", 2)
    assert str(told["confirm_by"]) > str(told["created_at"])
    assert told["links"] == {
        "self": f"/api/v1/transfers/{told['id']}",
        "cancel": f"/api/v1/transfers/{told['id']}/cancel",
        "confirm": f"/api/v1/transfers/{told['id']}/confirm",
    }
    third = said(desk.system.post("transfers", desk.transfer(reference="INV-3")), 202)
    assert third["ordinal"] == 3


def test_confirmed_it_is_posted(desk: Desk) -> None:
    held = hold_back(desk)
    answer = desk.system.post(f"transfers/{held['id']}/confirm", GENUINE)
    told = said(answer, 201)
    assert (told["status"], told["held_because"], told["confirm_by"]) == ("posted", "possible_duplicate", None)
    assert answer["Location"] == f"/api/v1/transfers/{held['id']}"
    assert said(desk.system.get(f"transfers/{held['id']}")) == told
    desk.payee.balance.refresh_from_db()
    assert desk.payee.balance.ledger == 210_00
    row = Transaction.objects.get(external_reference="INV-2")
    assert row.confirmed_genuine_at is not None


def test_what_risk_stops_by_then_is_under_review_and_no_word_says_why(desk: Desk) -> None:
    held = hold_back(desk, "666.00")
    stopping()
    told = said(desk.system.post(f"transfers/{held['id']}/confirm", GENUINE), 202)
    assert (told["status"], told["held_because"], told["confirm_by"]) == ("under_review", "under_review", None)
    assert "beast" not in str(told)
    assert code_of(desk.system.post(f"transfers/{held['id']}/confirm", GENUINE)) == "under_review"
    assert ledger_of(desk.payee) == "676.00"


def test_a_large_one_waits_for_reviewers_and_stays_held(desk: Desk) -> None:
    desk.system.post("transfers", desk.transfer("40000.00"))
    held = said(desk.system.post("transfers", desk.transfer("40000.00", reference="INV-2")), 202)
    assert held["status"] == "held"
    policy(name="Releases", operations=["transactions.release"])
    told = said(desk.system.post(f"transfers/{held['id']}/confirm", GENUINE), 202)
    request = ApprovalRequest.objects.get()
    assert (told["status"], told["approval"]["reference"], told["approval"]["waiting_for"]) == (
        "held",
        request.reference,
        "bank",
    )
    assert "confirm" not in told["links"]
    assert said(desk.system.get(f"transfers/{held['id']}")) == told
    again = desk.system.post(f"transfers/{held['id']}/confirm", GENUINE)
    assert (again.status_code, code_of(again)) == (409, "identical_request_open")
    approve_all(request)
    assert said(desk.system.get(f"transfers/{held['id']}"))["status"] == "posted"


def test_rejected_it_stays_held_and_can_be_cancelled(desk: Desk) -> None:
    held = hold_back(desk)
    policy(name="Releases", operations=["transactions.release"])
    desk.system.post(f"transfers/{held['id']}/confirm", GENUINE)
    reject(ApprovalRequest.objects.get())
    told = said(desk.system.get(f"transfers/{held['id']}"))
    assert (told["status"], told["approval"]) == ("held", None)
    assert said(desk.system.post(f"transfers/{held['id']}/cancel", {"reason": "no"}))["status"] == "cancelled"


def test_what_is_not_held_is_not_confirmed(desk: Desk) -> None:
    posted = said(desk.system.post("transfers", desk.transfer()), 201)
    with nothing_changes():
        answer = desk.system.post(f"transfers/{posted['id']}/confirm", GENUINE)
    assert (answer.status_code, code_of(answer)) == (409, "not_held")


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_reason_is_needed(desk: Desk, reason: str) -> None:
    held = hold_back(desk)
    with nothing_changes():
        answer = desk.system.post(f"transfers/{held['id']}/confirm", {"reason": reason})
    assert (answer.status_code, code_of(answer)) == (422, "field_required")


def test_a_partner_that_lost_its_rights_confirms_nothing(desk: Desk) -> None:
    held = hold_back(desk)
    desk.payer.partner_grants.all().delete()
    with nothing_changes():
        answer = desk.system.post(f"transfers/{held['id']}/confirm", GENUINE)
    assert (answer.status_code, code_of(answer)) == (422, "unknown_account")
    assert desk.payer.public_id not in answer.content.decode()
    assert Transaction.objects.get(external_reference="INV-2").state == State.HELD


def test_another_partner_cannot_confirm_it(desk: Desk) -> None:
    held = hold_back(desk)
    other = System()
    give(other.partner, desk.payer)
    give(other.partner, desk.payee, Right.CREDIT)
    with nothing_changes():
        answer = other.post(f"transfers/{held['id']}/confirm", GENUINE)
    assert (answer.status_code, code_of(answer)) == (404, "not_found")


def test_it_is_posted_once_however_often_it_is_confirmed(desk: Desk) -> None:
    held = hold_back(desk)
    path = f"transfers/{held['id']}/confirm"
    first = desk.system.post(path, GENUINE, key="k-1")
    again = desk.system.post(path, GENUINE, key="k-1")
    assert (again.status_code, again.content) == (201, first.content)
    assert code_of(desk.system.post(path, GENUINE)) == "not_held"
    desk.payee.balance.refresh_from_db()
    assert desk.payee.balance.ledger == 210_00


def age(reference: str, by: timedelta) -> None:
    """Make a transaction older than it is."""
    execute("SET LOCAL session_replication_role = replica")
    execute(
        "UPDATE transactions_transaction SET created_at = created_at - %s WHERE external_reference = %s", by, reference
    )
    execute("SET LOCAL session_replication_role = DEFAULT")


def test_its_time_over_it_is_confirmed_no_more_even_if_nobody_ended_it_yet(desk: Desk) -> None:
    held = hold_back(desk)
    age("INV-2", timedelta(hours=72))
    with nothing_changes():
        answer = desk.system.post(f"transfers/{held['id']}/confirm", GENUINE)
    assert (answer.status_code, code_of(answer)) == (409, "not_held")
    assert "expired" in answer.content.decode()


def test_until_its_time_is_over_it_is_confirmed(desk: Desk) -> None:
    held = hold_back(desk)
    age("INV-2", timedelta(hours=71))
    said(desk.system.post(f"transfers/{held['id']}/confirm", GENUINE), 201)


def test_what_was_agreed_with_the_partner_since_counts(desk: Desk) -> None:
    held = hold_back(desk)
    limits = PartnerLimit.objects.filter(partner=desk.system.partner, currency="CNY")
    limits.update(per_transaction=99_99)
    with nothing_changes():
        answer = desk.system.post(f"transfers/{held['id']}/confirm", GENUINE)
    assert code_of(answer) == "partner_limit_exceeded"
    limits.delete()
    with nothing_changes():
        answer = desk.system.post(f"transfers/{held['id']}/confirm", GENUINE)
    assert code_of(answer) == "partner_limit_missing"


def test_a_policy_for_transfers_counts_for_those_held_back(desk: Desk) -> None:
    held = hold_back(desk)
    policy(name="Transfers", operations=["transactions.transfer"])
    told = said(desk.system.post(f"transfers/{held['id']}/confirm", GENUINE), 202)
    assert (told["status"], told["approval"]["waiting_for"]) == ("held", "bank")
