"""Where the customer was who ordered: risk is told of it by every order that moves money, at once and later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.partner_access import Right
from approvals.models import ApprovalRequest
from risk.facts import Facts
from risk.models import Alert, Assessment
from risk.outcomes import Outcome
from risk.selectors.assessments import facts_kept, origin_kept
from tests.accounts.factories import ledger_of, make_account
from tests.api.callers import System, give, said
from tests.api.conftest import Desk
from tests.api.test_transfer_batches import line, place
from tests.approvals.factories import approve_all
from tests.consent import as_if_consented
from tests.risk.assessment.movements import active
from tests.unchanged import nothing_changes
from transactions.models import Transaction, TransferBatch, TransferBatchItem

pytestmark = pytest.mark.django_db

CONTEXT = {"device_id": "b7c1", "ip_address": "2001:DB8::7", "country": "FR"}
WHERE = ("b7c1", "2001:db8::7", "FR")
LARGE = "60000.00"


def where(facts: Facts | None) -> tuple[str | None, str | None, str | None]:
    assert facts is not None
    return facts.device, facts.address, facts.country


def last() -> Transaction:
    return Transaction.objects.latest("created_at", "id")


def a_transfer(desk: Desk) -> None:
    said(desk.system.post("transfers", desk.transfer(context=CONTEXT)), 201)


def a_refund(desk: Desk) -> None:
    paid = said(desk.system.post("transfers", desk.transfer()), 201)
    give(desk.system.partner, desk.payee, Right.DEBIT)
    give(desk.system.partner, desk.payer, Right.CREDIT)
    back = {"amount": "40.00", "currency": "CNY", "reference": "RF-1", "context": CONTEXT}
    said(desk.system.post(f"transfers/{paid['id']}/refunds", back), 201)


def a_capture(desk: Desk) -> None:
    hold = said(desk.system.post("holds", desk.transfer(reference="HLD-1")), 201)
    taken = {"amount": "100.00", "currency": "CNY", "reference": "CAP-1", "context": CONTEXT}
    said(desk.system.post(f"holds/{hold['id']}/capture", taken), 201)


def an_item(desk: Desk) -> None:
    said(place(desk, line(desk, 1, context=CONTEXT)), 201)


def cash(path: str) -> Callable[[Desk], None]:
    def order(desk: Desk) -> None:
        with as_if_consented():
            own = make_account("1000.00")
        system = System(kind="AGENT")
        give(system.partner, own, Right.READ, Right.FLOAT)
        give(system.partner, desk.payer, Right.DEBIT, Right.CREDIT)
        sides = {"agent_account": own.public_id, "customer_account": desk.payer.public_id}
        money = {"amount": "100.00", "currency": "CNY", "reference": "CASH-1", "context": CONTEXT}
        said(system.post(path, {**sides, **money}), 201)

    return order


@pytest.mark.parametrize(
    "order",
    [a_transfer, a_refund, a_capture, an_item, cash("deposits"), cash("withdrawals")],
    ids=["transfer", "refund", "capture", "item", "deposit", "withdrawal"],
)
def test_every_order_that_moves_money_tells_risk(desk: Desk, order: Callable[[Desk], None]) -> None:
    order(desk)
    assert where(facts_kept(last().public_id)) == WHERE


def test_without_it_nothing_is_known(desk: Desk) -> None:
    said(desk.system.post("transfers", desk.transfer(context={})), 201)
    assert where(facts_kept(last().public_id)) == (None, None, None)
    said(desk.system.post("transfers", desk.transfer("120.00", reference="INV-2", context={"country": "FR"})), 201)
    assert where(facts_kept(last().public_id)) == (None, None, "FR")


def test_it_is_not_told_back_and_a_repeat_is_answered_as_before(desk: Desk) -> None:
    first = desk.system.post("transfers", desk.transfer(context=CONTEXT), key="k-1")
    told = said(first, 201)
    assert "context" not in told
    assert "b7c1" not in first.content.decode()
    with nothing_changes():
        again = desk.system.post("transfers", desk.transfer(context=CONTEXT), key="k-1")
    assert (again.status_code, again.content) == (201, first.content)


ELSEWHERE = CONTEXT | {"ip_address": "2001:db8::8"}


def test_another_is_another_request_under_the_same_key(desk: Desk) -> None:
    said(desk.system.post("transfers", desk.transfer(context=CONTEXT), key="k-1"), 201)
    with nothing_changes():
        again = said(desk.system.post("transfers", desk.transfer(context=ELSEWHERE), key="k-1"), 422)
    assert again["code"] == "idempotency_key_reused"


def test_another_makes_no_other_payment(desk: Desk) -> None:
    said(desk.system.post("transfers", desk.transfer(reference="INV-1", context=CONTEXT)), 201)
    again = said(desk.system.post("transfers", desk.transfer(reference="INV-1", context=ELSEWHERE)), 409)
    assert again["code"] == "duplicate_reference"
    look_alike = said(desk.system.post("transfers", desk.transfer(reference="INV-2", context=ELSEWHERE)), 202)
    assert look_alike["status"] == "held"
    assert Transaction.objects.filter(state="POSTED", kind="TRANSFER").count() == 1


@pytest.mark.parametrize(
    ("context", "param", "code"),
    [
        ({"ip_address": "203.0.113"}, "context.ip_address", "invalid_ip_address"),
        ({"ip_address": 7}, "context.ip_address", "field_invalid"),
        ({"country": "XX"}, "context.country", "unknown_country"),
        ({"country": None}, "context.country", "field_required"),
        ({"device_id": "d" * 129}, "context.device_id", "text_too_long"),
        ({"device_id": ""}, "context.device_id", "field_required"),
        ({"browser": "x"}, "context.browser", "unknown_field"),
        ("FR", "context", "field_invalid"),
    ],
)
def test_what_is_none_is_refused_by_name(desk: Desk, context: Any, param: str, code: str) -> None:
    with nothing_changes():
        alone = said(desk.system.post("transfers", desk.transfer(context=context)), 422)
        item = said(place(desk, line(desk, 1, context=context)), 422)
    assert (alone["param"], alone["code"]) == (param, code)
    assert (item["param"], item["code"]) == (f"items.0.{param}", code)


def test_what_waited_is_carried_out_with_it(desk: Desk) -> None:
    told = said(desk.system.post("transfers", desk.transfer(LARGE, context=CONTEXT)), 202)
    request = ApprovalRequest.objects.get()
    assert request.versions.get().payload["context"] == {**CONTEXT, "ip_address": WHERE[1]}
    assert approve_all(request).state == "EXECUTED"
    assert (where(facts_kept(told["id"])), origin_kept(told["id"])) == (WHERE, WHERE)
    later = said(desk.system.post("transfers", desk.transfer(reference="INV-2", context=CONTEXT)), 201)
    facts = facts_kept(later["id"])
    assert facts is not None
    assert facts.history.device_first_seen_days == 0
    assert facts.history.previous_country == "FR", "the one that waited was counted with where it was ordered"


def test_a_capture_that_waited_is_carried_out_with_it(desk: Desk) -> None:
    hold = said(desk.system.post("holds", desk.transfer(LARGE, reference="HLD-1")), 201)
    taken = {"amount": LARGE, "currency": "CNY", "reference": "CAP-1", "context": CONTEXT}
    said(desk.system.post(f"holds/{hold['id']}/capture", taken), 202)
    assert approve_all(ApprovalRequest.objects.get()).state == "EXECUTED"
    assert where(facts_kept(last().public_id)) == WHERE


def test_a_batch_that_waited_is_carried_out_with_it(desk: Desk) -> None:
    said(place(desk, line(desk, 1, LARGE, context=CONTEXT), line(desk, 2, "9.00")), 202)
    assert list(TransferBatchItem.objects.order_by("position").values_list("device_id", "ip_address", "country")) == [
        WHERE,
        ("", "", ""),
    ]
    assert approve_all(ApprovalRequest.objects.get()).state == "EXECUTED"
    assert TransferBatch.objects.get().state == "CARRIED_OUT"
    known = {where(facts_kept(one.movement)) for one in Assessment.objects.exclude(movement="")}
    assert WHERE in known


def test_a_rule_about_the_device_stops_a_transfer(desk: Desk) -> None:
    active("thief", 'device.is_new and network.country != "CN"', outcome=Outcome.BLOCK_AND_REVIEW)
    said(desk.system.post("transfers", desk.transfer()), 201)
    told = said(desk.system.post("transfers", desk.transfer(reference="INV-2", context=CONTEXT)), 202)
    assert (told["status"], ledger_of(desk.payee)) == ("under_review", "110.00")
    assert list(Alert.objects.get().reasons.values_list("code", flat=True)) == ["thief"]
