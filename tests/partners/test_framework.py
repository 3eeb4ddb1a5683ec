"""Who the API framework is told calls; and a partner's own request, taken back."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from rest_framework.request import Request

from approvals.services.endings import withdraw_for_partner
from bankops.core import clock, operations
from bankops.core.api.authentication import CallerAuthentication
from partners.caller import Caller
from partners.models import Credential
from tests.approvals.factories import OPEN_DOOR, Bank, OpenDoor, again, endings_of, policy
from tests.partners.factories import make_caller, make_credential, make_partner, order_of, token_of
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


def _asks(token: str, address: str = "127.0.0.1") -> Caller:
    request = RequestFactory().get("/", headers={"authorization": f"Bearer {token}"}, REMOTE_ADDR=address)
    nobody, caller = CallerAuthentication().authenticate(Request(request))
    assert nobody is None
    assert isinstance(caller, Caller)
    return caller


def test_the_caller_is_the_partners() -> None:
    credential = make_credential()
    caller = _asks(token_of(credential))
    assert caller == make_caller(credential=credential)


def test_another_address_does_not_count() -> None:
    token = token_of(make_credential())
    with refused("network_refused"):
        _asks(token, "203.0.113.1")


# -- Taking a request back -------------------------------------------------------------------------------------------------


def _parked(credential: Credential, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr(OpenDoor, "partner_scope", "transfers:write")
    policy()
    return operations.submit(OPEN_DOOR, {"door": 1}, order_of(credential)).request


def test_any_system_of_the_partner_takes_it_back(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    partner = make_partner()
    request = _parked(make_credential(partner), monkeypatch)
    actor = order_of(make_credential(partner)).actor
    withdraw_for_partner(request_id=request.pk, actor=actor, reason="typed twice", now=clock.now())
    assert (again(request).state, again(request).closing_note) == ("WITHDRAWN", "typed twice")
    assert endings_of(1) == ["WITHDRAWN"]
    with refused("request_not_pending"):
        withdraw_for_partner(request_id=request.pk, actor=actor, now=clock.now())


def test_another_partner_does_not_even_learn_of_it(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    request = _parked(make_credential(), monkeypatch)
    for actor in (order_of(make_credential()).actor, bank.maker.as_actor()):
        with refused("unknown_request"):
            withdraw_for_partner(request_id=request.pk, actor=actor, now=clock.now())


def test_a_members_of_staffs_request_is_not_a_partners(bank: Bank) -> None:
    policy()
    order = operations.Order(actor=bank.maker.as_actor(), now=clock.now())
    request = operations.submit(OPEN_DOOR, {"door": 1}, order).request
    actor = order_of(make_credential()).actor
    with refused("unknown_request"):
        withdraw_for_partner(request_id=request.pk, actor=actor, now=clock.now())
