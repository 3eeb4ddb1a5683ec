"""Accounts in the admin: who sees which, what the page says, and freezing, releasing and closing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts import numbers
from accounts.models import Account, AccountParty, AccountStatus, PartyRole, Restriction
from bankops.core.models import AuditEvent
from staff.models import User
from tests.accounts.factories import make_account, make_customer, own_account
from tests.desk import address, code, words
from tests.personas import SignIn
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/account/"


@pytest.fixture
def desk(signed_in_client: SignIn, operator: User) -> Client:
    return signed_in_client(operator)


def test_the_page_says_what_is_on_the_account(desk: Client) -> None:
    account = make_account("100.00", customer=make_customer("Li Hua"), held="30.00", overdraft="50.00")
    AccountParty.objects.create(account=account, customer=make_customer("Wang Fang"), role=PartyRole.DISPONENT)
    page = words(desk.get(address(account)))
    assert numbers.display(account.number) in page
    assert "Available CNY 120.00" in page
    assert "Ledger balance CNY 100.00" in page
    assert "Held CNY 30.00" in page
    assert "Overdraft limit CNY 50.00" in page
    assert "active" in page
    assert "Wang Fang disponent" in page
    assert "Account opened by Tang Ling" in page


def test_status_and_restriction_are_said_in_words(desk: Client) -> None:
    account = make_account(restriction=Restriction.BLOCK_DEBIT)
    for url in (address(account), LIST):
        assert "active debits blocked" in words(desk.get(url))


def test_the_banks_own_accounts_are_for_the_general_ledgers_readers(
    desk: Client, signed_in_client: SignIn, finance: User
) -> None:
    make_account("10.00")
    cash = own_account()
    assert "1010-CNY" not in words(desk.get(LIST))
    assert "1010-CNY" not in words(desk.get(LIST, {"q": "1010-CNY"}))
    assert desk.get(address(cash)).status_code == 302
    assert desk.get(address(cash, "statement")).status_code == 404
    version = cash.history.get().pk
    assert desk.get(address(cash, "history")).status_code == 404
    assert desk.get(f"/admin/accounts/account/{cash.pk}/history/{version}/").status_code == 404

    reader = signed_in_client(finance)
    assert "1010-CNY" in words(reader.get(LIST))
    assert "1010-CNY" in words(reader.get(LIST, {"owner": "bank"}))
    assert "1010-CNY" not in words(reader.get(LIST, {"owner": "customer"}))
    assert "Ledger balance CNY 10.00" in words(reader.get(address(cash)))


def test_accounts_are_found_in_the_list(desk: Client) -> None:
    li, wang = make_customer("Li Hua"), make_customer("Wang Fang")
    of_li, of_wang = make_account(customer=li), make_account(customer=wang)
    Account.objects.filter(pk=of_wang.pk).update(external_reference="berka:576")

    def found(text: str) -> list[str]:
        shown = words(desk.get(LIST, {"q": text}))
        return [str(account.number) for account in (of_li, of_wang) if numbers.display(account.number) in shown]

    assert found(of_li.number) == [of_li.number]
    assert found(numbers.display(of_li.number)) == [of_li.number]
    assert found("li hua") == [of_li.number]
    assert found(wang.number) == [of_wang.number]
    assert found("berka:576") == [of_wang.number]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"status__exact": "CLOSED"}, "closed"),
        ({"restriction__exact": "BLOCK_ALL"}, "blocked"),
        ({"currency": "USD"}, "usd"),
    ],
)
def test_the_list_is_filtered(desk: Client, query: dict[str, str], shown: str) -> None:
    accounts = {
        "closed": make_account(status=AccountStatus.CLOSED),
        "blocked": make_account(restriction=Restriction.BLOCK_ALL),
        "usd": make_account(currency="USD"),
    }
    page = words(desk.get(LIST, query))
    assert [name for name, account in accounts.items() if numbers.display(account.number) in page] == [shown]


# -- Freeze, release, close ------------------------------------------------------------------------------------------


def test_freezing_and_releasing_leave_their_reasons(desk: Client, operator: User) -> None:
    account = make_account("10.00")
    frozen = desk.post(address(account, "freeze_account"), {"restriction": "BLOCK_ALL", "reason": "Court order"})
    assert frozen["Location"] == address(account)
    assert "all movements blocked" in words(desk.get(address(account)))
    desk.post(address(account, "release_account"), {"reason": "Order lifted"})
    account.refresh_from_db()
    assert account.restriction == Restriction.NONE
    events = AuditEvent.objects.filter(subject_id=account.public_id, actor_id=operator.public_id).order_by("id")
    assert [event.reason for event in events] == ["Court order", "Order lifted"]


def test_an_empty_account_is_closed(desk: Client) -> None:
    account = make_account()
    answer = desk.post(address(account, "close_account"), {"reason": "Moved away"})
    assert answer["Location"] == address(account)
    account.refresh_from_db()
    assert account.status == AccountStatus.CLOSED
    assert "is closed." in words(desk.get(address(account)))


REFUSED: list[tuple[str, dict[str, Any], dict[str, str], str, int]] = [
    ("freeze_account", {"status": AccountStatus.CLOSED}, {"restriction": "BLOCK_ALL"}, "account_not_open", 409),
    ("release_account", {}, {}, "restriction_unchanged", 409),
    ("close_account", {"balance": "0.01"}, {}, "balance_not_zero", 422),
    ("close_account", {"status": AccountStatus.CLOSED}, {}, "account_not_open", 409),
]


@pytest.mark.parametrize(("door", "state", "fields", "expected", "status"), REFUSED)
def test_what_the_account_does_not_allow_is_refused(  # noqa: PLR0917  # one row of the table each
    desk: Client, door: str, state: dict[str, Any], fields: dict[str, str], expected: str, status: int
) -> None:
    account = make_account(**state)
    with nothing_changes():
        answer = desk.post(address(account, door), {**fields, "reason": "As ordered"})
    assert (answer.status_code, code(answer)) == (status, expected)


@pytest.mark.parametrize("door", ["freeze_account", "release_account", "close_account"])
def test_every_door_asks_why(desk: Client, door: str) -> None:
    account = make_account(restriction=Restriction.BLOCK_DEBIT)
    with nothing_changes():
        answer = desk.post(address(account, door), {"restriction": "BLOCK_ALL", "reason": " "})
    assert answer.status_code == 422
    assert "Say why" in words(answer)


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        ({}, {"freeze_account", "close_account"}),
        ({"balance": "1"}, {"freeze_account"}),
        ({"restriction": Restriction.BLOCK_DEBIT}, {"freeze_account", "release_account", "close_account"}),
        ({"status": AccountStatus.CLOSED}, set()),
    ],
)
def test_what_makes_no_sense_is_not_offered(desk: Client, state: dict[str, Any], offered: set[str]) -> None:
    account = make_account(**state)
    page = desk.get(address(account)).content.decode()
    doors = ("freeze_account", "release_account", "close_account")
    assert {door for door in doors if address(account, door) in page} == offered


def test_the_present_restriction_is_not_a_choice(desk: Client) -> None:
    account = make_account(restriction=Restriction.BLOCK_DEBIT)
    page = desk.get(address(account, "freeze_account")).content.decode()
    assert 'value="BLOCK_ALL"' in page
    assert 'value="BLOCK_DEBIT"' not in page
