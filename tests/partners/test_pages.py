"""Partners in the back office: what the pages show, and their doors from form to outcome."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from approvals.models import ApprovalRequest
from bankops.core import clock
from partners.models import Credential, CredentialSecret, Partner
from staff.models import User
from tests.approvals.factories import Bank, approve_all, fresh_code
from tests.partners.factories import ask_for_token, make_credential, make_partner, make_secret
from tests.personas import SignIn
from tests.unchanged import nothing_changes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bank", "shipped")]

PARTNERS, CREDENTIALS = "/admin/partners/partner/", "/admin/partners/credential/"
WHY = {"reason": "a contract was signed"}


@pytest.fixture
def desk(operator: User, signed_in_client: SignIn) -> Client:
    return signed_in_client(operator)


def test_the_lists_and_pages_can_be_read(desk: Client) -> None:
    credential = make_credential(make_partner(limits={"CNY": (1_000, 2_000)}))
    secret = make_secret(credential)
    page = desk.get(f"{PARTNERS}{credential.partner_id}/change/").content.decode()
    for shown in (credential.partner.public_id, "127.0.0.0/8", "CNY 10.00", "CNY 20.00", "Settlement server"):
        assert shown in page
    page = desk.get(f"{CREDENTIALS}{credential.pk}/change/").content.decode()
    assert credential.client_id in page
    assert secret[-4:] in page
    kept = CredentialSecret.objects.get()
    assert kept.digest not in page
    assert "secrets:" not in page
    for address in (PARTNERS, CREDENTIALS):
        assert "Settlement server" in desk.get(CREDENTIALS).content.decode()
        assert desk.get(address).status_code == 200


def test_the_lists_ask_no_more_for_more_rows(desk: Client, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    for _time in range(12):
        make_credential()
    for address in (PARTNERS, CREDENTIALS):
        with django_assert_max_num_queries(16):
            assert desk.get(address).status_code == 200


def test_a_partner_is_registered_from_its_form(desk: Client) -> None:
    form = {**WHY, "name": "Acme", "legal_name": "Acme Ltd", "kind": "AGENT", "rate_per_second": 50, "rate_burst": 200}
    answer = desk.post(f"{PARTNERS}register_partner/", form, follow=True)
    assert "Waits for approval" in answer.content.decode()
    assert not Partner.objects.exists()
    assert approve_all(ApprovalRequest.objects.get()).state == "EXECUTED"
    assert Partner.objects.get().kind == "AGENT"


@pytest.mark.parametrize(
    ("door", "form"),
    [
        ("set_networks", {"networks": "203.0.113.0/24\n198.51.100.0/24"}),
        ("set_partner_limits", {"currency": "CNY", "per_transaction": "5.00", "per_day": "50.00"}),
        (
            "change_partner",
            {"name": "New", "legal_name": "New Ltd", "kind": "AGENT", "rate_per_second": 1, "rate_burst": 100},
        ),
    ],
)
def test_what_lets_more_in_waits_for_two(desk: Client, door: str, form: dict[str, str]) -> None:
    partner = make_partner()
    answer = desk.post(f"{PARTNERS}{partner.pk}/{door}/", {**WHY, **form}, follow=True)
    assert "Waits for approval" in answer.content.decode()
    assert approve_all(ApprovalRequest.objects.get()).state == "EXECUTED"


def test_what_shuts_out_works_at_once(desk: Client) -> None:
    credential = make_credential()
    assert desk.post(f"{CREDENTIALS}{credential.pk}/revoke_credential/", WHY).status_code == 302
    assert Credential.objects.get().state == "REVOKED"
    assert desk.post(f"{PARTNERS}{credential.partner_id}/suspend_partner/", WHY).status_code == 302
    assert Partner.objects.get().state == "SUSPENDED"
    assert desk.post(f"{PARTNERS}{credential.partner_id}/end_partner/", WHY).status_code == 302
    assert Partner.objects.get().state == "ENDED"


def test_a_form_that_makes_no_sense_comes_back(desk: Client) -> None:
    partner = make_partner()
    with nothing_changes():
        answer = desk.post(f"{PARTNERS}{partner.pk}/set_networks/", {**WHY, "networks": "10.0.0.0/7"})
    assert answer.status_code == 422
    assert "network_too_wide" in answer.content.decode()


def test_from_issuing_to_a_secret_that_works(bank: Bank, signed_in_client: SignIn) -> None:
    partner, client = make_partner(), signed_in_client(bank.administrator)
    wish = {**WHY, "name": "Server", "scopes": ["events:read", "accounts:read"]}
    client.post(f"{PARTNERS}{partner.pk}/issue_credential/", wish)
    assert approve_all(ApprovalRequest.objects.get()).state == "EXECUTED"
    credential = Credential.objects.get()
    waiting = client.get(f"{CREDENTIALS}{credential.pk}/change/").content.decode()
    assert f"by {bank.administrator.full_name}, until <time" in waiting
    door = f"{CREDENTIALS}{credential.pk}/pick_up_secret/"
    assert client.get(door).status_code == 200
    answer = client.post(door, {"code": fresh_code(bank.administrator)})
    assert "no-store" in answer["Cache-Control"]
    page = answer.content.decode()
    secret = page.partition('id="client-secret">')[2].partition("<")[0]
    assert ask_for_token(credential, secret).status_code == 200
    again = client.post(door, {"code": "000000"})
    assert again.status_code == 409
    assert secret not in again.content.decode()


def test_another_administrator_gets_no_secret(administrator: User, bank: Bank, signed_in_client: SignIn) -> None:
    credential = make_credential(
        None, state="AWAITING_PICKUP", pickup_by=bank.administrator, pickup_until=clock.now() + timedelta(hours=1)
    )
    client = signed_in_client(administrator)
    with nothing_changes():
        answer = client.post(f"{CREDENTIALS}{credential.pk}/pick_up_secret/", {"code": "000000"})
    assert answer.status_code == 403
    assert "not_yours_to_pick_up" in answer.content.decode()


@pytest.mark.parametrize("name", ["application", "accesstoken", "grant", "idtoken", "refreshtoken"])
def test_the_librarys_own_pages_are_shut(bank: Bank, signed_in_client: SignIn, name: str) -> None:
    assert signed_in_client(bank.administrator).get(f"/admin/oauth2_provider/{name}/").status_code == 404
