"""Payments of the bank's own people are compared where the policy says so: seen before they are confirmed, explained or held."""

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
from tests.transactions.duplicate_cases import pay, policy
from tests.transactions.factories import park_transfer, transfer
from tests.transactions.requests import make_request
from tests.transactions.shipped import Shipped, ship, submit
from tests.unchanged import refused
from transactions.models import Channel, DuplicateNote, Kind, State, Transaction
from transactions.operations.movements import Transfer

pytestmark = pytest.mark.django_db
WHY = {"no_duplicate_because": "two invoices of the same amount"}


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
def compared() -> None:
    policy(staff_too=True)


def send(desk: Client, payer: Account, payee: Account, amount: str = "60.00", **more: str) -> Transaction:
    told = {"to_account": payee.number, "amount": amount, "narrative": "", **more}
    assert confirm(desk, address(payer, "transfer"), **told).status_code == 302
    return Transaction.objects.filter(kind=Kind.TRANSFER).latest("id")


def second_step(desk: Client, payer: Account, payee: Account) -> str:
    url = address(payer, "transfer")
    told = {"to_account": payee.number, "amount": "60.00", "narrative": "", "idempotency_key": key_of(desk.get(url))}
    return words(desk.post(url, told))


def test_a_twin_is_shown_before_it_is_confirmed_even_where_nothing_is_held(
    desk: Client, payer: Account, payee: Account
) -> None:
    assert "It looks like" not in second_step(desk, payer, payee)
    first = send(desk, payer, payee)
    page = second_step(desk, payer, payee)
    assert f"It looks like {first.reference} (posted, made by Ma Ke)" in page
    assert "Why are both wanted?" not in page
    assert send(desk, payer, payee).state == State.POSTED


@pytest.mark.usefixtures("compared")
def test_unexplained_it_is_held_and_the_teller_is_told_so(desk: Client, payer: Account, payee: Account) -> None:
    first = send(desk, payer, payee)
    assert "Why are both wanted?" in second_step(desk, payer, payee)
    held = send(desk, payer, payee)
    assert (held.state, held.twin, ledger_of(payee)) == (State.HELD, first, "60.00")
    assert "Not carried out" in words(desk.get(address(held)))


@pytest.mark.usefixtures("compared")
def test_explained_it_is_born_confirmed(desk: Client, payer: Account, payee: Account) -> None:
    first = send(desk, payer, payee)
    second = send(desk, payer, payee, **WHY)
    assert (second.state, second.twin, second.held_because) == (State.POSTED, first, "")
    assert second.confirmed_genuine_at == second.created_at
    assert ledger_of(payee) == "120.00"
    assert "“two invoices of the same amount”" in words(desk.get(address(second)))
    note = DuplicateNote.objects.get()
    assert (note.answer, note.transaction, note.twin, note.partner) == ("CONFIRMED", second, first, None)
    third = send(desk, payer, payee)  # the explained one is no reason, the first still is
    assert (third.state, third.twin) == (State.HELD, second)


@pytest.mark.usefixtures("compared")
def test_one_form_stays_one_payment_whatever_was_said_first(desk: Client, payer: Account, payee: Account) -> None:
    send(desk, payer, payee)
    url = address(payer, "transfer")
    told = {"to_account": payee.number, "amount": "60.00", "narrative": "", "idempotency_key": "once", "confirmed": "1"}
    desk.post(url, told)
    assert desk.post(url, {**told, **WHY}).status_code == 302
    assert Transaction.objects.filter(kind=Kind.TRANSFER).count() == 2
    assert ledger_of(payee) == "60.00"  # it is held, and a colleague decides


@pytest.mark.usefixtures("compared")
def test_a_withdrawal_is_compared_too(desk: Client, payer: Account) -> None:
    url = address(payer, "withdraw")
    told = {"amount": "60.00", "narrative": ""}
    assert confirm(desk, url, **told).status_code == 302
    confirm(desk, url, **told)
    states = list(Transaction.objects.filter(kind=Kind.WITHDRAWAL).order_by("id").values_list("state", flat=True))
    assert states == ["POSTED", "HELD"]
    confirm(desk, url, **told, **WHY)
    assert Transaction.objects.filter(kind=Kind.WITHDRAWAL, state=State.POSTED).count() == 2


@pytest.mark.usefixtures("compared")
def test_a_large_one_waits_and_reviewers_know_that_it_was_explained(
    desk: Client, bank: Shipped, payer: Account, payee: Account
) -> None:
    with as_if_consented():
        transfer(payer, payee, cny("60000.00"), now=Transaction.objects.latest("id").created_at)
    confirm(desk, address(payer, "transfer"), to_account=payee.number, amount="60000.00", narrative="", **WHY)
    request = ApprovalRequest.objects.get()
    parked = Transaction.objects.get(approval_request=request)
    assert (parked.state, request.reason) == (State.AWAITING_APPROVAL, WHY["no_duplicate_because"])
    assert approve_all(request).state == "EXECUTED"
    parked.refresh_from_db()
    assert parked.state == State.POSTED


def test_parked_and_explained_it_is_no_reason_to_hold_another(payer: Account, payee: Account) -> None:
    policy(staff_too=True)
    with as_if_consented():
        transfer(payer, payee, cny("60.00"))
        told = {"is_genuine": True, "reason": "two invoices"}
        parked = park_transfer(payer, payee, cny("60.00"), make_request(cny("60.00")), **told)
    assert (parked.twin is not None, parked.confirmed_genuine_at) == (True, parked.created_at)


def test_saying_so_takes_a_reason(bank: Shipped, payer: Account, payee: Account) -> None:
    told = {"from_account": payer.public_id, "to_account": payee.public_id, "amount": "60.00", "currency": "CNY"}
    with refused("reason_required"):
        submit("transactions.transfer", bank.maker, {**told, "genuine": True}, reason=" ")


def test_a_partner_cannot_say_so_beforehand(payer: Account, payee: Account) -> None:

    told = {"from_account": payer.public_id, "to_account": payee.public_id, "amount": "60.00", "currency": "CNY"}
    partner = make_partner()
    assert "genuine" not in Transfer().clean({**told, "genuine": True, "partner": partner.public_id})
    assert Transfer().clean({**told, "genuine": True})["genuine"] is True
    assert "genuine" not in Transfer().clean({**told, "genuine": "yes"})
    with as_if_consented():
        pay(partner, payer, payee)
        assert pay(partner, payer, payee, channel=Channel.PARTNER).state == State.HELD


@pytest.mark.usefixtures("compared")
def test_a_refusal_keeps_what_was_written(desk: Client, payer: Account, payee: Account) -> None:
    send(desk, payer, payee)
    url = address(payer, "transfer")
    form = {"to_account": payee.number, "amount": "1000000.00", "narrative": "", "idempotency_key": "k", **WHY}
    answer = desk.post(url, {**form, "confirmed": "1"})
    assert code(answer) == "insufficient_funds"
    assert WHY["no_duplicate_because"] in answer.content.decode()
