"""Personal data is masked for everybody; whoever needs a value says why, sees it once, and the trail knows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts import services
from accounts.models import Customer
from accounts.services import export_personal_data, reveal_personal_data
from accounts.services.revealing import record_address
from bankops.core.models import AuditEvent, OutboxMessage
from staff.models import User
from tests.accounts.factories import NOW, TANG_LING
from tests.accounts.kyc.applying import bring
from tests.accounts.whole_person import IN_CLEAR, NAME, PASSPORT, PHONE, STREET, TAX, make_whole_person
from tests.desk import address, code, words
from tests.personas import SignIn
from tests.unchanged import nothing_changes, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> Customer:
    return make_whole_person()


def reveal(customer: Customer, **changed: Any) -> dict[str, list[tuple[str, str]]]:
    wish = {"parts": ["identifiers"], "reason": "the customer is at the desk", "actor": TANG_LING, "now": NOW}
    return {part.label: part.values for part in reveal_personal_data(**{"customer": customer, **wish, **changed})}


def test_what_was_chosen_is_shown_and_nothing_else(customer: Customer) -> None:
    assert reveal(customer) == {"Identifiers": [("Passport (CN): value", PASSPORT)]}
    assert reveal(customer, parts=["birth_date", "contacts"]) == {
        "Date of birth": [("Date of birth", "1990-03-07")],
        "Contacts": [("Phone: value", PHONE)],
    }
    assert [value for _label, value in reveal(customer, parts=["addresses"])["Addresses"]] == [STREET, "200001"]
    assert reveal(customer, parts=["tax_residences"])["Tax residences"] == [("(CN): tax number", TAX)]


def test_the_trail_knows_what_was_shown_and_why_and_no_value(customer: Customer) -> None:
    reveal(customer, parts=["identifiers", "contacts"])
    event = AuditEvent.objects.get(event_type="accounts.customer.revealed")
    assert (event.subject_id, event.actor_name, event.reason) == (
        customer.public_id,
        "Tang Ling",
        "the customer is at the desk",
    )
    assert event.detail == {"parts": ["identifiers", "contacts"]}
    assert not [text for text in IN_CLEAR if text in f"{event.subject_label}{event.detail}{event.changes}"]


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"reason": " "}, "reason_required"),
        ({"parts": []}, "no_part_chosen"),
        ({"parts": ["identifiers", "blood_type"]}, "unknown_choice"),
    ],
)
def test_without_a_reason_or_a_choice_nothing_is_shown(
    customer: Customer, changed: dict[str, Any], refusal: str
) -> None:
    with refused(refusal):
        reveal(customer, **changed)


def test_somebody_who_looks_often_is_noticed_once_in_the_hour(customer: Customer) -> None:
    for minute in range(25):
        reveal(customer, now=NOW + timedelta(minutes=minute))
    event = AuditEvent.objects.get(event_type="accounts.customer.revealed_often")
    assert (event.subject_id, event.detail) == ("usr_tang", {"person": "usr_tang", "reveals": 21, "minutes": 60})
    message = OutboxMessage.objects.get(topic="accounts.customer.revealed_often")
    assert message.payload == event.detail


def test_twenty_in_an_hour_are_a_days_work(customer: Customer) -> None:
    for number in range(40):
        reveal(customer, now=NOW + timedelta(minutes=3 * number + 1))
    assert not AuditEvent.objects.filter(event_type="accounts.customer.revealed_often").exists()


def test_the_customers_page_and_lists_show_no_value(
    customer: Customer, operator: User, auditor: User, signed_in_client: SignIn
) -> None:
    for person in (operator, auditor):
        client = signed_in_client(person)
        for url in (address(customer), address(customer, "history"), f"/admin/search/?q={PASSPORT}"):
            page = words(client.get(url, follow=True))
            assert NAME in page
            assert not [text for text in IN_CLEAR[1:] if text in page.replace(f"“{PASSPORT}”", "")], url
    assert "•••2233" in words(signed_in_client(operator).get(address(customer)))


def test_a_clerk_sees_a_value_through_the_door(customer: Customer, teller: User, signed_in_client: SignIn) -> None:
    client, door = signed_in_client(teller), address(customer, "reveal_personal_data")
    asked = client.get(door)
    assert PASSPORT not in words(asked)
    answer = client.post(door, {"parts": ["identifiers"], "reason": "compare the passport"})
    assert PASSPORT in words(answer)
    assert PHONE not in words(answer)
    assert "no-store" in answer["Cache-Control"]
    event = AuditEvent.objects.get(event_type="accounts.customer.revealed")
    assert (event.actor_id, event.reason) == (teller.public_id, "compare the passport")
    assert PASSPORT not in words(client.get(address(customer)))  # once, and never again without asking


def test_the_door_is_closed_to_those_without_the_right(
    customer: Customer, auditor: User, signed_in_client: SignIn
) -> None:
    client: Client = signed_in_client(auditor)
    with nothing_changes():
        answer = client.post(address(customer, "reveal_personal_data"), {"parts": ["identifiers"], "reason": "curious"})
    assert answer.status_code == 403
    assert PASSPORT not in words(answer)
    assert "Show personal data" not in words(client.get(address(customer)))


def test_a_form_without_a_choice_comes_back(customer: Customer, teller: User, signed_in_client: SignIn) -> None:
    client = signed_in_client(teller)
    with nothing_changes():
        answer = client.post(address(customer, "reveal_personal_data"), {"reason": "no choice"})
    assert (answer.status_code, code(answer)) == (422, "")


def test_all_that_leaves_in_clear_counts_together(customer: Customer, customer_service: User) -> None:
    for _time in range(10):
        reveal(customer)
        export_personal_data(customer=customer, reason="asked", reader=customer_service, actor=TANG_LING, now=NOW)
    assert not AuditEvent.objects.filter(event_type="accounts.customer.revealed_often").exists()
    with transaction.atomic():
        record_address(customer=customer, actor=TANG_LING, now=NOW, reason="in a statement")
    assert AuditEvent.objects.get(event_type="accounts.customer.revealed_often").detail["reveals"] == 21


def test_opening_documents_counts_too(customer: Customer) -> None:
    document = bring(customer)
    for _time in range(21):
        services.open_document(document_id=document.pk, actor=TANG_LING, now=NOW)
    assert AuditEvent.objects.filter(event_type="accounts.customer.revealed_often").count() == 1
