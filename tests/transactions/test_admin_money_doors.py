"""Deposit, withdraw, transfer and fee through the admin: asked twice, booked once, and every refusal of the issue."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts import numbers
from accounts.models import Account, AccountStatus, Restriction
from approvals.models import ApprovalRequest
from approvals.services.shipping import seed_policies
from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent, OutboxMessage
from staff.models import User
from tests.accounts.factories import ledger_of, make_account, make_customer, own_account
from tests.desk import address, code, confirm, key_of, words
from tests.personas import SignIn
from tests.unchanged import nothing_changes
from transactions.models import Transaction, TransactionEvent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def policies(db: None) -> None:
    """The shipped ones: from CNY 50,000 on, two reviewers."""
    seed_policies(actor=Actor.system("tests"), now=clock.now())


@pytest.fixture
def desk(signed_in_client: SignIn, operator: User) -> Client:
    """Someone who may use every money door."""
    return signed_in_client(operator)


@pytest.fixture
def account() -> Account:
    return make_account("100.00", customer=make_customer("Li Hua"))


def test_a_deposit_is_filled_in_read_and_confirmed(desk: Client, operator: User, account: Account) -> None:
    url = address(account, "deposit")
    form = desk.get(url)
    filled_in = {"amount": "250.00", "narrative": "Wages", "idempotency_key": key_of(form)}

    with nothing_changes():
        question = desk.post(url, filled_in)
    number = numbers.display(account.number)
    assert f"You are about to take in CNY 250.00 in cash and credit it to {number} (Li Hua)." in words(question)
    assert "CNY 100.00" in words(question)
    assert "CNY 350.00" in words(question)
    assert "“Wages”" in words(question)

    answer = desk.post(url, {**filled_in, "confirmed": "1"})
    booked = Transaction.objects.get(narrative="Wages")
    assert answer["Location"] == address(booked)
    assert ledger_of(account) == "350.00"
    assert (booked.maker_id, booked.channel) == (operator.public_id, "STAFF")
    event = AuditEvent.objects.get(subject_id=booked.public_id)
    assert (event.event_type, event.actor_name) == ("transactions.deposit.posted", "Ou Yan")
    assert event.request_id.startswith("req_")
    assert OutboxMessage.objects.filter(subject_id=booked.public_id).count() == 1
    assert TransactionEvent.objects.filter(transaction=booked).count() == 2
    assert f"CNY 250.00 deposited: {booked.reference}." in words(desk.get(address(booked)))


def test_a_withdrawal_pays_out_cash(desk: Client, account: Account) -> None:
    answer = confirm(desk, address(account, "withdraw"), amount="40.50", narrative="")
    assert answer.status_code == 302
    assert ledger_of(account) == "59.50"


def test_a_transfer_moves_money_to_the_number_that_was_typed(desk: Client, account: Account) -> None:
    payee = make_account("1.00", customer=make_customer("Wang Fang"))
    url = address(account, "transfer")
    typed = {"to_account": numbers.display(payee.number), "amount": "25", "narrative": "Rent", "idempotency_key": "k1"}

    question = words(desk.post(url, typed))
    payer_number, payee_number = numbers.display(account.number), numbers.display(payee.number)
    assert f"move CNY 25.00 from {payer_number} (Li Hua) to {payee_number} (Wang Fang)." in question
    assert "CNY 75.00" in question
    assert "CNY 26.00" in question

    assert desk.post(url, {**typed, "confirmed": "1"}).status_code == 302
    assert (ledger_of(account), ledger_of(payee)) == ("75.00", "26.00")


def test_a_fee_goes_to_fee_income(desk: Client, account: Account) -> None:
    answer = confirm(desk, address(account, "charge_fee"), amount="1.50", narrative="Card")
    assert answer.status_code == 302
    assert ledger_of(account) == "98.50"
    assert Transaction.objects.get(narrative="Card").credit_account.number == "4010-CNY"


def test_change_leads_back_to_the_form_with_what_was_typed_and_the_same_key(desk: Client, account: Account) -> None:
    url = address(account, "withdraw")
    with nothing_changes():
        form = desk.post(url, {"amount": "12.34", "narrative": "x", "idempotency_key": "k7", "change": "1"})
    assert form.status_code == 200
    assert 'value="12.34"' in form.content.decode()
    assert key_of(form) == "k7"


def test_a_double_click_or_a_reload_pays_once(desk: Client, account: Account) -> None:
    url = address(account, "withdraw")
    confirmed = {"amount": "100.00", "narrative": "all of it", "idempotency_key": "once", "confirmed": "1"}
    first, second = desk.post(url, confirmed), desk.post(url, confirmed)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert Transaction.objects.filter(narrative="all of it").count() == 1
    assert ledger_of(account) == "0.00"


def test_every_form_has_a_key_of_its_own(desk: Client, account: Account) -> None:
    url = address(account, "deposit")
    assert key_of(desk.get(url)) != key_of(desk.get(url))


# -- Refusals: through both steps, and confirmed at once by somebody who skips the form ------------------------------

PAYER = "100.00"
REFUSED: list[tuple[str, str, dict[str, Any], dict[str, str], str, int]] = [
    ("insufficient balance", "withdraw", {}, {"amount": "100.01"}, "insufficient_funds", 422),
    ("insufficient for a fee", "charge_fee", {}, {"amount": "100.01"}, "insufficient_funds", 422),
    ("insufficient available balance", "withdraw", {"held": "60.00"}, {"amount": "40.01"}, "insufficient_funds", 422),
    ("beyond the overdraft", "withdraw", {"overdraft": "50.00"}, {"amount": "150.01"}, "insufficient_funds", 422),
    ("closed", "deposit", {"balance": "0", "status": AccountStatus.CLOSED}, {"amount": "1"}, "account_closed", 422),
    ("pending", "deposit", {"status": AccountStatus.PENDING}, {"amount": "1"}, "account_pending", 422),
    ("dormant", "withdraw", {"status": AccountStatus.DORMANT}, {"amount": "1"}, "account_dormant", 422),
    ("debits blocked", "withdraw", {"restriction": Restriction.BLOCK_DEBIT}, {"amount": "1"}, "account_blocked", 422),
    ("credits blocked", "deposit", {"restriction": Restriction.BLOCK_CREDIT}, {"amount": "1"}, "account_blocked", 422),
    ("all blocked", "charge_fee", {"restriction": Restriction.BLOCK_ALL}, {"amount": "1"}, "account_blocked", 422),
    ("zero", "deposit", {}, {"amount": "0"}, "amount_not_positive", 422),
    ("negative", "withdraw", {}, {"amount": "-5"}, "amount_not_positive", 422),
    ("too precise", "deposit", {}, {"amount": "1.005"}, "amount_too_precise", 422),
    (
        "too precise for yen",
        "deposit",
        {"currency": "JPY", "balance": "10"},
        {"amount": "0.5"},
        "amount_too_precise",
        422,
    ),
    ("not an amount", "deposit", {}, {"amount": "a lot"}, "invalid_amount", 422),
    ("grouped", "deposit", {}, {"amount": "1,000.00"}, "invalid_amount", 422),
    ("full-width digits", "deposit", {}, {"amount": "１００"}, "invalid_amount", 422),
    ("too large", "deposit", {}, {"amount": "9" * 25}, "amount_too_large", 422),
]


@pytest.mark.parametrize("skips_the_question", [False, True], ids=["in two steps", "confirmed at once"])
@pytest.mark.parametrize(
    ("door", "state", "fields", "expected", "status"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_refusal_names_its_code_and_changes_nothing(  # noqa: PLR0917  # one row of the table each
    desk: Client,
    door: str,
    state: dict[str, Any],
    fields: dict[str, str],
    expected: str,
    status: int,
    skips_the_question: bool,
) -> None:
    account = make_account(**{"balance": PAYER, **state})
    own_account(), own_account(currency=account.currency)
    url = address(account, door)
    with nothing_changes():
        if skips_the_question:
            answer = desk.post(url, {**fields, "narrative": "", "idempotency_key": "k", "confirmed": "1"})
        else:
            answer = confirm(desk, url, **fields, narrative="")
    assert (answer.status_code, code(answer)) == (status, expected)


PAYEES: list[tuple[str, dict[str, Any], str, int]] = [
    ("closed", {"status": AccountStatus.CLOSED}, "account_closed", 422),
    ("credits blocked", {"restriction": Restriction.BLOCK_CREDIT}, "account_blocked", 422),
    ("other currency", {"currency": "USD"}, "currency_mismatch", 422),
]


@pytest.mark.parametrize(("state", "expected", "status"), [row[1:] for row in PAYEES], ids=[row[0] for row in PAYEES])
def test_a_payee_who_may_not_be_paid_is_refused(
    desk: Client, account: Account, state: dict[str, Any], expected: str, status: int
) -> None:
    payee = make_account(**state)
    with nothing_changes():
        answer = confirm(desk, address(account, "transfer"), to_account=payee.number, amount="1", narrative="")
        at_once = {"to_account": payee.number, "amount": "1", "idempotency_key": "k", "confirmed": "1"}
        skipped = desk.post(address(account, "transfer"), at_once)
    assert (answer.status_code, code(answer)) == (status, expected)
    assert (skipped.status_code, code(skipped)) == (status, expected)


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "1"}], ids=["first step", "confirmed at once"])
@pytest.mark.parametrize(
    ("to_account", "expected", "status"),
    [
        ("100000000099", "invalid_account_number", 422),
        ("not a number", "invalid_account_number", 422),
        ("1010-CNY", "invalid_account_number", 422),
        (numbers.with_check_digits(9_999_999_999), "unknown_account", 404),
        ("itself", "same_account", 422),
    ],
)
def test_a_payees_number_must_lead_to_another_account(  # noqa: PLR0917  # one row of the table each
    desk: Client, account: Account, to_account: str, expected: str, status: int, confirmed: dict[str, str]
) -> None:
    typed = account.number if to_account == "itself" else to_account
    with nothing_changes():
        form = {"to_account": typed, "amount": "1", "idempotency_key": "k", **confirmed}
        answer = desk.post(address(account, "transfer"), form)
    assert (answer.status_code, code(answer)) == (status, expected)


def test_a_key_that_was_used_for_something_else_is_refused(desk: Client, account: Account) -> None:
    url = address(account, "deposit")
    used = {"narrative": "", "idempotency_key": "taken", "confirmed": "1"}
    assert desk.post(url, {**used, "amount": "1.00"}).status_code == 302
    with nothing_changes():
        answer = desk.post(url, {**used, "amount": "2.00"})
    assert (answer.status_code, code(answer)) == (422, "idempotency_conflict")


def test_a_key_is_its_makers_own(desk: Client, signed_in_client: SignIn, teller: User, account: Account) -> None:
    form = {"amount": "1.00", "narrative": "", "idempotency_key": "mine", "confirmed": "1"}
    assert desk.post(address(account, "deposit"), form).status_code == 302
    first = Transaction.objects.get(idempotency_key="mine")
    assert signed_in_client(teller).post(address(account, "deposit"), form).status_code == 302
    assert Transaction.objects.filter(idempotency_key="mine").exclude(pk=first.pk).get().maker_id == teller.public_id


@pytest.mark.parametrize("form", [{"amount": "1.00", "confirmed": "1"}, {"idempotency_key": "k", "confirmed": "1"}])
def test_a_form_without_key_or_amount_is_incomplete(desk: Client, account: Account, form: dict[str, str]) -> None:
    with nothing_changes():
        assert desk.post(address(account, "deposit"), form).status_code == 422


def test_the_banks_own_account_has_no_money_door(signed_in_client: SignIn, operator: User, finance: User) -> None:
    cash = own_account()
    form = {"amount": "1.00", "idempotency_key": "k", "confirmed": "1"}
    desk, ledger = signed_in_client(operator), signed_in_client(finance)
    with nothing_changes():
        assert desk.post(address(cash, "deposit"), form).status_code == 404
        answer = ledger.post(address(cash, "charge_fee"), form)
    assert (answer.status_code, code(answer)) == (422, "not_a_customer_account")
    assert "Charge fee" not in words(ledger.get(address(cash)))


# -- What needs approval ---------------------------------------------------------------------------------------------


def test_a_large_transfer_waits_and_nobody_is_told_that_it_is_done(desk: Client) -> None:
    rich, payee = make_account("60000.00"), make_account(customer=make_customer("Wang Fang"))
    url = address(rich, "transfer")
    form = {"to_account": payee.number, "amount": "50000", "narrative": "", "idempotency_key": "k"}
    with nothing_changes():
        question = words(desk.post(url, form))
    assert "2 reviewers must agree before it is done. Until then the money is held on the account." in question
    answer = desk.post(url, {**form, "confirmed": "1"})
    request, row = ApprovalRequest.objects.get(), Transaction.objects.get(approval_request__isnull=False)
    assert answer["Location"] == address(request)
    assert (ledger_of(rich), ledger_of(payee), row.state) == ("60000.00", "0.00", "AWAITING_APPROVAL")
    page = words(desk.get(address(row)))
    assert f"Waits for approval: {request.reference}" in page
    assert "transferred" not in page
    assert "No money has moved" in page
    assert address(request) in desk.get(address(row)).content.decode()


def test_a_double_click_waits_once(desk: Client) -> None:
    rich = make_account("60000.00")
    confirmed = {"amount": "50000.00", "narrative": "", "idempotency_key": "once", "confirmed": "1"}
    first = desk.post(address(rich, "withdraw"), confirmed)
    with nothing_changes():
        second = desk.post(address(rich, "withdraw"), confirmed)
    assert first["Location"] == second["Location"] == address(ApprovalRequest.objects.get())


def test_a_small_one_says_nothing_of_reviewers(desk: Client) -> None:
    rich = make_account("60000.00")
    question = desk.post(address(rich, "withdraw"), {"amount": "49999.99", "narrative": "", "idempotency_key": "k"})
    assert question.status_code == 200
    assert "review" not in words(question)


def test_the_account_shows_what_is_held_and_for_what(desk: Client) -> None:
    rich = make_account("60000.00")
    assert "Held now" not in words(desk.get(address(rich)))
    confirm(desk, address(rich, "withdraw"), amount="50000.00", narrative="")
    page = words(desk.get(address(rich)))
    assert "Available CNY 10,000.00 Ledger balance CNY 60,000.00 Held CNY 50,000.00" in page
    row = Transaction.objects.get(approval_request__isnull=False)
    assert f"payment that waits for approval {row.reference} CNY 50,000.00" in page


# -- What is offered in which state ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        ({}, {"deposit", "withdraw", "transfer", "charge_fee"}),
        ({"restriction": Restriction.BLOCK_DEBIT}, {"deposit"}),
        ({"restriction": Restriction.BLOCK_CREDIT}, {"withdraw", "transfer", "charge_fee"}),
        ({"restriction": Restriction.BLOCK_ALL}, set()),
        ({"status": AccountStatus.DORMANT}, {"deposit"}),
        ({"status": AccountStatus.PENDING}, set()),
        ({"status": AccountStatus.CLOSED}, set()),
    ],
)
def test_what_the_account_cannot_do_is_not_offered(desk: Client, state: dict[str, Any], offered: set[str]) -> None:
    account = make_account(**state)
    page = desk.get(address(account)).content.decode()
    doors = re.findall(rf"{account.pk}/(deposit|withdraw|transfer|charge_fee)/", page)
    assert set(doors) == offered
