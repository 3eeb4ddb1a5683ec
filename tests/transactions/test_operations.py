"""Transfers, withdrawals and reversals through the gate, under the policies every bank starts with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Account, Balance, Restriction
from approvals.models import ApprovalRequest
from approvals.services.amendments import amend_request
from approvals.services.endings import expire_due, withdraw_request
from bankops.core import clock, operations
from bankops.core.errors import BankOpsError
from bankops.core.models import AuditEvent
from bankops.core.operations import Order
from tests.accounts.factories import freeze, ledger_of, make_account, make_customer, own_account
from tests.approvals.factories import approve, approve_all, reject, send_back
from tests.consent import as_if_consented
from tests.transactions.factories import deposit, reverse, transfer, withdraw
from tests.transactions.shipped import (
    Shipped,
    order_reversal,
    order_transfer,
    order_withdrawal,
    parked_in,
    submit,
    today,
)
from tests.unchanged import check_deferred, nothing_changes, refused
from transactions.models import HoldState, Kind, State, Transaction
from transactions.verification import verify_books

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def consent() -> None:
    """Without: here the gate itself lets services run."""


@pytest.fixture
def bank(shipped_bank: Shipped) -> Shipped:
    return shipped_bank


@pytest.fixture
def li() -> Account:
    return make_account("60000.00", customer=make_customer("Li Hua"))


@pytest.fixture
def wang() -> Account:
    return make_account(customer=make_customer("Wang Fang"))


def available(account: Account) -> str:
    return str(Balance.objects.select_related("account").get(pk=account.pk).available)


def again(request: ApprovalRequest) -> ApprovalRequest:
    return ApprovalRequest.objects.get(pk=request.pk)


# -- now or later ----------------------------------------------------------------------------------------------------


def test_below_the_threshold_it_is_posted_at_once(bank: Shipped, li: Account, wang: Account) -> None:
    outcome = order_transfer(bank.maker, li, wang, "49999.99", narrative="goods")
    check_deferred()
    assert (outcome.done, outcome.request) == (True, None)
    assert (outcome.result.state, outcome.result.narrative) == (State.POSTED, "goods")
    assert (ledger_of(li), ledger_of(wang)) == ("10000.01", "49999.99")
    assert ApprovalRequest.objects.count() == 0


def test_from_the_threshold_on_it_waits_and_its_money_is_held(bank: Shipped, li: Account, wang: Account) -> None:
    outcome = order_transfer(bank.maker, li, wang, "50000.00")
    check_deferred()
    assert (outcome.done, outcome.result, outcome.request.state) == (False, None, "PENDING")
    row = parked_in(outcome.request)
    assert (row.state, row.holds.get().amount) == (State.AWAITING_APPROVAL, 5_000_000)
    assert (ledger_of(li), available(li)) == ("60000.00", "10000.00")
    for amount in ("10000.01", "49999.99", "50000.00"):
        with refused("insufficient_funds"):
            order_transfer(bank.maker, li, wang, amount, narrative="again")
    assert order_withdrawal(bank.maker, li, "10000.00").done
    assert verify_books().ok


def test_two_reviews_later_it_is_posted(bank: Shipped, li: Account, wang: Account) -> None:
    request = order_transfer(bank.maker, li, wang, "50000.00", narrative="goods").request
    approve(request)
    assert (again(request).stage, ledger_of(wang)) == (2, "0.00")
    decided = approve(request)
    assert (decided.request.state, decided.result) == ("EXECUTED", parked_in(request))
    row = parked_in(request)
    assert (row.state, row.maker_name, row.booking_date) == (State.POSTED, "Ma Ke", today())
    assert (ledger_of(li), available(li), ledger_of(wang)) == ("10000.00", "10000.00", "50000.00")
    assert (again(request).result_id, again(request).result_label) == (row.public_id, row.reference)
    posted = AuditEvent.objects.get(event_type="transactions.transfer.posted", subject_id=row.public_id)
    assert posted.approval_request_id == request.public_id
    assert verify_books().ok


def test_a_withdrawal_waits_likewise(bank: Shipped, li: Account) -> None:
    assert order_withdrawal(bank.maker, li, "10.00").done
    request = order_withdrawal(bank.maker, li, "50000.00").request
    assert available(li) == "9990.00"
    assert approve_all(request).state == "EXECUTED"
    assert (parked_in(request).kind, ledger_of(li)) == (Kind.WITHDRAWAL, "9990.00")
    assert verify_books().ok


def test_a_reversal_always_waits_and_parks_nothing(bank: Shipped, li: Account, wang: Account) -> None:
    original = order_transfer(bank.maker, li, wang, "100.00").result
    request = order_reversal(bank.maker, original).request
    assert Transaction.objects.filter(approval_request=request).count() == 0
    assert available(wang) == "100.00"
    decided = approve_all(request)
    original.refresh_from_db()
    reversal = parked_in(request)
    assert (decided.state, original.state, reversal.kind) == ("EXECUTED", State.REVERSED, Kind.REVERSAL)
    assert (ledger_of(li), ledger_of(wang), reversal.reverses) == ("60000.00", "0.00", original)
    assert original.events.latest("id").reason == "typed wrong"
    assert verify_books().ok


# -- and not -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["rejected", "withdrawn", "expired"])
def test_what_is_not_approved_gives_its_money_back(bank: Shipped, li: Account, wang: Account, ending: str) -> None:
    asked = clock.now() - timedelta(days=2 if ending == "expired" else 0)
    request = order_transfer(bank.maker, li, wang, "50000.00", now=asked).request
    if ending == "rejected":
        reject(request, comment="unknown payee")
    elif ending == "withdrawn":
        withdraw_request(request_id=request.pk, maker=bank.maker, now=clock.now())
    else:
        assert expire_due(now=clock.now()) == 1
    check_deferred()
    row = parked_in(request)
    assert row.state == (State.EXPIRED if ending == "expired" else State.REJECTED)
    assert (available(li), ledger_of(wang)) == ("60000.00", "0.00")
    assert row.events.latest("id").reason
    assert verify_books().ok


def test_a_frozen_account_makes_it_stale(bank: Shipped, li: Account, wang: Account) -> None:
    request = order_transfer(bank.maker, li, wang, "50000.00").request
    freeze(wang, Restriction.BLOCK_DEBIT)
    assert approve_all(request).state == "STALE"
    assert (parked_in(request).state, available(li), ledger_of(wang)) == (State.FAILED, "60000.00", "0.00")
    assert verify_books().ok


def test_an_original_reversed_meanwhile_makes_its_reversal_stale(bank: Shipped, li: Account, wang: Account) -> None:
    original = order_transfer(bank.maker, li, wang, "100.00").result
    request = order_reversal(bank.maker, original).request
    with as_if_consented():
        reverse(original)
    assert approve_all(request).state == "STALE"
    assert ledger_of(wang) == "0.00"


def test_money_spent_meanwhile_makes_a_reversal_stale(bank: Shipped, li: Account, wang: Account) -> None:
    request = order_reversal(bank.maker, order_transfer(bank.maker, li, wang, "100.00").result).request
    assert order_withdrawal(bank.maker, wang, "0.01").done
    assert approve_all(request).state == "STALE"
    assert (ledger_of(li), ledger_of(wang)) == ("59900.00", "99.99")


def test_money_that_comes_in_meanwhile_matters_to_nobody(bank: Shipped, li: Account, wang: Account) -> None:
    request = order_transfer(bank.maker, li, wang, "50000.00").request
    deposit(li, li.balance.ledger_money)
    assert approve_all(request).state == "EXECUTED"


def test_an_amended_transfer_holds_its_new_amount(bank: Shipped, li: Account, wang: Account) -> None:
    request = order_transfer(bank.maker, li, wang, "55000.00").request
    send_back(request)
    assert available(li) == "5000.00"
    payload = again(request).versions.get(number=1).payload | {"amount": "60000.00"}
    amend_request(request_id=request.pk, maker=bank.maker, payload=payload, reason="typed wrong", now=clock.now())
    check_deferred()
    assert available(li) == "0.00"
    states = Transaction.objects.filter(approval_request=request).order_by("id").values_list("state", flat=True)
    assert list(states) == [State.REJECTED, State.AWAITING_APPROVAL]
    assert approve_all(request).state == "EXECUTED"
    assert (ledger_of(li), ledger_of(wang)) == ("0.00", "60000.00")
    assert verify_books().ok


# -- once ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", ["60000.00", "49999.99"])
def test_the_same_order_again_is_the_same(bank: Shipped, li: Account, wang: Account, amount: str) -> None:
    first = order_transfer(bank.maker, li, wang, amount, idempotency_key="k")
    with nothing_changes():
        second = order_transfer(bank.maker, li, wang, f"0{amount}", idempotency_key="k")
    assert (second.done, second.request, second.result) == (first.done, first.request, first.result)
    with pytest.raises(BankOpsError, match="key"):
        order_transfer(bank.maker, li, wang, "1.00", idempotency_key="k")


def test_an_order_that_another_one_beat_by_a_moment_is_told_of_it(bank: Shipped, li: Account, wang: Account) -> None:
    """The gate looked before the other was there; now the money is gone, to the same order."""
    first = order_transfer(bank.maker, li, wang, "49999.99", idempotency_key="k").result
    operation = operations.get("transactions.transfer")
    order = Order(actor=bank.maker.as_actor(), now=clock.now(), idempotency_key="k")
    payload = operation.clean(payload_of(li, wang, amount="49999.99"))
    operation.refuse(payload, order)
    assert operation.earlier(payload, order) == first


def test_a_second_identical_one_is_refused_while_the_first_waits(bank: Shipped, wang: Account) -> None:
    rich = make_account("200000.00")
    order_transfer(bank.maker, rich, wang, "50000.00")
    with refused("identical_request_open"):
        order_transfer(bank.maker, rich, wang, "50000")
    assert not order_transfer(bank.maker, rich, wang, "50000.00", narrative="another").done


# -- refused when it is submitted --------------------------------------------------------------------------------------


def payload_of(payer: Account, payee: Account, **fields: Any) -> dict[str, Any]:
    sides = {"from_account": payer.public_id, "to_account": payee.public_id}
    return {**sides, "amount": "50000.00", "currency": "CNY", "narrative": "", "external_reference": "", **fields}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"amount": None}, "field_missing"),
        ({"amount": 50_000}, "field_missing"),
        ({"amount": "a lot"}, "invalid_amount"),
        ({"amount": "0.00"}, "amount_not_positive"),
        ({"amount": "-1"}, "amount_not_positive"),
        ({"amount": "1.005"}, "amount_too_precise"),
        ({"currency": "XYZ"}, "unknown_currency"),
        ({"currency": ""}, "field_missing"),
        ({"from_account": "acc_1"}, "invalid_id"),
        ({"to_account": ""}, "field_missing"),
        ({"narrative": "x" * 201}, "text_too_long"),
        ({"external_reference": 7}, "field_missing"),
        ({"from_account": "acc_00000000000000000000000000"}, "unknown_account"),
        ({"currency": "USD"}, "currency_mismatch"),
        ({"amount": "60000.01"}, "insufficient_funds"),
    ],
)
def test_a_transfer_that_cannot_be_is_refused(
    bank: Shipped, li: Account, wang: Account, fields: dict[str, Any], code: str
) -> None:
    with refused(code):
        submit("transactions.transfer", bank.maker, payload_of(li, wang, **fields))


def test_so_is_one_between_accounts_that_do_not_go_together(bank: Shipped, li: Account, wang: Account) -> None:
    cash, blocked = own_account(), make_account(restriction=Restriction.BLOCK_CREDIT)
    for payee, code in ((li, "same_account"), (cash, "not_a_customer_account"), (blocked, "account_blocked")):
        with refused(code):
            order_transfer(bank.maker, li, payee, "50000.00")


def test_a_withdrawal_that_cannot_be_is_refused(bank: Shipped, li: Account) -> None:
    for amount, code in (("60000.01", "insufficient_funds"), ("0", "amount_not_positive")):
        with refused(code):
            order_withdrawal(bank.maker, li, amount)


def test_a_reversal_that_cannot_be_is_refused(bank: Shipped, li: Account, wang: Account) -> None:
    original = order_transfer(bank.maker, li, wang, "100.00").result
    with refused("reason_required"):
        order_reversal(bank.maker, original, reason=" ")
    with refused("unknown_transaction"):
        order_reversal(bank.maker, Transaction())
    with refused("invalid_id"):
        submit("transactions.reverse", bank.maker, {"transaction": li.public_id}, reason="x")
    order_withdrawal(bank.maker, wang, "100.00")
    with refused("insufficient_funds"):
        order_reversal(bank.maker, original)
    deposit(wang, original.money)
    with as_if_consented():
        reversal = reverse(original)
    with refused("already_reversed"):
        order_reversal(bank.maker, original)
    with refused("reversal_of_reversal"):
        order_reversal(bank.maker, reversal)


def test_who_lacks_the_right_is_refused(bank: Shipped, li: Account, wang: Account) -> None:
    with refused("permission_refused"):
        order_transfer(bank.first[0], li, wang, "1.00")


@pytest.mark.parametrize(
    "call",
    [
        lambda li, wang, original: transfer(li, wang, original.money),
        lambda li, wang, original: withdraw(li, original.money),
        lambda li, wang, original: reverse(original),
    ],
    ids=["transfer", "withdraw", "reverse"],
)
def test_the_services_are_reached_through_the_gate_only(call: Any, li: Account, wang: Account) -> None:
    with as_if_consented():
        original = transfer(li, wang, li.balance.ledger_money)
    with refused("consent_required"):
        call(li, wang, original)


# -- what reviewers read -----------------------------------------------------------------------------------------------


def described(request: ApprovalRequest) -> dict[str, Any]:
    return dict(again(request).versions.get(number=again(request).version).description)


def test_a_transfer_in_plain_language(bank: Shipped, li: Account, wang: Account) -> None:
    request = order_transfer(bank.maker, li, wang, "50000", narrative="goods").request
    read = described(request)
    assert read["summary"].startswith("Move CNY 50,000.00 from 1")
    assert "(Li Hua) to " in read["summary"]
    assert read["summary"].endswith("(Wang Fang). Narrative: “goods”.")
    assert [pair for _name, *pair in read["changes"]] == [
        ["CNY 60,000.00", "CNY 10,000.00"],
        ["CNY 0.00", "CNY 50,000.00"],
    ]
    assert read["warnings"] == []
    concerned = set(request.concerns.values_list("subject_type", "subject_id"))
    assert concerned == {("account", li.public_id), ("account", wang.public_id)}
    assert li.branch is not None
    assert (request.amount, request.currency, request.branch_code) == (5_000_000, "CNY", li.branch.code)


def test_a_look_alike_an_overdraft_and_a_restriction_are_warned_of(bank: Shipped, wang: Account) -> None:
    payer = make_account("60000.00", overdraft="100000.00", restriction=Restriction.BLOCK_CREDIT)
    first = parked_in(order_transfer(bank.maker, payer, wang, "50000.00").request)
    alike, overdrawn, restricted = described(
        order_transfer(bank.maker, payer, wang, "50000.00", narrative="again").request
    )["warnings"]
    assert first.reference in alike
    assert "awaiting approval" in alike
    assert "overdrawn by CNY 40,000.00" in overdrawn
    assert "credits blocked" in restricted


def test_a_reversal_in_plain_language(bank: Shipped, li: Account, wang: Account) -> None:
    original = order_transfer(bank.maker, li, wang, "100.00").result
    request = order_reversal(bank.maker, original).request
    read = described(request)
    assert f"Reverse {original.reference} (transfer): take CNY 100.00 back from " in read["summary"]
    assert ["CNY 100.00", "CNY 0.00"] in [pair for _name, *pair in read["changes"]]
    assert ("transaction", original.public_id) in set(request.concerns.values_list("subject_type", "subject_id"))


def test_hold_and_request_end_together(bank: Shipped, li: Account, wang: Account) -> None:
    request = order_transfer(bank.maker, li, wang, "50000.00").request
    assert parked_in(request).holds.get().state == HoldState.PENDING
    reject(request, comment="no")
    assert parked_in(request).holds.get().state == HoldState.VOIDED
