"""Customers in the admin: the list, the page, registering one and opening an account."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts import numbers, selectors
from accounts.models import (
    Account,
    AccountParty,
    Customer,
    CustomerIdentifier,
    IdentifierType,
    PartyRole,
)
from accounts.services import IdentifierDraft
from bankops.core.models import AuditEvent
from staff.models import Branch, User
from tests.accounts.factories import current_account, make_account, make_customer
from tests.desk import address, code, words
from tests.personas import SignIn
from tests.unchanged import nothing_changes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_gate")]

LIST = "admin:accounts_customer_changelist"
REGISTER = "admin:accounts_customer_register_customer"


@pytest.fixture
def desk(signed_in_client: SignIn, teller: User) -> Client:
    return signed_in_client(teller)


def person(place: Branch, **changed: str) -> dict[str, str]:
    document = {"identifier_type": "RESIDENT_ID", "issuer": "CN", "identifier": "310101197003041008"}
    return {
        "kind": "PERSON",
        "name": "Li Hua",
        "birth_date": "1970-03-04",
        "branch": str(place.pk),
        **document,
        **changed,
    }


def test_registering_leads_to_the_customers_page(desk: Client, teller: User, branch: Branch) -> None:
    answer = desk.post(reverse(REGISTER), person(branch, name=" Li   Hua ", birth_date="1970-03-04"))
    customer = Customer.objects.get()
    assert answer["Location"] == address(customer)
    assert (customer.name, customer.branch, customer.reveal_birth_date()) == ("Li Hua", branch, date(1970, 3, 4))
    page = words(desk.get(address(customer)))
    assert f"Customer {customer.number} is registered." in page
    assert "•••1008" in page
    assert "310101197003041008" not in page
    event = AuditEvent.objects.get(subject_id=customer.public_id)
    assert (event.event_type, event.actor_id) == ("accounts.customer.registered", teller.public_id)


def test_the_form_offers_the_clerks_own_branch_and_the_banks_country(desk: Client, branch: Branch) -> None:
    page = desk.get(reverse(REGISTER)).content.decode()
    assert f'<option value="{branch.pk}" selected>' in page
    assert '<option value="CN" selected>China</option>' in page


def test_a_document_belongs_to_one_customer(desk: Client, branch: Branch) -> None:
    owner = make_customer(identifiers=[IdentifierDraft(IdentifierType.PASSPORT, "CN", "E00000001")])
    with nothing_changes():
        form = person(branch, identifier_type="PASSPORT", identifier="E00000001")
        answer = desk.post(reverse(REGISTER), form)
    assert (answer.status_code, code(answer)) == (409, "identifier_taken")
    assert not {owner.number, owner.name} & set(words(answer).split())


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"kind": "ROBOT"},
        {"issuer": "XX"},
        {"identifier": ""},
        {"identifier_type": "EXTERNAL"},
        {"branch": ""},
        {"birth_date": "yesterday"},
    ],
)
def test_a_form_filled_in_wrongly_comes_back(desk: Client, branch: Branch, wrong: dict[str, str]) -> None:
    with nothing_changes():
        assert desk.post(reverse(REGISTER), person(branch, **wrong)).status_code == 422


def test_an_account_is_opened_from_the_customers_page(desk: Client, branch: Branch) -> None:
    customer, product = make_customer("Li Hua"), current_account()
    form = {
        "product": product.pk,
        "currency": "cny",
        "branch": str(branch.pk),
        "overdraft": "500.00",
        "idempotency_key": "one click",
    }
    answer = desk.post(address(customer, "open_account"), form)
    assert desk.post(address(customer, "open_account"), form)["Location"] == answer["Location"]
    account = Account.objects.get(customer=customer)
    assert answer["Location"] == address(account)
    assert (account.currency, account.overdraft_limit, account.branch) == ("CNY", 50000, branch)
    page = words(desk.get(address(account)))
    assert f"Account {numbers.display(account.number)} is open." in page
    assert "Nothing has been booked yet." in page
    assert numbers.display(account.number) in words(desk.get(address(customer)))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"currency": "XYZ"}, "unknown_currency"),
        ({"overdraft": "-1"}, "overdraft_negative"),
        ({"overdraft": "1.001"}, "amount_too_precise"),
        ({"overdraft": "much"}, "invalid_amount"),
    ],
)
def test_an_account_that_cannot_be_opened(desk: Client, branch: Branch, changed: dict[str, str], expected: str) -> None:
    customer, product = make_customer(), current_account()
    form = {"product": product.pk, "currency": "CNY", "branch": str(branch.pk), "overdraft": "0", **changed}
    form["idempotency_key"] = "one click"
    with nothing_changes():
        answer = desk.post(address(customer, "open_account"), form)
    assert (answer.status_code, code(answer)) == (422, expected)


def test_a_product_no_longer_offered_and_a_closed_branch_cannot_be_chosen(desk: Client, branch: Branch) -> None:
    customer, product = make_customer(), current_account()
    form = {"product": product.pk, "currency": "CNY", "branch": str(branch.pk), "overdraft": "0"}
    form["idempotency_key"] = "one click"
    product.is_offered = False
    product.save()
    with nothing_changes():
        assert desk.post(address(customer, "open_account"), form).status_code == 422
    product.is_offered, branch.is_open = True, False
    product.save()
    branch.save()
    with nothing_changes():
        assert desk.post(address(customer, "open_account"), form).status_code == 422


def test_the_page_shows_accounts_and_related_people(desk: Client) -> None:
    li, wang = make_customer("Li Hua"), make_customer("Wang Fang")
    of_li, of_wang = make_account("12.50", customer=li), make_account(customer=wang)
    AccountParty.objects.create(account=of_li, customer=wang, role=PartyRole.DISPONENT)
    AccountParty.objects.create(account=of_wang, customer=li, role=PartyRole.JOINT)
    page = words(desk.get(address(li)))
    assert "CNY 12.50" in page
    assert f"Wang Fang is disponent of account {numbers.display(of_li.number)}." in page
    assert f"Joint owner of account {numbers.display(of_wang.number)} of Wang Fang." in page


def test_a_customer_without_accounts_says_what_to_do(desk: Client, signed_in_client: SignIn, auditor: User) -> None:
    customer = make_customer()
    assert "No account yet. Open one with the button at the top." in words(desk.get(address(customer)))
    assert "Open one with" not in words(signed_in_client(auditor).get(address(customer)))


def test_customers_are_found_by_number_name_and_whole_identity_number(desk: Client) -> None:
    li = make_customer("Li Hua", identifiers=[IdentifierDraft(IdentifierType.PASSPORT, "CN", "E77880000")])
    make_customer("Wang Fang")

    def found(text: str) -> list[str]:
        shown = words(desk.get(reverse(LIST), {"q": text}))
        return [name for name in ("Li Hua", "Wang Fang") if name in shown]

    assert found(li.number) == ["Li Hua"]
    assert found("fang") == ["Wang Fang"]
    assert found("E77880000") == ["Li Hua"]
    assert found("E77") == []
    assert found("") == ["Li Hua", "Wang Fang"]
    assert CustomerIdentifier.objects.count() == 1


def test_the_list_counts_accounts_and_an_empty_one_says_so(desk: Client) -> None:
    assert "Nothing here yet" in words(desk.get(reverse(LIST)))
    customer = make_customer()
    make_account(customer=customer)
    make_account(customer=customer)
    assert '<td class="field-account_count' in desk.get(reverse(LIST)).content.decode()
    assert "risk: medium" in words(desk.get(reverse(LIST)))
    assert "Nothing fits" in words(desk.get(reverse(LIST), {"q": "nobody of this name"}))


def test_the_list_counts_the_accounts_one_may_see(desk: Client, branch: Branch) -> None:
    customer = make_customer("Wang Fang", branch=branch)
    make_account(customer=customer)
    Account.objects.filter(pk=make_account(customer=customer).pk).update(is_confidential=True)
    (row,) = desk.get(reverse("admin:accounts_customer_changelist")).context["cl"].result_list
    assert row.account_count == 1


def test_a_list_says_when_more_was_found_than_it_shows(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "SEARCHED_MAX", 1)
    for number in range(2):
        make_account(customer=make_customer(f"Li {number}"))
    for noun in ("customer", "account"):
        url = reverse(f"admin:accounts_{noun}_changelist")
        assert "More than" in words(desk.get(url, {"q": "li"}))
        assert "More than" not in words(desk.get(url, {"q": "li 1"}))
    desk.get("/admin/search/", {"q": "li"})
    assert "More than" not in words(desk.get(reverse("admin:accounts_customer_changelist"))), (
        "only the list itself says so"
    )
