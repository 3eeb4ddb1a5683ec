"""A customer's data in the admin: entered in sections, changed under review, with what is wrong at its field."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import AccountParty, Contact, Customer, CustomerKind
from approvals.models import ApprovalRequest
from staff.models import Branch, User
from tests.accounts.factories import make_account, make_customer
from tests.consent import OpenGate
from tests.desk import address, code, words
from tests.personas import SignIn
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db

REGISTER = "admin:accounts_customer_register_customer"


@pytest.fixture
def desk(signed_in_client: SignIn, teller: User) -> Client:
    return signed_in_client(teller)


def person(place: Branch, **changed: str) -> dict[str, str]:
    document = {"identifier_type": "RESIDENT_ID", "issuer": "CN", "identifier": "310101197003041008"}
    who = {"kind": "PERSON", "name": "Li Hua", "birth_date": "1970-03-04", "branch": str(place.pk)}
    return {**who, **document, **changed}


def test_everything_known_is_registered_from_one_form(desk: Client, branch: Branch) -> None:
    form = person(
        branch,
        birth_date="",
        expires_on="2040-01-01",
        phone="138 0013 8000",
        email="li@example.com",
        address_type="RESIDENTIAL",
        lines="Nanjing Road 1",
        city="Shanghai",
        address_country="CN",
        tax_country="CN",
        tax_number="123",
    )
    desk.post(reverse(REGISTER), form)
    customer = Customer.objects.get()
    assert customer.reveal_birth_date() == date(1970, 3, 4)  # as the resident identity number says
    page = words(desk.get(address(customer)))
    for shown in ("•••8000", "•••.com", "Home: •••, Shanghai, CN", "CN •••", "until 2040-01-01"):
        assert shown in page
    for hidden in ("138 0013", "8613800", "li@example", "Nanjing"):
        assert hidden not in page


@pytest.mark.parametrize(
    ("wrong", "field", "words_there"),
    [
        ({"identifier": "310101197003041009"}, "identifier", "character 18 should be 8, not 9"),
        ({"identifier": "310101197002301001"}, "identifier", "compare characters 7–14; 1970-02-30 is no date of birth"),
        ({"birth_date": "1970-03-05"}, "birth_date", "not the one in the resident identity number"),
        ({"phone": "12"}, "phone", "This is not a phone number"),
        ({"email": "li"}, "email", "This is not an e-mail address"),
        ({"lines": "Nanjing Road"}, "lines", "Write street, city and country"),
        ({"tax_country": "CN", "certified_on": "2999-01-01"}, "tax_country", "still to come"),
        ({"expires_on": "2001-01-01"}, "identifier", "expired on 2001-01-01"),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    desk: Client, branch: Branch, wrong: dict[str, str], field: str, words_there: str
) -> None:
    with nothing_changes():
        answer = desk.post(reverse(REGISTER), person(branch, **wrong))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert words_there in words(answer)


def changing(customer: Customer, **fields: str) -> dict[str, str]:
    present = {"version": str(customer.version), "name": customer.name, "branch": str(customer.branch_id)}
    return {**present, "reason": "In person", **fields}


def test_a_change_waits_for_reviewers_and_the_page_says_so(desk: Client, branch: Branch) -> None:
    customer = make_customer("Li Hua", branch=branch)
    form = words(desk.get(address(customer, "update_customer")))
    assert "Beneficial owners" not in form
    answer = desk.post(address(customer, "update_customer"), changing(customer, phone="138 0013 8000"))
    request = ApprovalRequest.objects.get()
    assert answer["Location"] == address(request)
    page = words(desk.get(address(customer)))
    assert request.reference in page
    assert "Neither phone nor address is kept." in page
    assert Customer.objects.get(pk=customer.pk).version == 1


def test_who_opened_the_form_before_somebody_saved_is_told_to_reload(desk: Client, branch: Branch) -> None:
    customer = make_customer("Li Hua", branch=branch)
    Customer.objects.filter(pk=customer.pk).update(version=2)
    with nothing_changes():
        answer = desk.post(address(customer, "update_customer"), changing(customer, name="Li Er"))
    assert (answer.status_code, code(answer)) == (409, "customer_changed")


def test_an_organisations_owners_are_entered_in_per_cent(desk: Client, branch: Branch, open_gate: OpenGate) -> None:
    tea = make_customer("Lakeside Tea", branch=branch, kind=CustomerKind.ORGANISATION)
    li = make_customer("Li Hua", branch=branch)
    url = address(tea, "update_customer")
    owner = {"owner_customer": li.number, "owner_control": "SHARES"}
    for wrong in ("", "12.345", "x", "101"):
        with nothing_changes():
            assert desk.post(url, changing(tea, **owner, owner_share=wrong)).status_code == 422
    desk.post(url, changing(tea, **owner, owner_share="33.34"))
    assert "Li Hua · shares 33.34 %" in words(desk.get(address(tea)))
    assert "Owns Lakeside Tea by shares 33.34 %." in words(desk.get(address(li)))
    tea.refresh_from_db()
    ends = {"end_owners": str(tea.owners.get().pk), "ownership_note": "Listed"}
    desk.post(url, changing(tea, **ends))
    assert "No owner is named: Listed" in words(desk.get(address(tea)))


def test_a_consent_is_recorded_and_withdrawn_at_its_doors(desk: Client, branch: Branch) -> None:
    customer = make_customer("Li Hua", branch=branch)
    given = {"purpose": "MARKETING", "channel": "BRANCH", "text_version": "2026-01"}
    assert "withdraw_consent" not in desk.get(address(customer)).content.decode()
    desk.post(address(customer, "give_consent"), given)
    with nothing_changes():
        assert code(desk.post(address(customer, "give_consent"), given)) == "consent_there"
    desk.post(address(customer, "withdraw_consent"), {"purpose": "MARKETING"})
    page = words(desk.get(address(customer)))
    assert "Offers and news · 2026-01 · given" in page
    assert "withdrawn" in page


def test_rights_are_given_and_ended_at_the_accounts_doors(desk: Client, branch: Branch, open_gate: OpenGate) -> None:
    account, wang = make_account(), make_customer("Wang Fang", branch=branch)
    rights = {"role": "DISPONENT", "rights": "DEBIT", "signature": "SINGLE", "debit_limit": "20.00", "reason": "Asked"}
    desk.post(address(account, "add_party"), {**rights, "customer": wang.number.lower()})
    shown = words(desk.get(address(account)))
    assert "View and debit, alone, at most CNY 20.00" in shown
    with nothing_changes():
        answer = desk.post(address(account, "add_party"), {**rights, "customer": "C-1"})
    assert code(answer) == "unknown_customer"
    party = AccountParty.objects.get()
    desk.post(address(account, "remove_party"), {"party": str(party.pk), "reason": "Asked"})
    party.refresh_from_db()
    assert party.valid_until is not None
    assert "View and debit" not in words(desk.get(address(account)))


def test_a_page_of_many_particulars_asks_as_often_as_one_of_few(
    desk: Client, branch: Branch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    few, many = (make_customer(name, branch=branch, kind=CustomerKind.ORGANISATION) for name in ("Few", "Many"))
    _fill(few, 1)
    _fill(many, 12)
    desk.get(address(few))
    with CaptureQueriesContext(connection) as asked:
        desk.get(address(few))
    with django_assert_num_queries(len(asked)):
        page = words(desk.get(address(many)))
    assert page.count("shares 1 %") == 12


def _fill(customer: Customer, count: int) -> None:
    for number in range(count):
        owner = make_customer(f"Owner {number}")
        customer.owners.create(owner=owner, control="SHARES", share=100, valid_from=date(2026, 1, 1))
        contact = Contact(customer=customer, kind="PHONE", valid_from=date(2026, 1, 1))
        contact.value = f"+86138001380{number:02d}"
        contact.save(force_insert=True)
        account = make_account(customer=customer)
        account.parties.create(customer=owner, role="JOINT", rights="FULL")
        make_account(customer=owner).parties.create(customer=customer, role="DISPONENT", rights="DEBIT")
