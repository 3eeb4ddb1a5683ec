"""No order of a partner's goes through the gate unless its credential says so, then and when reviewers have decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bankops.core import clock, ids, operations
from bankops.core.actor import Actor
from bankops.core.operations import Order
from partners.errors import PartnerNotAllowed
from partners.models import Credential, Partner
from tests.approvals.factories import (
    OPEN_DOOR,
    RELEASED,
    Bank,
    OpenDoor,
    again,
    approve,
    approve_all,
    policy,
    traces_of,
)
from tests.partners.factories import guards_asleep, make_credential, make_partner, order_of
from tests.unchanged import nothing_changes, refused

pytestmark = pytest.mark.django_db

SCOPE = "transfers:write"
WISH = {"door": 1}


@pytest.fixture
def opened_to_partners(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let partners ask for a door, with a scope."""
    monkeypatch.setattr(OpenDoor, "partner_scope", SCOPE)


@pytest.mark.parametrize("actor_id", ["crd_test", "", "usr_x", "ptn_", "crd_" + "0" * 26, "crd_\x00"])
def test_an_invented_partner_is_refused(opened_to_partners: None, actor_id: str) -> None:
    order = Order(actor=Actor("partner", actor_id, "Acme"), now=clock.now(), channel="partner")
    with refused("partner_not_allowed"):
        operations.submit(OPEN_DOOR, WISH, order)


def test_a_partner_with_the_scope_is_served(opened_to_partners: None) -> None:
    policy(from_amount="50000.00")
    assert operations.submit(OPEN_DOOR, {"door": 1, "amount": "1.00"}, order_of(make_credential())).done


def test_a_partner_without_the_scope_is_refused(opened_to_partners: None) -> None:
    order = order_of(make_credential(None, "transfers:read"))
    with refused("partner_not_allowed"):
        operations.submit(OPEN_DOOR, WISH, order)


def test_what_names_no_scope_is_not_for_partners(bank: Bank) -> None:
    order = order_of(make_credential())
    with refused("partner_not_allowed"):
        operations.submit(OPEN_DOOR, WISH, order)


def test_partners_come_by_their_own_way_and_nobody_else_does(opened_to_partners: None, bank: Bank) -> None:
    order = order_of(make_credential())
    with refused("partner_not_allowed"):
        operations.submit(OPEN_DOOR, WISH, replace(order, channel="staff"))
    with refused("partner_not_allowed"):
        operations.submit(OPEN_DOOR, WISH, replace(order, actor=bank.maker.as_actor()))
    with refused("partner_not_allowed"):
        operations.submit(OPEN_DOOR, WISH, replace(order, actor=Actor.system("night")))


@pytest.mark.parametrize("state", ["AWAITING_PICKUP", "REVOKED"])
def test_a_credential_that_is_not_active_is_refused(opened_to_partners: None, state: str) -> None:
    revoked_at = {"revoked_at": clock.now()} if state == "REVOKED" else {}
    order = order_of(make_credential(None, state=state, **revoked_at))
    with refused("partner_not_allowed"):
        operations.submit(OPEN_DOOR, WISH, order)


def test_a_credential_whose_time_is_over_is_refused(opened_to_partners: None) -> None:
    order = order_of(make_credential(None, ends_at=clock.now() - timedelta(seconds=1)))
    with refused("partner_not_allowed"):
        operations.submit(OPEN_DOOR, WISH, order)


@pytest.mark.parametrize("state", ["SUSPENDED", "ENDED"])
def test_a_partner_that_is_not_active_is_refused(opened_to_partners: None, state: str) -> None:
    order = order_of(make_credential(make_partner(state=state)))
    with refused("partner_not_allowed"):
        operations.submit(OPEN_DOOR, WISH, order)


def _revoke(credential: Credential) -> None:
    with guards_asleep():
        Credential.objects.filter(pk=credential.pk).update(state="REVOKED", revoked_at=clock.now())


def _suspend(credential: Credential) -> None:
    Partner.objects.filter(pk=credential.partner_id).update(state="SUSPENDED")


@pytest.mark.parametrize("shut_out", [_revoke, _suspend])
def test_shut_out_while_reviewers_decide_it_goes_stale_and_gives_back(opened_to_partners: None, shut_out) -> None:  # type: ignore[no-untyped-def]
    policy()
    credential = make_credential()
    request = operations.submit(OPEN_DOOR, WISH, order_of(credential)).request
    approve(request)
    shut_out(credential)
    request = approve_all(request)
    assert (again(request).state, again(request).error_code) == ("STALE", "maker_not_allowed")
    assert traces_of(1)[RELEASED.name] == 1
    assert traces_of(1)["tests.door.opened"] == 0


def test_a_replay_is_refused_once_the_credential_is_revoked(opened_to_partners: None) -> None:
    policy(from_amount="50000.00")
    credential = make_credential()
    wish = {"door": 1, "amount": "1.00"}
    assert operations.submit(OPEN_DOOR, wish, order_of(credential, key="k")).done
    _revoke(credential)
    with nothing_changes(), pytest.raises(PartnerNotAllowed):
        operations.submit(OPEN_DOOR, wish, order_of(credential, key="k"))


def test_the_strangers_of_the_plan_can_not_move_money(bank: Bank) -> None:
    payload = {
        "from_account": ids.encode("acc", ids.uuid7()),
        "to_account": ids.encode("acc", ids.uuid7()),
        "amount": "1.00",
        "currency": "CNY",
    }
    order = Order(actor=Actor("partner", "crd_test", "Acme"), now=clock.now(), channel="partner")
    with nothing_changes(), pytest.raises(PartnerNotAllowed):
        operations.submit("transactions.transfer", payload, order)
