"""What two people agreed to about one endpoint holds for no other, even while their request is being carried out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from approvals.models import ApprovalRequest
from bankops.core import clock
from notifications import terms
from notifications.models import Endpoint
from staff.models import User
from tests.approvals.factories import Bank
from tests.notifications.endpoint_orders import added, agreed
from tests.notifications.factories import make_endpoint
from tests.partners.factories import guards_asleep, make_partner
from tests.unchanged import refused_by_database

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bank", "shipped")]


@pytest.fixture
def admin(bank: Bank) -> User:
    return bank.administrator


def being_carried_out(request: ApprovalRequest) -> ApprovalRequest:
    """Take a request back to the moment between the last decision and its end."""
    with guards_asleep():
        ApprovalRequest.objects.filter(pk=request.pk).update(state="APPROVED", closed_at=None)
    return request


def insert(like: Endpoint, **other: Any) -> Endpoint:
    """Write an endpoint with the terms and the consent of another one, around the services."""
    consent = {"approval_request_id": like.approval_request_id, "terms_request_id": like.terms_request_id}
    pickup = {"pickup_by": like.pickup_by, "pickup_until": like.pickup_until}
    told: Mapping[str, Any] = {"partner": like.partner, **terms.of(like), **consent, **pickup, **other}
    return Endpoint.objects.create(added_at=clock.now(), **told)


def test_an_endpoint_agreed_to_for_one_partner_is_no_other_partners(operator: User, admin: User) -> None:
    endpoint = added(operator, make_partner(), admin)
    being_carried_out(ApprovalRequest.objects.get(pk=endpoint.approval_request_id))
    with refused_by_database("endpoint_under_consent"):
        insert(endpoint, partner=make_partner())
    insert(endpoint)  # its own partner's: nothing else is in the way


def test_nobody_but_whom_they_agreed_to_picks_the_secret_up(operator: User, admin: User) -> None:
    endpoint = added(operator, make_partner(), admin)
    being_carried_out(ApprovalRequest.objects.get(pk=endpoint.approval_request_id))
    with refused_by_database("endpoint_under_consent"):
        insert(endpoint, pickup_by=operator)
    insert(endpoint)


@pytest.mark.parametrize("other", [{"description": "Payroll"}, {"pickup_overlap": timedelta(hours=1)}], ids=str)
def test_what_an_endpoint_is_called_is_agreed_to_and_nothing_signs_beside_its_first_secret(
    operator: User, admin: User, other: dict[str, Any]
) -> None:
    endpoint = added(operator, make_partner(), admin, description="Shop")
    being_carried_out(ApprovalRequest.objects.get(pk=endpoint.approval_request_id))
    with refused_by_database("endpoint_under_consent"):
        insert(endpoint, **other)
    insert(endpoint)


@pytest.mark.parametrize("other", ["pickup_by", "pickup_overlap"])
def test_a_new_secret_is_for_whoever_asked_and_the_old_one_lives_on_as_long_as_agreed(
    operator: User, admin: User, other: str
) -> None:
    endpoint = added(operator, make_partner(), admin)
    request = being_carried_out(agreed(admin, "rotate_endpoint_secret", endpoint=endpoint.public_id, overlap_hours=5))
    change = {"pickup_by": operator} if other == "pickup_by" else {"pickup_overlap": timedelta(hours=6)}
    told = {
        "pickup_by": admin,
        "pickup_until": clock.now() + timedelta(hours=100),
        "pickup_overlap": timedelta(hours=5),
    }
    with guards_asleep():
        Endpoint.objects.filter(pk=endpoint.pk).update(pickup_by=None, pickup_until=None, pickup_overlap=None)
    with refused_by_database("endpoint_under_consent"):
        Endpoint.objects.filter(pk=endpoint.pk).update(approval_request_id=request.pk, **{**told, **change})
    Endpoint.objects.filter(pk=endpoint.pk).update(approval_request_id=request.pk, **told)


def test_a_secret_agreed_to_for_one_endpoint_is_no_other_endpoints(operator: User, admin: User) -> None:
    endpoint = added(operator, make_partner(), admin)
    other = make_endpoint()
    request = being_carried_out(agreed(admin, "rotate_endpoint_secret", endpoint=endpoint.public_id))
    change = {
        "approval_request_id": request.pk,
        "pickup_by": admin,
        "pickup_until": clock.now() + timedelta(hours=100),
        "pickup_overlap": timedelta(hours=24),
    }
    with refused_by_database("endpoint_under_consent"):
        Endpoint.objects.filter(pk=other.pk).update(**change)
    Endpoint.objects.filter(pk=endpoint.pk).update(**change)


def test_terms_agreed_to_for_one_endpoint_are_no_other_endpoints(operator: User, admin: User) -> None:
    endpoint = added(operator, make_partner(), admin)
    other = make_endpoint()
    request = being_carried_out(agreed(operator, "change_endpoint", endpoint=endpoint.public_id, max_in_flight=9))
    endpoint.refresh_from_db()
    with refused_by_database("endpoint_under_consent"):
        Endpoint.objects.filter(pk=other.pk).update(**terms.of(endpoint), terms_request_id=request.pk)
