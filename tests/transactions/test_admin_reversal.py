"""Reversing through the admin: the page shows the entry that will be posted; reviewed, it is posted once."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Account, AccountStatus
from approvals.models import ApprovalRequest
from bankops.core.models import AuditEvent
from staff.models import Branch
from tests.accounts.factories import cny, ledger_of, make_account, make_customer
from tests.approvals.factories import approve_all
from tests.desk import address, code, key_of, words
from tests.personas import SignIn
from tests.transactions.factories import deposit, reverse, transfer, withdraw
from tests.transactions.shipped import Shipped, ship
from tests.unchanged import nothing_changes
from transactions.models import State, Transaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(roles: None, branch: Branch) -> Shipped:
    return ship(branch)


@pytest.fixture
def desk(signed_in_client: SignIn, bank: Shipped) -> Client:
    return signed_in_client(bank.maker)


@pytest.fixture
def payer() -> Account:
    return make_account("100.00", customer=make_customer("Li Hua"))


@pytest.fixture
def payee() -> Account:
    return make_account(customer=make_customer("Wang Fang"))


def test_the_page_shows_the_mirror_image(desk: Client, payer: Account, payee: Account) -> None:
    original = transfer(payer, payee, cny("30.00"))
    with nothing_changes():
        page = words(desk.get(address(original, "reverse")))
    assert f"{original.reference} stays in the books." in page
    payer_side, payee_side = page.index("Li Hua Debit Credit"), page.index("Wang Fang Debit Credit")
    assert page[payer_side : payer_side + 40].startswith("Li Hua Debit Credit CNY 30.00")
    assert payer_side < payee_side


def test_a_reversal_waits_then_gives_the_money_back_and_links_both_ways(
    desk: Client, bank: Shipped, payer: Account, payee: Account
) -> None:
    original = transfer(payer, payee, cny("30.00"))
    url = address(original, "reverse")
    form = desk.get(url)
    assert "2 reviewers must agree before it is done." in words(form)
    answer = desk.post(url, {"reason": "Wrong payee", "idempotency_key": key_of(form)})
    request = ApprovalRequest.objects.get()
    assert answer["Location"] == address(request)
    assert (ledger_of(payer), ledger_of(payee)) == ("70.00", "30.00")

    assert approve_all(request).state == "EXECUTED"
    reversal = Transaction.objects.get(reverses=original)
    assert (ledger_of(payer), ledger_of(payee)) == ("100.00", "0.00")
    assert f"It reverses {original.reference}" in words(desk.get(address(reversal)))
    assert f"It was reversed by {reversal.reference}" in words(desk.get(address(original)))
    event = AuditEvent.objects.get(event_type="transactions.transaction.reversed")
    assert (event.actor_id, event.reason, event.subject_id) == (
        bank.maker.public_id,
        "Wrong payee",
        original.public_id,
    )
    assert "“Wrong payee”" in words(desk.get(address(original)))


def test_a_double_click_asks_once_and_reverses_once(desk: Client, payer: Account, payee: Account) -> None:
    original = transfer(payer, payee, cny("30.00"))
    url, form = address(original, "reverse"), {"reason": "Twice", "idempotency_key": "once"}
    first = desk.post(url, form)
    with nothing_changes():
        second = desk.post(url, form)
    request = ApprovalRequest.objects.get()
    assert first["Location"] == second["Location"] == address(request)
    approve_all(request)
    with nothing_changes():
        third = desk.post(url, form)
    assert third["Location"] == address(Transaction.objects.get(reverses=original))


@pytest.mark.parametrize("reason", ["", "   \n"])
def test_a_reason_is_required(desk: Client, payer: Account, reason: str) -> None:
    original = deposit(payer, cny("5.00"))
    with nothing_changes():
        answer = desk.post(address(original, "reverse"), {"reason": reason, "idempotency_key": "k"})
    assert answer.status_code == 422
    assert "Say why" in words(answer)


def test_a_second_reversal_is_refused_and_not_offered(desk: Client, payer: Account) -> None:
    original = deposit(payer, cny("5.00"))
    reverse(original)
    with nothing_changes():
        answer = desk.post(address(original, "reverse"), {"reason": "again", "idempotency_key": "other"})
    assert (answer.status_code, code(answer)) == (422, "already_reversed")
    assert address(original, "reverse") not in desk.get(address(original)).content.decode()


def test_a_reversal_cannot_be_reversed_and_does_not_offer_it(desk: Client, payer: Account) -> None:
    reversal = reverse(deposit(payer, cny("5.00")))
    with nothing_changes():
        answer = desk.post(address(reversal, "reverse"), {"reason": "undo", "idempotency_key": "k"})
    assert (answer.status_code, code(answer)) == (422, "reversal_of_reversal")
    assert address(reversal, "reverse") not in desk.get(address(reversal)).content.decode()


def test_money_that_is_gone_cannot_be_taken_back(desk: Client, payer: Account, payee: Account) -> None:
    original = transfer(payer, payee, cny("30.00"))
    withdraw(payee, cny("30.00"))
    with nothing_changes():
        answer = desk.post(address(original, "reverse"), {"reason": "late", "idempotency_key": "k"})
    assert (answer.status_code, code(answer)) == (422, "insufficient_funds")


def test_a_closed_account_takes_no_reversal(desk: Client, payee: Account) -> None:
    payer = make_account("30.00")
    original = transfer(payer, payee, cny("30.00"))
    Account.objects.filter(pk=payer.pk).update(status=AccountStatus.CLOSED, closed_date=payer.opened_date)
    with nothing_changes():
        answer = desk.post(address(original, "reverse"), {"reason": "late", "idempotency_key": "k"})
    assert (answer.status_code, code(answer)) == (422, "account_closed")
    original.refresh_from_db()
    assert original.state == State.POSTED


def test_an_unknown_transaction_is_not_found(desk: Client, payer: Account) -> None:
    missing = Transaction(pk=payer.pk)
    assert desk.get(address(missing, "reverse")).status_code == 404
    assert desk.post(address(missing, "reverse"), {"reason": "x", "idempotency_key": "k"}).status_code == 404
