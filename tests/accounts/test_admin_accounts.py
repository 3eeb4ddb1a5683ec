"""Accounts in the admin: who sees which, what the page says, and freezing, releasing and closing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accounts import numbers
from accounts.models import Account, AccountParty, AccountStatus, PartyRole, Restriction
from staff.models import User
from tests.accounts.factories import NOW, freeze, make_account, make_customer, own_account
from tests.desk import address, words
from tests.personas import SignIn

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


def test_what_blocks_an_account_is_said_on_every_screen(desk: Client) -> None:
    account = make_account(restriction=Restriction.BLOCK_DEBIT)
    assert account.customer
    freeze(account, Restriction.BLOCK_CREDIT, reason_code="DECEASED", ends_at=NOW + timedelta(days=30))
    for url in (address(account), LIST, address(account.customer), f"/admin/search/?q={account.customer.name}"):
        page = words(desk.get(url))
        assert "debits blocked: suspected fraud, since 2026-03-02" in page
        assert "credits blocked: holder deceased, since 2026-03-02, until 2026-04-01" in page


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
