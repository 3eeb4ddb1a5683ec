"""Refunding through the admin: in parts, never more than is left, through the gate, once however often it is clicked."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Account
from approvals.models import ApprovalRequest
from staff.models import Branch
from tests.accounts.factories import cny, ledger_of, make_account, make_customer
from tests.approvals.factories import approve_all
from tests.consent import as_if_consented
from tests.desk import address, code, confirm, key_of, words
from tests.partners.factories import make_partner
from tests.personas import SignIn
from tests.transactions.duplicate_cases import pay
from tests.transactions.factories import transfer
from tests.transactions.shipped import Shipped, ship
from tests.unchanged import nothing_changes
from transactions.models import Kind, Transaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(roles: None, branch: Branch) -> Shipped:
    return ship(branch)


@pytest.fixture
def desk(signed_in_client: SignIn, bank: Shipped) -> Client:
    return signed_in_client(bank.maker)


@pytest.fixture
def payer() -> Account:
    return make_account("200000.00", customer=make_customer("Li Hua"))


@pytest.fixture
def payee() -> Account:
    return make_account(customer=make_customer("Wang Fang"))


@pytest.fixture
def original(payer: Account, payee: Account) -> Transaction:
    return transfer(payer, payee, cny("100.00"))


def give_back(desk: Client, original: Transaction, amount: str) -> Transaction:
    answer = confirm(desk, address(original, "refund"), amount=amount, reason="returned goods", narrative="part")
    made = Transaction.objects.filter(kind=Kind.REFUND).latest("id")
    assert (answer.status_code, answer["Location"]) == (302, address(made))
    return made


def test_the_confirmation_says_what_will_happen_and_changes_nothing(desk: Client, original: Transaction) -> None:
    url = address(original, "refund")
    form = desk.get(url)
    assert "Given back so far, what waits for approval included: CNY 0.00. Left: CNY 100.00." in words(form)
    told = {"amount": "30.00", "reason": "returned goods", "narrative": "part", "idempotency_key": key_of(form)}
    with nothing_changes():
        page = words(desk.post(url, told))
    assert f"You are about to give CNY 30.00 of {original.reference} back" in page
    assert "CNY 100.00 CNY 70.00" in page  # the payee's balance, before and after


def test_it_is_given_back_in_parts_until_nothing_is_left(
    desk: Client, original: Transaction, payer: Account, payee: Account
) -> None:
    first = give_back(desk, original, "30.00")
    page = words(desk.get(address(original)))
    assert f"CNY 30.00 given back by {first.reference} (posted)." in page
    assert "Left to give back: CNY 70.00." in page
    url = address(original, "refund")
    form = desk.get(url)
    assert 'value="70.00"' in form.content.decode()
    with nothing_changes():
        answer = desk.post(url, {"amount": "70.01", "reason": "too much", "idempotency_key": key_of(form)})
    assert (answer.status_code, code(answer)) == (422, "refund_too_large")
    second = give_back(desk, original, "70.00")
    assert (ledger_of(payer), ledger_of(payee)) == ("200000.00", "0.00")
    assert f'href="{url}"' not in desk.get(address(original)).content.decode()  # nothing is left, so no button
    assert f"It gives back money of {original.reference}" in words(desk.get(address(second)))


def test_a_large_part_waits_for_reviewers_and_is_never_called_done(
    desk: Client, bank: Shipped, payer: Account, payee: Account
) -> None:
    original = transfer(payer, payee, cny("100000.00"))
    url = address(original, "refund")
    answer = confirm(desk, url, amount="60000.00", reason="all of it", narrative="")
    request = ApprovalRequest.objects.get()
    assert answer["Location"] == address(request)
    assert "has not been carried out yet" in words(desk.get(answer["Location"]))
    assert ledger_of(payee) == "100000.00"
    assert "Left: CNY 40,000.00." in words(desk.get(url))
    assert approve_all(request).state == "EXECUTED"
    assert (ledger_of(payer), ledger_of(payee)) == ("160000.00", "40000.00")


def test_a_double_click_gives_back_once(desk: Client, original: Transaction, payee: Account) -> None:
    url = address(original, "refund")
    told = {"amount": "30.00", "reason": "twice", "narrative": "", "idempotency_key": "once", "confirmed": "1"}
    first = desk.post(url, told)
    with nothing_changes():
        second = desk.post(url, told)
    assert first["Location"] == second["Location"]
    assert ledger_of(payee) == "70.00"


@pytest.mark.parametrize("missing", ["reason", "amount", "idempotency_key"])
def test_a_form_that_lacks_something_is_refused(desk: Client, original: Transaction, missing: str) -> None:
    told = {"amount": "30.00", "reason": "why", "narrative": "", "idempotency_key": "k", "confirmed": "1"}
    with nothing_changes():
        answer = desk.post(address(original, "refund"), {**told, missing: ""})
    assert answer.status_code == 422


def test_what_a_partner_ordered_says_so(desk: Client, payer: Account, payee: Account) -> None:
    partner = make_partner(name="Harbour Pay")
    with as_if_consented():
        pay(partner, payer, payee, external_reference="INV-1")
        held = pay(partner, payer, payee, external_reference="INV-2")
    assert held.twin is not None
    page = words(desk.get(address(held)))
    assert "Ordered by partner Harbour Pay , under its reference INV-2" in page
    assert f"It looks like {held.twin.reference} (posted)." in page
