"""The doors of an account's life: each submits its operation, and says honestly whether it is done or waits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts import numbers
from accounts.models import Account, AccountStatus, Restriction
from accounts.services.limits import limits_of
from approvals.models import ApprovalRequest
from bankops.core.models import AuditEvent
from staff.models import Branch, User
from tests.accounts.factories import cny, freeze, ledger_of, make_account
from tests.consent import OpenGate
from tests.desk import address, code, words
from tests.personas import SignIn
from tests.transactions.shipped import ship
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db

DOORS = (
    "freeze_account",
    "release_account",
    "mark_dormant",
    "wake_account",
    "set_overdraft",
    "set_limits",
    "close_account",
    "reopen_account",
)
FREEZE = {"restriction": "BLOCK_ALL", "reason_code": "SUSPECTED_FRAUD", "reason": "Looks stolen"}


@pytest.fixture
def desk(signed_in_client: SignIn, operator: User) -> Client:
    return signed_in_client(operator)


def knock(desk: Client, account: Account, door: str, **form: str) -> Any:
    told = {"reason": "As agreed", "idempotency_key": uuid4().hex, **form}
    return desk.post(address(account, door), told)


def refreshed(account: Account) -> Account:
    return Account.objects.get(pk=account.pk)


# -- Done at once ----------------------------------------------------------------------------------------------------


def test_freezing_and_releasing_leave_their_reasons(desk: Client, operator: User, open_gate: OpenGate) -> None:
    account = make_account("10.00")
    frozen = knock(desk, account, "freeze_account", **FREEZE)
    assert frozen["Location"] == address(account)
    assert "all movements blocked: suspected fraud" in words(desk.get(address(account)))
    standing = account.restrictions.get()
    knock(desk, account, "release_account", restriction=standing.public_id, reason="It was not")
    assert refreshed(account).restriction == Restriction.NONE
    events = AuditEvent.objects.filter(subject_id=account.public_id, actor_id=operator.public_id).order_by("id")
    assert [event.reason for event in events] == ["Looks stolen", "It was not"]
    page = words(desk.get(address(account)))
    assert "Looks stolen" in page
    assert "It was not" in page


def test_a_freeze_ends_after_the_last_day_on_the_banks_own_clock(desk: Client, open_gate: OpenGate) -> None:
    account = make_account()
    knock(desk, account, "freeze_account", **FREEZE, last_day="2099-03-31")
    assert account.restrictions.get().ends_at == datetime(2099, 3, 31, 16, tzinfo=UTC)  # midnight in Shanghai


def test_one_of_several_restrictions_is_chosen(desk: Client, open_gate: OpenGate) -> None:
    account = make_account(restriction=Restriction.BLOCK_DEBIT)
    credit = freeze(account, Restriction.BLOCK_CREDIT)
    page = words(desk.get(address(account, "release_account")))
    assert "Debits blocked: suspected fraud" in page
    assert "Credits blocked: suspected fraud" in page
    knock(desk, account, "release_account", restriction=credit.public_id)
    assert refreshed(account).restriction == "BLOCK_DEBIT"


def test_a_double_click_freezes_once(desk: Client, branch: Branch) -> None:
    ship(branch)
    account = make_account()
    for _ in range(2):
        assert knock(desk, account, "freeze_account", **FREEZE, idempotency_key="one click").status_code == 302
    assert account.restrictions.count() == 1


def test_an_account_sleeps_and_wakes(desk: Client, open_gate: OpenGate) -> None:
    account = make_account()
    knock(desk, account, "mark_dormant")
    assert refreshed(account).status == AccountStatus.DORMANT
    knock(desk, account, "wake_account")
    assert refreshed(account).status == AccountStatus.ACTIVE


def test_overdraft_and_limits_are_set(desk: Client, open_gate: OpenGate) -> None:
    account = make_account()
    knock(desk, account, "set_overdraft", limit="500.00")
    knock(desk, account, "set_limits", ALL_DAILY="100", PARTNER_TRANSACTION="20.00", STAFF_MONTHLY=" ")
    assert refreshed(account).overdraft_limit == 50_000
    assert limits_of(account) == {("ALL", "DAILY"): cny("100.00"), ("PARTNER", "TRANSACTION"): cny("20.00")}
    page = words(desk.get(address(account)))
    assert "Overdraft limit CNY 500.00" in page
    assert "Daily, all channels together CNY 100.00" in page
    assert 'value="100.00"' in desk.get(address(account, "set_limits")).content.decode()


def test_an_account_is_closed_with_its_balance_paid_out_and_reopened(desk: Client, open_gate: OpenGate) -> None:
    account, payee = make_account("12.50"), make_account()
    answer = knock(desk, account, "close_account", payee=numbers.display(payee.number))
    assert answer["Location"] == address(account)
    assert (refreshed(account).status, ledger_of(payee)) == (AccountStatus.CLOSED, "12.50")
    assert "is closed." in words(desk.get(address(account)))
    knock(desk, account, "reopen_account")
    assert refreshed(account).status == AccountStatus.ACTIVE


# -- With the shipped policies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("door", "state", "form", "waits"),
    [
        ("freeze_account", {}, FREEZE, False),
        ("release_account", {"restriction": Restriction.BLOCK_DEBIT}, {}, True),
        ("mark_dormant", {}, {}, False),
        ("wake_account", {"status": AccountStatus.DORMANT}, {}, True),
        ("set_overdraft", {}, {"limit": "500.00"}, True),
        ("set_limits", {}, {"ALL_DAILY": "100.00"}, True),
        ("close_account", {}, {}, True),
        ("reopen_account", {"status": AccountStatus.CLOSED}, {}, True),
    ],
)
def test_what_must_not_wait_is_done_and_what_opens_the_way_to_money_waits(  # noqa: PLR0917  # one row of the table each
    desk: Client, branch: Branch, door: str, state: dict[str, Any], form: dict[str, str], waits: bool
) -> None:
    ship(branch)
    account = make_account(**state)
    if door == "release_account":
        form = {"restriction": account.restrictions.get().public_id}
    before = (refreshed(account).status, refreshed(account).restriction, refreshed(account).overdraft_limit)
    page = words(desk.get(knock(desk, account, door, **form)["Location"]))
    after = (refreshed(account).status, refreshed(account).restriction, refreshed(account).overdraft_limit)
    assert ("Waits for approval" in page) == waits
    assert (before == after) == waits
    assert ApprovalRequest.objects.count() == waits
    if waits:
        assert "AP-" in words(desk.get(address(account)))


# -- Refused ---------------------------------------------------------------------------------------------------------

REFUSED: list[tuple[str, dict[str, Any], dict[str, str], str, int]] = [
    ("freeze_account", {"status": AccountStatus.CLOSED}, FREEZE, "account_not_open", 409),
    ("freeze_account", {}, {**FREEZE, "reason_code": "COURT_ORDER"}, "legal_reference_required", 422),
    ("freeze_account", {}, {**FREEZE, "last_day": "2020-01-01"}, "restriction_ends_too_soon", 422),
    ("mark_dormant", {"status": AccountStatus.DORMANT}, {}, "account_not_active", 409),
    ("wake_account", {}, {}, "account_not_dormant", 409),
    ("set_overdraft", {}, {"limit": "0"}, "overdraft_unchanged", 409),
    ("set_overdraft", {}, {"limit": "1.001"}, "amount_too_precise", 422),
    ("set_limits", {}, {}, "limits_unchanged", 409),
    ("set_limits", {}, {"ALL_DAILY": "much"}, "invalid_amount", 422),
    ("close_account", {"balance": "0.01"}, {}, "balance_not_zero", 422),
    ("close_account", {"balance": "1.00", "held": "1.00"}, {}, "account_has_pending", 409),
    ("close_account", {"restriction": Restriction.BLOCK_DEBIT}, {}, "account_restricted", 409),
    ("close_account", {"status": AccountStatus.CLOSED}, {}, "account_not_open", 409),
    ("close_account", {}, {"payee": "100000000001"}, "invalid_account_number", 422),
    ("reopen_account", {}, {}, "account_not_closed", 409),
]


@pytest.mark.parametrize(("door", "state", "form", "expected", "status"), REFUSED)
def test_what_the_account_does_not_allow_is_refused(  # noqa: PLR0917  # one row of the table each
    desk: Client,
    open_gate: OpenGate,
    door: str,
    state: dict[str, Any],
    form: dict[str, str],
    expected: str,
    status: int,
) -> None:
    account = make_account(**state)
    with nothing_changes():
        answer = knock(desk, account, door, **form)
    assert (answer.status_code, code(answer)) == (status, expected)


def test_only_what_stands_on_the_account_can_be_lifted_there(desk: Client, open_gate: OpenGate) -> None:
    account, other = make_account(), make_account(restriction=Restriction.BLOCK_DEBIT)
    with nothing_changes():
        answer = knock(desk, account, "release_account", restriction=other.restrictions.get().public_id)
    assert answer.status_code == 422


@pytest.mark.parametrize("door", DOORS)
def test_every_door_asks_why(desk: Client, open_gate: OpenGate, door: str) -> None:
    account = make_account(restriction=Restriction.BLOCK_DEBIT)
    form = {**FREEZE, "restriction": "BLOCK_CREDIT", "limit": "5", "ALL_DAILY": "5", "reason": " "}
    with nothing_changes():
        answer = knock(desk, account, door, **form)
    assert answer.status_code == 422
    assert "Say why" in words(answer)


_TERMS = {"set_overdraft", "set_limits"}


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        ({}, {"freeze_account", "mark_dormant", "close_account", *_TERMS}),
        ({"balance": "1"}, {"freeze_account", "mark_dormant", "close_account", *_TERMS}),
        ({"balance": "1", "held": "1"}, {"freeze_account", "mark_dormant", *_TERMS}),
        ({"restriction": Restriction.BLOCK_DEBIT}, {"freeze_account", "release_account", "mark_dormant", *_TERMS}),
        ({"status": AccountStatus.DORMANT}, {"freeze_account", "wake_account", "close_account", *_TERMS}),
        ({"status": AccountStatus.CLOSED}, {"reopen_account"}),
    ],
)
def test_what_makes_no_sense_is_not_offered(desk: Client, state: dict[str, Any], offered: set[str]) -> None:
    account = make_account(**state)
    page = desk.get(address(account)).content.decode()
    assert {door for door in DOORS if address(account, door) in page} == offered
