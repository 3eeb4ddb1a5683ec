"""A customer asks what the bank keeps about them, and gets all of it in one file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts import personal_data
from accounts.changes import Change
from accounts.models import Account, Customer
from accounts.services import draft_change, export_personal_data
from bankops.core.models import AuditEvent
from staff.models import User
from tests.accounts.factories import NOW, TANG_LING, make_account
from tests.accounts.whole_person import NAME, PASSPORT, PHONE, STREET, TAX, make_whole_person
from tests.desk import address
from tests.personas import SignIn
from tests.unchanged import nothing_changes, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consented")]


@pytest.fixture
def customer() -> Customer:
    customer = make_whole_person()
    make_account("12.50", customer=customer)
    return customer


def export(customer: Customer, reader: User, reason: str = "asked by letter of 1 March") -> dict[str, Any]:
    pieces = export_personal_data(customer=customer, reason=reason, reader=reader, actor=TANG_LING, now=NOW)
    exported: dict[str, Any] = json.loads("".join(pieces))
    return exported


def test_everything_is_in_it_in_clear(customer: Customer, customer_service: User) -> None:
    exported = export(customer, customer_service)
    assert (exported["customer"], exported["customer_data"][0]["name"]) == (customer.number, NAME)
    assert exported["customer_data"][0]["birth_date"] == "1990-03-07"
    assert exported["identifiers"][0]["value"] == PASSPORT
    assert exported["contacts"][0]["value"] == PHONE
    assert (exported["addresses"][0]["lines"], exported["addresses"][0]["city"]) == (STREET, "Shanghai")
    assert exported["tax_residences"][0]["tax_number"] == TAX
    assert exported["accounts"][0]["number"] == customer.accounts.get().number
    assert {event["event"] for event in exported["events"]} >= {"accounts.customer.registered"}
    assert exported["versions"][-1]["name"] == NAME


def test_no_part_that_was_registered_is_missing(customer: Customer, customer_service: User) -> None:
    exported = export(customer, customer_service)
    assert [name for name, _records in personal_data.sections(customer) if name not in exported] == []


def test_the_trail_says_who_took_it_and_why(customer: Customer, customer_service: User) -> None:
    export(customer, customer_service)
    event = AuditEvent.objects.get(event_type="accounts.customer.exported")
    assert (event.subject_id, event.reason, event.actor_name) == (
        customer.public_id,
        "asked by letter of 1 March",
        "Tang Ling",
    )


def test_without_a_reason_nothing_leaves(customer: Customer, customer_service: User) -> None:
    with refused("reason_required"):
        export(customer, customer_service, reason=" ")


def test_the_door_hands_the_file_out_once(customer: Customer, customer_service: User, signed_in_client: SignIn) -> None:
    client = signed_in_client(customer_service)
    answer = client.post(address(customer, "export_personal_data"), {"reason": "asked at the desk"})
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"] == f'attachment; filename="{customer.number}.json"'
    assert answer.streaming
    exported = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert exported["identifiers"][0]["value"] == PASSPORT


def test_a_teller_may_not_take_everything(customer: Customer, teller: User, signed_in_client: SignIn) -> None:
    client = signed_in_client(teller)
    with nothing_changes():
        answer = client.post(address(customer, "export_personal_data"), {"reason": "curious"})
    assert answer.status_code == 403


def test_nobody_takes_out_what_they_may_not_see(customer: Customer, customer_service: User) -> None:
    hidden = make_account(customer=customer)
    Account.objects.filter(pk=hidden.pk).update(is_confidential=True)
    with refused("accounts_not_visible"):
        export(customer, customer_service)


def test_who_made_a_change_stays_the_banks_own_business(customer: Customer, customer_service: User) -> None:
    change = Change(fields={"name": "Zhuge Kongming"})
    draft_change(customer_id=customer.pk, base_version=customer.version, change=change, actor=TANG_LING, now=NOW)
    exported = export(customer, customer_service)
    assert exported["changes"]
    assert not [change for change in exported["changes"] if "made_by" in change]
