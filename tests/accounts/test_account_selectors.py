"""Finding customers and accounts."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import numbers, selectors
from accounts.models import Account, Customer, IdentifierType
from accounts.services import IdentifierDraft
from tests.accounts.factories import make_account, make_customer, own_account

pytestmark = pytest.mark.django_db


def test_an_account_is_found_by_its_id_and_number() -> None:
    account = make_account()
    assert selectors.accounts_by_id([account.pk, Customer().pk]) == {account.pk: account}
    assert selectors.account_by_number(numbers.display(account.number)) == account
    assert selectors.account_by_number("nothing") is None


def test_the_banks_own_accounts_are_not_the_customers() -> None:
    account = make_account("1.00")
    assert set(selectors.customer_accounts()) == {account}
    assert own_account() not in selectors.customer_accounts()


def test_customers_are_found_by_number_identifier_or_the_beginning_of_a_word_of_the_name() -> None:
    li = make_customer("Li Hua", identifiers=[IdentifierDraft(IdentifierType.PASSPORT, "CN", "E00000001")])
    wang = make_customer("Wang Lihong")

    def found(text: str) -> set[Customer]:
        return set(selectors.search_customers(text, among=Customer.objects.all()).records)

    assert found(li.number.lower()) == {li}
    assert found(" E00000001 ") == {li}
    assert found("li") == found(" ") == {li, wang}
    assert not selectors.search_customers("wang", among=Customer.objects.filter(pk=li.pk)).records


def test_a_search_is_in_order_and_says_that_there_are_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "SEARCHED_MAX", 3)
    customers = [make_customer(f"Li {number}") for number in range(4)]
    accounts = [make_account(customer=one) for one in customers]
    for every, search, newest in (
        (Customer.objects.order_by("pk"), selectors.search_customers, customers),
        (Account.objects.order_by("pk"), selectors.search_accounts, accounts),
    ):
        many: Any = search("li", among=every)  # type: ignore[arg-type]
        assert (len(many.records), many.more) == (3, True)
        assert list(many.records) == sorted(many.records, key=lambda one: one.pk)
        fewer: Any = search("li", among=every.exclude(pk=newest[0].pk))  # type: ignore[arg-type]
        assert (list(fewer.records), fewer.more) == (newest[1:], False)


def test_what_a_text_names_exactly_is_shown_however_much_begins_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "SEARCHED_MAX", 3)
    imported = make_account(customer=make_customer("Li Hua"))
    newer = [make_account(customer=make_customer("Wang Fang")) for _number in range(3)]
    beginning = newer[0].number[:2]
    assert all(one.number.startswith(beginning) for one in newer)
    Account.objects.filter(pk=imported.pk).update(external_reference=f"berka:{beginning}")
    for text in (beginning, f"berka:{beginning}"):
        found = selectors.search_accounts(text, among=Account.objects.order_by("pk"))
        assert imported in found.records
    found = selectors.search_accounts(beginning, among=Account.objects.order_by("pk"))
    assert (list(found.records), found.more) == ([imported, *newer[-2:]], True)


def test_a_customer_whose_number_it_is_is_shown_however_many_are_called_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "SEARCHED_MAX", 2)
    li = make_customer("Li Hua")
    namesakes = [make_customer(li.number) for _number in range(3)]
    found = selectors.search_customers(li.number, among=Customer.objects.order_by("pk"))
    assert (list(found.records), found.more) == ([li, namesakes[-1]], True)


def test_accounts_are_found_by_number_customer_or_own_name() -> None:
    li = make_account(customer=make_customer("Li Hua"))
    wang = make_account(customer=make_customer("Wang Fang"))
    Account.objects.filter(pk=wang.pk).update(external_reference="berka:576")
    cash = own_account()

    def found(text: str) -> set[Account]:
        return set(selectors.search_accounts(text, among=Account.objects.all()).records)

    assert found(numbers.display(li.number)) == {li}
    assert li.customer is not None
    assert found(li.customer.number) == {li}
    assert found("hua") == {li}
    assert found("cash in") == {cash}
    assert found("576") == found("berka:576") == {wang}
    assert found("76") == set()
    assert found(" ") == {li, wang, cash}


def test_the_chart_adds_up_by_currency() -> None:
    make_account("10.00")
    make_account("5.00")
    make_account("700", currency="JPY")
    totals = {total.line.code: total for total in selectors.chart_totals()}
    assert [(str(money), money.currency) for money in totals["2010"].totals] == [("15.00", "CNY"), ("700", "JPY")]
    assert (totals["2010"].account_count, totals["1010"].account_count, totals["4010"].account_count) == (3, 2, 0)
    assert totals["4010"].totals == []
