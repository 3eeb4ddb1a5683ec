"""Batches as staff read them: the list, and a page with every item and what became of it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import numbers
from accounts.models import Account
from approvals.models import ApprovalRequest
from staff.models import Branch, User
from tests.accounts.factories import make_account
from tests.approvals.factories import approve_all
from tests.consent import as_if_consented
from tests.desk import address, words
from tests.personas import SignIn
from tests.transactions.batch_cases import line, place, system_for
from tests.transactions.shipped import ship
from transactions.admin import transfer_batches
from transactions.models import Transaction, TransferBatch

pytestmark = pytest.mark.django_db

LIST = reverse("admin:transactions_transferbatch_changelist")


@pytest.fixture
def accounts(roles: None, branch: Branch) -> list[Account]:
    ship(branch)
    with as_if_consented():
        return [make_account("500000.00"), make_account()]


@pytest.fixture
def desk(signed_in_client: SignIn, teller: User) -> Client:
    return signed_in_client(teller)


def test_a_batch_is_read_with_every_item_and_why_one_was_not_made(desk: Client, accounts: list[Account]) -> None:
    rich, poor = accounts
    place(
        system_for(*accounts), line(rich, poor, 10_00, "PAY-1"), line(poor, rich, 99_99_00, "PAY-2"), reference="RUN-7"
    )
    assert "RUN-7" in words(desk.get(LIST))
    page = words(desk.get(address(TransferBatch.objects.get())))
    for told in ("RUN-7", "carried out", "PAY-1", "posted", "PAY-2", "refused", "CNY 9,999.00"):
        assert told in page
    assert f"The available balance of account {numbers.display(poor.number)} is not enough." in page
    assert Transaction.objects.get(external_reference="PAY-1").reference in page


def test_one_that_waits_leads_to_its_request_and_the_request_to_it(desk: Client, accounts: list[Account]) -> None:
    place(system_for(*accounts), line(accounts[0], accounts[1], 60_000_00), reference="RUN-8")
    request = ApprovalRequest.objects.get()
    assert request.reference in words(desk.get(address(TransferBatch.objects.get())))
    approve_all(request)
    request.refresh_from_db()
    assert (request.result_type, request.result_label) == ("transfer_batch", "RUN-8")


def test_items_are_read_a_hundred_at_a_time(
    desk: Client, accounts: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer_batches, "ITEMS_SHOWN", 2)
    place(
        system_for(*accounts), *[line(accounts[0], accounts[1], 100 + number, f"PAY-{number}") for number in range(3)]
    )
    page = address(TransferBatch.objects.get())
    first, rest = words(desk.get(page)), words(desk.get(f"{page}?from=2"))
    assert ("PAY-1" in first, "PAY-2" in first, "Later ones" in first) == (True, False, True)
    assert ("PAY-1" in rest, "PAY-2" in rest, "Earlier ones" in rest) == (False, True, True)
    assert "PAY-0" in words(desk.get(f"{page}?from=nonsense"))


def test_a_batch_between_accounts_that_one_may_not_see_is_not_there(
    desk: Client, accounts: list[Account], branch: Branch
) -> None:
    place(system_for(*accounts), line(accounts[0], accounts[1], 10_00), reference="RUN-9")
    elsewhere = Branch.objects.create(code="009", name="Elsewhere", city="Xi'an", created_at=branch.created_at)
    Account.objects.update(branch=elsewhere)
    assert "RUN-9" not in words(desk.get(LIST))
    assert desk.get(address(TransferBatch.objects.get())).status_code in (302, 404)


def test_neither_list_nor_page_asks_more_for_more(desk: Client, accounts: list[Account]) -> None:
    system, counts = system_for(*accounts), []
    for number in range(2):
        for batch in range(1 + 3 * number):
            items = [
                line(accounts[0], accounts[1], 100 * batch + each + 7 * number + 1) for each in range(1 + 6 * number)
            ]
            place(system, *items, reference=f"RUN-{number}-{batch}")
        page = address(TransferBatch.objects.order_by("-created_at", "-id")[0])
        counts.append([queries(desk, url) for url in (LIST, page)])
    assert counts[1] == counts[0]
    assert max(counts[1]) <= 25


def queries(desk: Client, url: str) -> int:
    desk.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert desk.get(url).status_code == 200
    return len(captured)


def test_a_page_beyond_the_last_item_says_that_it_is_empty(desk: Client, accounts: list[Account]) -> None:
    place(system_for(*accounts), line(accounts[0], accounts[1], 10_00), reference="RUN-9")
    assert "There are no transfers here" in words(desk.get(f"{address(TransferBatch.objects.get())}?from=100"))
