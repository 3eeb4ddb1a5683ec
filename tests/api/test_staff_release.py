"""What a partner ordered and the bank held back, released by the bank's own people: only while the partner may order it."""

from __future__ import annotations

import pytest

from accounts.partner_access import Right
from bankops.core import clock, ids
from partners.models import Partner, PartnerState
from staff.models import Branch, User
from staff.roles import Role
from tests.api.callers import give, said
from tests.api.conftest import Desk
from tests.approvals.factories import again, approve_all, policy
from tests.personas import hire
from tests.transactions.shipped import submit
from tests.unchanged import nothing_changes, refused
from transactions import services as transaction_services
from transactions.models import State, Transaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def risk(desk: Desk) -> User:
    return hire("R1", "Rao Min", Role.RISK_ANALYST, Branch.objects.earliest("code"))


@pytest.fixture
def held(desk: Desk) -> dict[str, str]:
    """The second of two transfers that look the same, as an operation names it."""
    said(desk.system.post("transfers", desk.transfer()), 201)
    return {"transaction": said(desk.system.post("transfers", desk.transfer(reference="INV-2")), 202)["id"]}


def put(desk: Desk, state: PartnerState) -> None:
    Partner.objects.filter(pk=desk.system.partner.pk).update(state=state)


def test_its_partner_has_no_right_to_the_accounts_any_more(desk: Desk, risk: User, held: dict[str, str]) -> None:
    desk.payee.partner_grants.all().delete()
    with nothing_changes(), refused("partner_may_no_longer") as refusal:
        submit("transactions.release", risk, held, reason="two invoices")
    assert desk.system.partner.name in str(refusal.value)
    give(desk.system.partner, desk.payee, Right.CREDIT)
    assert submit("transactions.release", risk, held, reason="two invoices").done


@pytest.mark.parametrize("state", [PartnerState.SUSPENDED, PartnerState.ENDED])
def test_its_partner_is_not_active(desk: Desk, risk: User, held: dict[str, str], state: PartnerState) -> None:
    put(desk, state)
    with nothing_changes(), refused("partner_not_active"):
        submit("transactions.release", risk, held, reason="two invoices")


def test_its_partner_is_suspended_while_reviewers_decide(desk: Desk, risk: User, held: dict[str, str]) -> None:
    policy(name="Releases", operations=["transactions.release"])
    request = submit("transactions.release", risk, held, reason="two invoices").request
    put(desk, PartnerState.SUSPENDED)
    approve_all(request)
    assert again(request).state == "FAILED"
    assert Transaction.objects.get(external_reference="INV-2").state == State.HELD


def test_it_is_cancelled_whatever_became_of_its_partner(desk: Desk, risk: User, held: dict[str, str]) -> None:
    desk.payee.partner_grants.all().delete()
    put(desk, PartnerState.ENDED)
    row = transaction_services.cancel_held(
        transaction_id=ids.decode(Transaction.ID_PREFIX, held["transaction"]),
        reason="sent twice",
        actor=risk.as_actor(),
        now=clock.now(),
    )
    assert row.state == State.DECLINED
