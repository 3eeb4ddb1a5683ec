"""The pages of the daily report: numbers for everybody who may read them, single payments for who may see their accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bankops.core import clock
from bankops.core.repeats import Cause, Repeat
from partners.models import Partner
from staff.models import Branch, User
from tests.accounts.factories import cny, make_account, make_branch, make_customer
from tests.desk import address, words
from tests.partners.factories import make_credential, make_partner
from tests.personas import SignIn
from tests.transactions.duplicate_cases import pay, release
from tests.transactions.factories import deposit
from transactions import services as transaction_services
from transactions.models import DuplicateDayReport, Transaction
from transactions.services.duplicate_notes import note_repeat

pytestmark = pytest.mark.django_db
LIST = reverse("admin:transactions_duplicatedayreport_changelist")
DAY = reverse("admin:transactions_duplicatedayreport_day")


@pytest.fixture
def auditor_at_desk(signed_in_client: SignIn, auditor: User) -> Client:
    return signed_in_client(auditor)


class Case:
    """A partner whose second payment of today looks like its first."""

    def __init__(self, branch: Branch | None = None, name: str = "Harbour Pay") -> None:
        self.partner: Partner = make_partner(name=name)
        customer = make_customer("Li Hua", branch=branch)
        self.li, self.wang = make_account(customer=customer), make_account(customer=customer)
        deposit(self.li, cny("5000.00"), now=clock.now() - timedelta(days=3))
        self.first, self.held = self.pay(), self.pay()

    def pay(self, amount: str = "60.00") -> Transaction:
        return pay(self.partner, self.li, self.wang, amount, now=clock.now())

    def repeat(self, of: Transaction) -> None:
        scope = make_credential(self.partner).public_id
        note_repeat(Repeat("idk_1", scope, Cause.REPLAYED, of.public_id, clock.now()))


def shown(client: Client, **narrowed: str) -> Any:
    return client.get(DAY, narrowed)


def test_a_day_without_anything_says_so(auditor_at_desk: Client) -> None:
    seen = words(shown(auditor_at_desk))
    assert "No payment was received on this day, and nothing came in again." in seen
    assert "No payment was made twice" not in seen
    assert words(auditor_at_desk.get(LIST))


def test_payments_without_duplicates_are_counted_in_the_books(auditor_at_desk: Client) -> None:
    case = Case()
    release(case.held, now=clock.now())
    seen = words(shown(auditor_at_desk))
    assert "2 payments, 0 made twice: a rate of 0.0000 %" in seen
    assert "No payment was made twice: counted in the books" in seen


def test_the_page_links_to_what_is_held_and_to_its_twin(auditor_at_desk: Client) -> None:
    case = Case()
    case.repeat(case.first)
    answer = shown(auditor_at_desk)
    html, seen = answer.content.decode(), words(answer)
    assert address(case.held) in html
    assert address(case.first) in html
    assert f"{case.held.reference} held" in seen
    assert "Harbour Pay 1 0 0 0 0" in seen  # answered as before: one
    assert "Harbour Pay 1 1 0 0 0 0" in seen  # held back: one, and still so
    assert "Same key Answered as before" in seen


def test_the_address_narrows_it(auditor_at_desk: Client) -> None:
    harbour, lotus = Case(), Case(name="Lotus Pay")
    release(lotus.held, now=clock.now())
    only = shown(auditor_at_desk, partner=lotus.partner.public_id)
    assert address(harbour.held) not in only.content.decode()
    assert address(lotus.held) in only.content.decode()
    released = shown(auditor_at_desk, became="released").content.decode()
    assert (address(harbour.held) in released, address(lotus.held) in released) == (False, True)
    own = shown(auditor_at_desk, partner="own").content.decode()
    assert address(lotus.held) not in own
    strange = shown(auditor_at_desk, partner="ptn_nobody")
    assert strange.status_code == 200
    assert address(lotus.held) not in strange.content.decode()


@pytest.mark.parametrize("day", ["", "yesterday", "2026-02-30", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_no_fault_of_ours(auditor_at_desk: Client, day: str) -> None:
    answer = shown(auditor_at_desk, date=day)
    assert (answer.status_code, answer.templates[0].name) == (422, "transactions/duplicate_day_now.html")


def test_numbers_are_the_banks_and_payments_are_the_branchs(signed_in_client: SignIn, teller: User) -> None:
    case = Case(branch=make_branch("777"))
    case.repeat(case.first)
    seen = shown(signed_in_client(teller))
    assert case.held.reference not in words(seen)
    assert case.first.reference not in words(seen)
    assert "1 more is not shown" in words(seen)


def test_a_kept_day_has_a_page_of_its_own(auditor_at_desk: Client) -> None:
    case = Case()
    kept = transaction_services.report_duplicates(business_date=clock.business_date(), now=clock.now())
    listed = words(auditor_at_desk.get(LIST))
    assert f"{kept.business_date:%Y-%m-%d}" in auditor_at_desk.get(LIST).content.decode()
    assert "Still held: 1" in listed
    seen = words(auditor_at_desk.get(address(kept)))
    assert "Something of it is still open" in seen
    assert case.held.reference in seen
    assert auditor_at_desk.get(address(kept).replace(str(kept.pk), "nonsense")).status_code in (302, 404)


def test_many_payments_cost_no_more_queries(auditor_at_desk: Client) -> None:
    case = Case()
    case.repeat(case.first)
    transaction_services.report_duplicates(business_date=clock.business_date(), now=clock.now())
    few = {page: _queries(auditor_at_desk, page) for page in (DAY, LIST, address(DuplicateDayReport.objects.get()))}
    for number in range(12):
        case.pay(f"{number + 1}.00")
        case.repeat(case.pay(f"{number + 1}.00"))
    assert {page: _queries(auditor_at_desk, page) for page in few} == few
    assert max(few.values()) < 30


def _queries(client: Client, page: str) -> int:
    client.get(page)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200
    return len(asked)
