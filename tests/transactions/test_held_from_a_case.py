"""A payment that risk holds, decided from the case that its alert became part of."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Account
from approvals.models import ApprovalRequest
from bankops.core import clock
from risk import services
from risk.models import Case, CaseAction
from staff.models import Branch, User
from tests.accounts.factories import ledger_of, make_account, make_customer
from tests.approvals.factories import approve_all
from tests.desk import address, words
from tests.personas import SignIn
from tests.transactions.risk_cases import alert_of, analyst, stopping
from tests.transactions.shipped import Shipped, order_transfer
from transactions.models import State, Transaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def rao(shipped_bank: Shipped, branch: Branch) -> User:
    return analyst(branch)


@pytest.fixture
def desk(rao: User, signed_in_client: SignIn) -> Client:
    return signed_in_client(rao)


@pytest.fixture
def wang() -> Account:
    return make_account(customer=make_customer("Wang Fang"))


@pytest.fixture
def held(shipped_bank: Shipped, wang: Account) -> Transaction:
    stopping()
    payer = make_account("200000.00", customer=make_customer("Li Hua"))
    row = order_transfer(shipped_bank.maker, payer, wang, "666.00").result
    assert isinstance(row, Transaction)
    assert row.state == State.HELD
    return row


@pytest.fixture
def case(held: Transaction, rao: User) -> Case:
    return services.open_case(alert_ids=[alert_of(held).pk], person=rao, reason="look closer", now=clock.now())


def test_it_is_declined_and_the_case_keeps_it(held: Transaction, case: Case, desk: Client, wang: Account) -> None:
    fields = {"transaction": held.public_id, "reason": "a mule", "idempotency_key": "k"}
    desk.post(address(case, "decline_risk_held"), fields)
    asked = ApprovalRequest.objects.filter(operation="transactions.decline_risk_held").first()
    if asked:
        assert approve_all(asked).state == "EXECUTED"
    held.refresh_from_db()
    assert (held.state, ledger_of(wang)) == (State.DECLINED, "0.00")
    kept = CaseAction.objects.get()
    assert (kept.subject_id, kept.subject_label) == (held.public_id, held.reference)
    assert "Decline a payment held by risk" in words(desk.get(address(case)))


def test_it_is_released_once_two_people_agree(held: Transaction, case: Case, desk: Client, wang: Account) -> None:
    page = words(desk.get(address(case, "release_risk_held")))
    assert held.reference in page
    fields = {"transaction": held.public_id, "reason": "talked to them", "idempotency_key": "k"}
    desk.post(address(case, "release_risk_held"), fields)
    held.refresh_from_db()
    assert held.state == State.HELD
    asked = CaseAction.objects.select_related("approval_request").get().approval_request
    assert asked
    page = words(desk.get(address(case)))
    assert asked.reference in page
    assert "stage 1 of 2" in page
    assert approve_all(asked).state == "EXECUTED"
    held.refresh_from_db()
    assert (held.state, ledger_of(wang)) == (State.POSTED, "666.00")
    assert "carried out" in words(desk.get(address(case)))
