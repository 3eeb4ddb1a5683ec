"""Refunds over HTTP: in full, in parts, and never more than was paid."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse

from accounts import services as account_services
from accounts.models import Account, LimitChannel, LimitPeriod
from accounts.partner_access import Right
from accounts.services import LimitDraft
from approvals.models import ApprovalRequest
from bankops.core import clock
from partners.models import PartnerUsage
from tests.accounts.factories import TANG_LING, cny
from tests.api.callers import System, code_of, give, said
from tests.api.conftest import Desk
from tests.approvals.factories import approve_all, policy
from tests.consent import as_if_consented
from tests.unchanged import nothing_changes
from transactions.models import Kind, Transaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(desk: Desk) -> dict[str, Any]:
    """A transfer of 100.00, by a partner that may also pay it back."""
    give(desk.system.partner, desk.payee, Right.DEBIT)
    give(desk.system.partner, desk.payer, Right.CREDIT)
    told: dict[str, Any] = said(desk.system.post("transfers", desk.transfer()), 201)
    return told


def refund(desk: Desk, paid: dict[str, Any], amount: str, reference: str = "RF-1", **more: Any) -> HttpResponse:
    body = {"amount": amount, "currency": "CNY", "reference": reference, **more}
    return desk.system.post(f"transfers/{paid['id']}/refunds", body)


def ledger_of(account: Account) -> int:
    account.balance.refresh_from_db()
    return int(account.balance.ledger)


def test_the_whole_is_given_back(desk: Desk, paid: dict[str, Any]) -> None:
    answer = refund(desk, paid, "100.00", narrative="goods returned", metadata={"ticket": "7"})
    told = said(answer, 201)
    assert (told["object"], told["status"], told["refund_of"]) == ("refund", "posted", paid["id"])
    assert (told["amount"], told["refunded_total"], told["left"]) == ("100.00", "100.00", "0.00")
    assert told["metadata"] == {"ticket": "7"}
    assert answer["Location"] == f"/api/v1/transfers/{paid['id']}/refunds/{told['id']}"
    assert said(desk.system.get(answer["Location"])) == told
    assert (ledger_of(desk.payer), ledger_of(desk.payee)) == (5_000_000_00, 10_00)
    transfer = said(desk.system.get(f"transfers/{paid['id']}"))
    assert (transfer["status"], transfer["refunded"]) == ("posted", "100.00")


def test_in_parts_and_never_more_than_was_paid(desk: Desk, paid: dict[str, Any]) -> None:
    assert said(refund(desk, paid, "60.00"), 201)["left"] == "40.00"
    assert said(refund(desk, paid, "30.00", "RF-2"), 201)["left"] == "10.00"
    with nothing_changes():
        answer = refund(desk, paid, "10.01", "RF-3")
    assert (answer.status_code, code_of(answer)) == (422, "refund_too_large")
    assert said(refund(desk, paid, "10.00", "RF-4"), 201)["left"] == "0.00"
    page = said(desk.system.get(f"transfers/{paid['id']}/refunds"))
    assert [part["amount"] for part in page["data"]] == ["10.00", "30.00", "60.00"]
    assert (page["refunded_total"], page["left"], page["has_more"]) == ("100.00", "0.00", False)
    assert ledger_of(desk.payee) == 10_00


def test_a_refund_counts_against_the_partner_s_day(desk: Desk, paid: dict[str, Any]) -> None:
    refund(desk, paid, "60.00")
    (used,) = PartnerUsage.objects.filter(partner=desk.system.partner).values_list("used", flat=True)
    assert used == 160_00


def test_one_that_waits_counts_and_can_be_taken_back(desk: Desk, paid: dict[str, Any]) -> None:
    policy(name="Refunds", operations=["transactions.refund"])
    told = said(refund(desk, paid, "60.00"), 202)
    assert (told["status"], told["left"], told["approval"]["waiting_for"]) == ("awaiting_approval", "40.00", "bank")
    too_much = refund(desk, paid, "40.01", "RF-2")
    assert (too_much.status_code, code_of(too_much)) == (422, "refund_too_large")
    cancelled = said(desk.system.post(f"{told['links']['self']}/cancel", {"reason": "wrong sum"}))
    assert (cancelled["status"], cancelled["left"]) == ("cancelled", "100.00")
    (used,) = PartnerUsage.objects.filter(partner=desk.system.partner).values_list("used", flat=True)
    assert used == 100_00


def test_approved_it_is_posted(desk: Desk, paid: dict[str, Any]) -> None:
    policy(name="Refunds", operations=["transactions.refund"])
    told = said(refund(desk, paid, "60.00"), 202)
    approve_all(ApprovalRequest.objects.get())
    assert said(desk.system.get(told["links"]["self"]))["status"] == "posted"
    assert ledger_of(desk.payee) == 50_00


def test_its_metadata_is_replaced_by_who_saw_it(desk: Desk, paid: dict[str, Any]) -> None:
    made = refund(desk, paid, "60.00")
    path = said(made, 201)["links"]["self"]
    assert said(desk.system.patch(path, {"metadata": {"a": "b"}}, If_Match=made["ETag"]))["metadata"] == {"a": "b"}
    stale = desk.system.patch(path, {"metadata": {}}, If_Match=made["ETag"])
    assert (stale.status_code, code_of(stale)) == (412, "changed_meanwhile")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"amount": "0.00"}, (422, "amount_not_positive", "amount")),
        ({"amount": "100.01"}, (422, "refund_too_large", "")),
        ({"currency": "USD"}, (422, "currency_mismatch", "currency")),
        ({"reference": "INV-1"}, (409, "duplicate_reference", "")),
        ({"status": "posted"}, (422, "unknown_field", "status")),
        ({"from_account": "acc_1"}, (422, "unknown_field", "from_account")),
    ],
)
def test_what_is_refused(
    desk: Desk, paid: dict[str, Any], more: dict[str, str], expected: tuple[int, str, str]
) -> None:
    body = {"amount": "60.00", "reference": "RF-1", **more}
    with nothing_changes():
        answer = refund(desk, paid, **body)
    assert (answer.status_code, code_of(answer), answer.json().get("param", "")) == expected  # type: ignore[attr-defined]


def test_what_waits_is_not_refunded(desk: Desk, paid: dict[str, Any]) -> None:
    waiting = said(desk.system.post("transfers", desk.transfer("2000000.00", reference="INV-2")), 202)
    answer = refund(desk, waiting, "1.00")
    assert (answer.status_code, code_of(answer)) == (409, "not_refundable")


def test_without_a_right_to_pay_from_the_payee_nothing_is_given_back(desk: Desk) -> None:
    paid = said(desk.system.post("transfers", desk.transfer()), 201)
    with nothing_changes():
        answer = refund(desk, paid, "60.00")
    assert (answer.status_code, code_of(answer)) == (422, "unknown_account")
    assert desk.payee.number not in answer.content.decode()


def test_of_a_payee_known_by_number_nothing_more_is_told(desk: Desk) -> None:
    system = System(may_credit_any=True)
    give(system.partner, desk.payer, Right.DEBIT)
    paid = said(system.post("transfers", desk.transfer(to_account={"number": desk.strange.number})), 201)
    body = {"amount": "1.00", "currency": "CNY", "reference": "RF-1"}
    answer = system.post(f"transfers/{paid['id']}/refunds", body)
    assert (answer.status_code, code_of(answer)) == (422, "unknown_account")
    assert desk.strange.public_id not in answer.content.decode()


def test_a_payee_that_has_spent_it_is_not_counted_out(desk: Desk, paid: dict[str, Any]) -> None:
    sides = {"from_account": desk.payee.public_id, "to_account": desk.payer.public_id}
    said(desk.system.post("transfers", desk.transfer("105.00", reference="INV-2", **sides)), 201)
    answer = refund(desk, paid, "60.00")
    assert (answer.status_code, code_of(answer)) == (422, "insufficient_funds")
    assert desk.payee.number not in answer.content.decode()


def test_another_partner_refunds_nothing(desk: Desk, paid: dict[str, Any]) -> None:
    other = System()
    give(other.partner, desk.payer)
    give(other.partner, desk.payee)
    body = {"amount": "1.00", "currency": "CNY", "reference": "RF-1"}
    for answer in (
        other.post(f"transfers/{paid['id']}/refunds", body),
        other.get(f"transfers/{paid['id']}/refunds"),
    ):
        assert (answer.status_code, code_of(answer)) == (404, "not_found")


def test_a_refund_belongs_to_its_transfer(desk: Desk, paid: dict[str, Any]) -> None:
    made = said(refund(desk, paid, "60.00"), 201)
    other = said(desk.system.post("transfers", desk.transfer("7.00", reference="INV-2")), 201)
    answer = desk.system.get(f"transfers/{other['id']}/refunds/{made['id']}")
    assert (answer.status_code, code_of(answer)) == (404, "not_found")
    assert code_of(desk.system.get(f"transfers/{made['id']}")) == "not_found"
    assert Transaction.objects.filter(kind=Kind.REFUND).count() == 1


def test_a_refund_that_waits_uses_up_no_limit_of_the_payee(desk: Desk, paid: dict[str, Any]) -> None:
    policy(name="Refunds", operations=["transactions.refund"])
    limit = LimitDraft(LimitChannel.ALL, LimitPeriod.DAILY, cny("50.00"))
    with as_if_consented():
        account_services.set_limits(
            account_id=desk.payee.pk, limits=[limit], reason="x", actor=TANG_LING, now=clock.now()
        )
    assert said(refund(desk, paid, "60.00"), 202)["status"] == "awaiting_approval"
    sides = {"from_account": desk.payee.public_id, "to_account": desk.payer.public_id}
    said(desk.system.post("transfers", desk.transfer("45.00", reference="INV-9", **sides)), 201)
