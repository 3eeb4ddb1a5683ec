"""Endpoints in the back office: what the pages show, and their doors from form to outcome."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from approvals.models import ApprovalRequest
from bankops.core import clock
from notifications import durations
from notifications.models import Delivery, Endpoint
from staff.models import User
from tests.approvals.factories import Bank, approve_all, fresh_code
from tests.notifications.endpoint_orders import HOOK, WHY
from tests.notifications.factories import make_endpoint, make_endpoint_secret
from tests.partners.factories import make_partner
from tests.personas import SignIn
from tests.unchanged import nothing_changes, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bank", "shipped")]

ENDPOINTS, PARTNERS = "/admin/notifications/endpoint/", "/admin/partners/partner/"
REASON = {"reason": WHY}
TERMS: dict[str, Any] = {"url": HOOK, "waits": "1m 5m", "max_in_flight": 2, "timeout_seconds": 5, "description": "Shop"}


@pytest.fixture
def desk(operator: User, signed_in_client: SignIn) -> Client:
    return signed_in_client(operator)


def test_the_list_and_the_page_can_be_read(desk: Client) -> None:
    endpoint = make_endpoint(description="Shop", event_types=["notifications.endpoint.test"])
    secret = endpoint.secrets.get()
    page = desk.get(f"{ENDPOINTS}{endpoint.pk}/change/").content.decode()
    for shown in (endpoint.url, "Shop", endpoint.public_id, "1m 5m 10m 30m 1h 3h 6h 12h", f"…{secret.hint}", "enabled"):
        assert shown in page
    assert secret.secret.reveal() not in page
    assert "notifications.endpoint.test" in desk.get(ENDPOINTS).content.decode()


def test_pages_ask_no_more_for_more_rows(desk: Client, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    partner = make_partner()
    for number in range(12):
        make_endpoint_secret(make_endpoint(partner, url=f"{HOOK}/{number}"))
    with django_assert_max_num_queries(18):
        assert desk.get(ENDPOINTS).status_code == 200
    with django_assert_max_num_queries(40):
        assert desk.get(f"{PARTNERS}{partner.pk}/change/").status_code == 200


def test_a_partners_page_says_where_it_is_told(desk: Client, customer_service: User, signed_in_client: SignIn) -> None:
    endpoint = make_endpoint(url=f"{HOOK}/here")
    page = desk.get(f"{PARTNERS}{endpoint.partner_id}/change/").content.decode()
    assert f"{HOOK}/here" in page
    assert f"/admin/notifications/endpoint/{endpoint.pk}/change/" in page
    assert "it is told nothing" in desk.get(f"{PARTNERS}{make_partner().pk}/change/").content.decode()


def test_from_the_form_to_a_secret_that_is_shown_once(
    bank: Bank, desk: Client, administrator: User, signed_in_client: SignIn
) -> None:
    partner = make_partner()
    form = {**REASON, **TERMS, "secret_for": bank.administrator.pk, "event_types": ["transactions.transfer.posted"]}
    answer = desk.post(f"{PARTNERS}{partner.pk}/add_endpoint/", form, follow=True)
    assert "Waits for approval" in answer.content.decode()
    assert approve_all(ApprovalRequest.objects.get()).state == "EXECUTED"
    endpoint = Endpoint.objects.get()
    assert (endpoint.waits, endpoint.event_types) == ([60, 300], ["transactions.transfer.posted"])
    door = f"{ENDPOINTS}{endpoint.pk}/pick_up_endpoint_secret/"
    with nothing_changes():
        other = signed_in_client(administrator).post(door, {"code": "000000"})
    assert (other.status_code, "endpoint_secret_not_yours" in other.content.decode()) == (403, True)
    client = signed_in_client(bank.administrator)
    page = client.get(f"{ENDPOINTS}{endpoint.pk}/change/").content.decode()
    assert f"by {bank.administrator.full_name}, until <time" in page
    answer = client.post(door, {"code": fresh_code(bank.administrator)})
    assert "no-store" in answer["Cache-Control"]
    secret = answer.content.decode().partition('id="endpoint-secret">')[2].partition("<")[0]
    assert secret == endpoint.secrets.get().secret.reveal()
    again = client.post(door, {"code": "000000"})
    assert (again.status_code, secret in again.content.decode()) == (409, False)


def test_pending_work_stands_on_the_endpoints_page(desk: Client) -> None:
    endpoint = make_endpoint(url=HOOK)
    form = {**REASON, **TERMS, "url": f"{HOOK}/new"}
    assert (
        "Waits for approval"
        in desk.post(f"{ENDPOINTS}{endpoint.pk}/change_endpoint/", form, follow=True).content.decode()
    )
    request = ApprovalRequest.objects.get()
    assert request.reference in desk.get(f"{ENDPOINTS}{endpoint.pk}/change/").content.decode()
    approve_all(request)
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.description) == (f"{HOOK}/new", "Shop")


def test_the_form_offers_what_stands(desk: Client) -> None:
    endpoint = make_endpoint(url=HOOK, waits=[90, 3600])
    page = desk.get(f"{ENDPOINTS}{endpoint.pk}/change_endpoint/").content.decode()
    assert 'value="90s 1h"' in page
    assert f'value="{HOOK}"' in page
    assert 'value="transactions.transfer.posted"' in page
    assert "notifications.endpoint.test" not in page, "whoever chose it alone would be told nothing"


def test_what_sends_nothing_works_at_once_and_what_sends_again_waits(desk: Client) -> None:
    endpoint = make_endpoint()
    assert desk.post(f"{ENDPOINTS}{endpoint.pk}/pause_endpoint/", REASON).status_code == 302
    answer = desk.post(f"{ENDPOINTS}{endpoint.pk}/resume_endpoint/", REASON, follow=True)
    assert "Waits for approval" in answer.content.decode()
    assert desk.post(f"{ENDPOINTS}{endpoint.pk}/disable_endpoint/", REASON).status_code == 302
    assert Endpoint.objects.get().state == "DISABLED"


def test_a_test_event_is_sent_from_its_button(desk: Client) -> None:
    endpoint = make_endpoint()
    answer = desk.post(f"{ENDPOINTS}{endpoint.pk}/send_test_event/", {}, follow=True)
    delivery = Delivery.objects.get()
    assert f"Event {delivery.public_event_id} is being sent." in answer.content.decode()
    Endpoint.objects.filter(pk=endpoint.pk).update(state="PAUSED")
    with nothing_changes():
        answer = desk.post(f"{ENDPOINTS}{endpoint.pk}/send_test_event/", {})
    assert (answer.status_code, "endpoint_not_enabled" in answer.content.decode()) == (409, True)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"url": "https://10.0.0.1/"}, "webhook_address_refused"), ({"waits": "1m 5x"}, ""), ({"waits": ""}, "")],
    ids=["address", "no duration", "no wait"],
)
def test_a_form_that_makes_no_sense_comes_back(desk: Client, change: dict[str, str], code: str) -> None:
    endpoint = make_endpoint(url=HOOK)
    with nothing_changes():
        answer = desk.post(f"{ENDPOINTS}{endpoint.pk}/change_endpoint/", {**REASON, **TERMS, **change})
    assert answer.status_code == 422 or code
    assert code in answer.content.decode()


def test_a_secret_is_replaced_from_its_button(bank: Bank, signed_in_client: SignIn) -> None:
    endpoint = make_endpoint()
    client = signed_in_client(bank.administrator)
    client.post(f"{ENDPOINTS}{endpoint.pk}/rotate_endpoint_secret/", {**REASON, "overlap_hours": 24})
    approve_all(ApprovalRequest.objects.get())
    endpoint.refresh_from_db()
    assert endpoint.pickup_by == bank.administrator
    assert endpoint.pickup_overlap == timedelta(hours=24)
    assert endpoint.pickup_until is not None
    assert endpoint.pickup_until > clock.now()


@pytest.mark.parametrize(("text", "seconds"), [("1m", [60]), ("90s, 2h", [90, 7200]), ("60M 24h", [3600, 86_400])])
def test_durations_are_read(text: str, seconds: list[int]) -> None:
    assert durations.read(text) == seconds
    assert durations.read(durations.written(seconds)) == seconds


@pytest.mark.parametrize("text", ["1", "m", "-1m", "1.5h", "1d", "1m5", "100000s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with refused("not_a_duration"):
        durations.read(text)
