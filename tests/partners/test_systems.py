"""A partner's systems and contacts: what two people agree to, what is sealed, and what the database keeps."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from approvals.models import ApprovalRequest, RequestVersion
from bankops.core import clock, ids, operations
from bankops.core.models import AuditEvent
from partners.models import Credential, PartnerContact, PartnerSystem
from partners.services import draft_contact
from staff.models import User
from tests.approvals.factories import Bank, approve_all
from tests.partners.factories import guards_asleep, make_credential, make_partner
from tests.personas import SignIn
from tests.unchanged import nothing_changes, refused, refused_by_database

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bank", "shipped")]

PARTNERS = "/admin/partners/partner/"
WHY = {"reason": "they told us"}
LIN = {"role": "SECURITY", "name": "Lin Tao", "email": "lin.tao@acme.example", "phone": "+86 21 5555 0100"}


def submit(maker: User, key: str, **payload: Any) -> operations.Outcome:
    order = operations.Order(actor=maker.as_actor(), now=clock.now(), reason="they told us")
    return operations.submit(f"partners.{key}", payload, order)


def added(maker: User, **more: Any) -> PartnerSystem:
    partner = more.pop("partner", None) or make_partner()
    system: PartnerSystem = submit(maker, "add_system", partner=partner.public_id, **{"name": "Tills", **more}).result
    return system


def drafted(**more: Any) -> PartnerContact:
    return draft_contact(partner_id=make_partner().pk, now=clock.now(), **{**LIN, **more})


def in_force(maker: User) -> PartnerContact:
    contact = drafted()
    assert approve_all(submit(maker, "add_contact", contact=contact.public_id).request).state == "EXECUTED"
    contact.refresh_from_db()
    return contact


# -- Systems ---------------------------------------------------------------------------------------------------------


def test_a_system_is_added_and_retired_at_once(operator: User) -> None:
    system = added(operator, purpose="Takes payments")
    assert (system.name, system.purpose, system.retired_at) == ("Tills", "Takes payments", None)
    assert submit(operator, "retire_system", system=system.public_id).result.retired_at is not None
    said = AuditEvent.objects.filter(subject_id=system.public_id).order_by("id").values_list("event_type", flat=True)
    assert list(said) == ["partners.system.added", "partners.system.retired"]
    with refused("system_retired"):
        submit(operator, "retire_system", system=system.public_id)


def test_a_name_is_taken_until_its_system_is_retired(operator: User) -> None:
    partner = make_partner()
    system = added(operator, partner=partner)
    with refused("system_name_taken"):
        added(operator, partner=partner, name="TILLS")
    with refused_by_database("partner_system_once"):
        PartnerSystem.objects.create(partner=partner, name="tills", added_at=clock.now())
    submit(operator, "retire_system", system=system.public_id)
    assert added(operator, partner=partner).pk != system.pk


@pytest.mark.parametrize(
    ("payload", "code"),
    [({"name": " "}, "partner_field_missing"), ({"name": "x" * 101}, "text_too_long")],
)
def test_a_system_that_cannot_be_kept(operator: User, payload: dict[str, str], code: str) -> None:
    partner = make_partner()
    with refused(code):
        added(operator, partner=partner, **payload)


def test_a_credential_is_for_a_system_of_its_partner(bank: Bank, operator: User) -> None:
    partner = make_partner()
    system, strange = added(operator, partner=partner), added(operator)
    wish = {"partner": partner.public_id, "name": "Server", "scopes": ["events:read"]}
    with refused("unknown_system"):
        submit(bank.administrator, "issue_credential", **wish, system=strange.public_id)
    approve_all(submit(bank.administrator, "issue_credential", **wish, system=system.public_id).request)
    credential = Credential.objects.get()
    assert credential.system == system
    with refused("system_in_use"):
        submit(operator, "retire_system", system=system.public_id)
    submit(bank.administrator, "revoke_credential", credential=credential.public_id)
    submit(operator, "retire_system", system=system.public_id)
    with refused("system_retired"):
        submit(bank.administrator, "issue_credential", **{**wish, "name": "Other"}, system=system.public_id)


def test_what_the_database_keeps_of_systems(operator: User) -> None:
    credential, strange = make_credential(), added(operator)
    system = added(operator, partner=credential.partner)
    with refused_by_database("credential_of_own_system"):
        Credential.objects.filter(pk=credential.pk).update(system=system)
    with guards_asleep():
        Credential.objects.filter(pk=credential.pk).update(partner=strange.partner, system=None)
    with refused_by_database("credential_of_own_system"), connection.cursor() as cursor:
        columns = [
            field.column
            for field in Credential._meta.concrete_fields
            if field.column not in ("id", "client_id", "system_id")
        ]
        cursor.execute(
            f"INSERT INTO partners_credential (id, client_id, system_id, {', '.join(columns)})"
            f" SELECT %s, 'other', %s, {', '.join(columns)} FROM partners_credential WHERE id = %s",
            [ids.uuid7(), system.pk, credential.pk],
        )
    with refused_by_database("partner_system_fixed"):
        PartnerSystem.objects.filter(pk=system.pk).update(name="Other")
    with refused_by_database("partner_records_are_kept"):
        PartnerSystem.objects.filter(pk=strange.pk).delete()


# -- Contacts --------------------------------------------------------------------------------------------------------


def test_a_contact_counts_when_two_people_agreed(operator: User) -> None:
    contact = drafted()
    request = submit(operator, "add_contact", contact=contact.public_id).request
    assert PartnerContact.objects.get().since is None
    assert approve_all(request).state == "EXECUTED"
    contact.refresh_from_db()
    assert contact.since is not None
    assert submit(operator, "end_contact", contact=contact.public_id).result.until is not None


def test_what_is_personal_is_sealed_everywhere(operator: User) -> None:
    contact = in_force(operator)
    with connection.cursor() as cursor:
        cursor.execute("SELECT email, phone FROM partners_partnercontact")
        kept = b"".join(bytes(value) for value in cursor.fetchone())
    trail = str([*RequestVersion.objects.values_list("payload"), *AuditEvent.objects.values_list("detail", "changes")])
    trail += str([*ApprovalRequest.objects.values()])
    for clear in ("lin.tao", "acme.example", "55550100"):
        assert clear.encode() not in kept
        assert clear not in trail
    assert contact.email.reveal() == "lin.tao@acme.example"
    assert contact.phone.reveal() == "+862155550100"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"email": "lin.tao"}, "not_an_email"),
        ({"email": f"{'a' * 60}@{'b.' * 100}example"}, "not_an_email"),
        ({"phone": "5555 0100"}, "not_a_phone"),
        ({"role": "FRIEND"}, "unknown_contact_role"),
        ({"name": " "}, "partner_field_missing"),
    ],
)
def test_a_contact_that_cannot_be_kept(more: dict[str, str], code: str) -> None:
    partner = make_partner()
    with refused(code):
        draft_contact(partner_id=partner.pk, now=clock.now(), **{**LIN, **more})


def test_a_contact_begins_once_and_ends_once(operator: User) -> None:
    contact = in_force(operator)
    with refused("contact_known"):
        submit(operator, "add_contact", contact=contact.public_id)
    submit(operator, "end_contact", contact=contact.public_id)
    with refused("contact_not_in_force"):
        submit(operator, "end_contact", contact=contact.public_id)
    draft = drafted()
    with refused("contact_not_in_force"):
        submit(operator, "end_contact", contact=draft.public_id)


def test_what_the_database_keeps_of_contacts(operator: User) -> None:
    contact, draft = in_force(operator), drafted()
    rows = PartnerContact.objects.filter(pk=contact.pk)
    with refused_by_database("partner_contact_fixed"):
        rows.update(name="Somebody else")
    with refused_by_database("partner_contact_fixed"):
        rows.update(since=clock.now())
    with refused_by_database("partner_contact_begins_first"):
        PartnerContact.objects.filter(pk=draft.pk).update(until=clock.now())
    with refused_by_database("partner_contact_role_known"):
        PartnerContact.objects.create(partner=contact.partner, role="X", name="N", email="e", drafted_at=clock.now())
    with refused_by_database("partner_records_are_kept"):
        rows.delete()


# -- Pages -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(operator: User, signed_in_client: SignIn) -> Client:
    return signed_in_client(operator)


def test_from_the_form_to_the_page_that_shows_it_once(desk: Client) -> None:
    partner = make_partner()
    page = desk.post(f"{PARTNERS}{partner.pk}/add_contact/", {**WHY, **LIN}, follow=True).content.decode()
    assert "Waits for approval" in page
    assert "Lin Tao" not in page.partition("Contacts")[2]  # a draft counts for nothing
    approve_all(ApprovalRequest.objects.get())
    contact = PartnerContact.objects.get()
    address = f"/admin/partners/partnercontact/{contact.pk}/"
    assert "Lin Tao" in desk.get(f"{PARTNERS}{partner.pk}/change/").content.decode()
    assert "lin.tao" not in desk.get(f"{address}change/").content.decode()
    shown = desk.post(f"{address}show_contact/", WHY)
    assert "lin.tao@acme.example" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert AuditEvent.objects.filter(event_type="partners.contact.shown", subject_id=contact.public_id).count() == 1


def test_a_wrong_address_comes_back_with_the_form(desk: Client) -> None:
    partner = make_partner()
    with nothing_changes():
        answer = desk.post(f"{PARTNERS}{partner.pk}/add_contact/", {**WHY, **LIN, "email": "nobody"})
    assert answer.status_code == 422
    assert "not_an_email" in answer.content.decode()


def test_a_system_from_the_form_is_offered_to_credentials(bank: Bank, desk: Client, signed_in_client: SignIn) -> None:
    partner = make_partner()
    desk.post(f"{PARTNERS}{partner.pk}/add_system/", {**WHY, "name": "Till server"})
    system = PartnerSystem.objects.get()
    page = signed_in_client(bank.administrator).get(f"{PARTNERS}{partner.pk}/issue_credential/").content.decode()
    assert system.public_id in page
    assert desk.post(f"/admin/partners/partnersystem/{system.pk}/retire_system/", WHY).status_code == 302
    assert "Till server" in desk.get("/admin/partners/partnersystem/").content.decode()
