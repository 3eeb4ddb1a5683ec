"""A customer is registered once, under a new number, with what others call them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pytest_django import Settings

from accounts.drafts import ContactDraft, OwnerDraft
from accounts.models import ContactKind, ControlKind, Customer, CustomerKind, IdentifierType
from accounts.services import IdentifierDraft, register_customer
from bankops.core.models import AuditEvent
from tests.accounts.factories import BORN, NOW, TANG_LING, make_branch, make_customer
from tests.committed import at_once
from tests.unchanged import refused

PASSPORT = IdentifierDraft(IdentifierType.PASSPORT, "CN", "E12345678")
RESIDENT = IdentifierDraft(IdentifierType.RESIDENT_ID, "CN", "110101199003070003")
CREDIT_CODE = IdentifierDraft(IdentifierType.CREDIT_CODE, "CN", "9144030071526726XG")
LEI = IdentifierDraft(IdentifierType.LEI, "CN", "506700GE1G29325QX363")

pytestmark = pytest.mark.django_db


def test_a_customer_is_registered() -> None:
    branch = make_branch("B01")
    customer = register_customer(
        kind=CustomerKind.PERSON,
        name="  Li   Hua ",
        branch=branch,
        identifiers=[PASSPORT, IdentifierDraft(IdentifierType.RESIDENT_ID, " CN ", " 110101199003070003 ")],
        actor=TANG_LING,
        now=NOW,
    )
    customer.refresh_from_db()
    assert (customer.name, customer.kind, customer.branch, customer.created_at) == ("Li Hua", "PERSON", branch, NOW)
    assert customer.number.startswith("C-")
    assert sorted((one.type, one.issuer, one.value.reveal()) for one in customer.identifiers.all()) == [
        ("PASSPORT", "CN", "E12345678"),
        ("RESIDENT_ID", "CN", "110101199003070003"),
    ]
    assert customer.history.count() == 1
    event = AuditEvent.objects.get(event_type="accounts.customer.registered")
    assert (event.subject_id, event.actor_name, event.detail["branch"]) == (customer.public_id, "Tang Ling", "B01")
    assert "Li Hua" not in f"{event.subject_label}{event.detail}{event.changes}"  # the trail holds no names


def test_an_identifier_written_twice_is_kept_once() -> None:
    customer = make_customer(identifiers=[PASSPORT, IdentifierDraft(IdentifierType.PASSPORT, "CN ", " E12345678")])
    assert customer.identifiers.count() == 1


def test_an_identifier_shows_only_its_end() -> None:
    (identifier,) = make_customer(identifiers=[PASSPORT]).identifiers.all()
    assert (identifier.masked, "E1234" in str(identifier)) == ("•••5678", False)


def test_an_identifier_of_somebody_else_is_refused_without_saying_whose() -> None:
    first = make_customer("Li Hua", identifiers=[PASSPORT])
    branch = make_branch()
    with refused("identifier_taken") as refusal:
        make_customer("Li Hua again", branch=branch, identifiers=[PASSPORT])
    assert Customer.objects.get() == first
    assert not {"Li Hua", first.number, "E12345678"} & set(str(refusal.value).split())


def test_an_identifier_under_an_older_key_is_still_somebodys(settings: Settings) -> None:
    settings.BANKOPS_ENCRYPTION_KEYS = ["old"]
    make_customer(identifiers=[PASSPORT])
    branch = make_branch()
    settings.BANKOPS_ENCRYPTION_KEYS = ["new", "old"]
    with refused("identifier_taken"):
        make_customer("Li Hua again", branch=branch, identifiers=[PASSPORT])


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": " "}, "customer_name_required"),
        ({"name": "x" * 201}, "text_too_long"),
        ({"name": "Li\x00Hua"}, "unstorable_text"),
        ({"identifiers": [IdentifierDraft(IdentifierType.PASSPORT, "CN", " ")]}, "identifier_incomplete"),
        ({"identifiers": [IdentifierDraft(IdentifierType.PASSPORT, "CN", "E" * 61)]}, "wrong_length"),
    ],
)
def test_what_cannot_be_registered_is_refused(fields: dict[str, Any], code: str) -> None:
    branch = make_branch()
    with refused(code):
        make_customer(**{"branch": branch} | fields)


def test_two_tellers_at_once_register_a_document_once(committed_db: None) -> None:
    branch = make_branch()
    results = at_once(*[lambda: make_customer(branch=branch, identifiers=[PASSPORT]) for _ in range(4)])
    refusals = [result for result in results if isinstance(result, Exception)]
    assert [getattr(refusal, "code", refusal) for refusal in refusals] == ["identifier_taken"] * 3
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"birth_date": None}, "birth_date_required"),
        ({"birth_date": date(2026, 3, 3)}, "birth_date_in_future"),
        ({"birth_date": date(1990, 3, 8), "identifiers": [RESIDENT]}, "birth_date_contradicts"),
        ({"kind": CustomerKind.ORGANISATION, "identifiers": []}, "organisation_number_required"),
        ({"kind": CustomerKind.ORGANISATION, "identifiers": [LEI]}, "organisation_number_required"),
        ({"kind": CustomerKind.ORGANISATION, "identifiers": [PASSPORT]}, "identifier_not_for_kind"),
        ({"identifiers": [CREDIT_CODE]}, "identifier_not_for_kind"),
        ({"identifiers": [replace(RESIDENT, value="110101199003070004")]}, "wrong_check_character"),
        ({"identifiers": [replace(RESIDENT, value="110101199002300000")]}, "no_such_date"),
        ({"identifiers": [replace(RESIDENT, issuer="Utopia")]}, "unknown_country"),
        ({"identifiers": [replace(PASSPORT, expires_on=date(2026, 3, 1))]}, "document_expired"),
        ({"identifiers": [replace(PASSPORT, issued_on=date(2026, 3, 3))]}, "document_issued_later"),
        ({"more": [OwnerDraft(ControlKind.SHARES, 100, outsider_name="Mei Lin")]}, "owners_of_person"),
        ({"more": [ContactDraft(ContactKind.PHONE, "12")]}, "invalid_phone"),
    ],
)
def test_what_does_not_fit_is_refused(fields: dict[str, Any], code: str) -> None:
    terms = {"kind": CustomerKind.PERSON, "name": "Li Hua", "branch": make_branch(), "birth_date": BORN}
    if fields.get("kind") == CustomerKind.ORGANISATION:
        del terms["birth_date"]
    with refused(code):
        register_customer(**{"identifiers": [], "actor": TANG_LING, "now": NOW, **terms, **fields})


def test_a_credit_code_is_issued_in_china_and_an_organisation_is_not_born() -> None:
    terms: dict[str, Any] = {"name": "Tea", "branch": make_branch(), "actor": TANG_LING, "now": NOW}
    organisation = {"kind": CustomerKind.ORGANISATION, **terms}
    with refused("credit_code_issuer"):
        register_customer(**organisation, identifiers=[replace(CREDIT_CODE, issuer="GB")])
    with refused("birth_date_of_organisation"):
        register_customer(**organisation, identifiers=[CREDIT_CODE], birth_date=BORN)
    kept = register_customer(**organisation, identifiers=[CREDIT_CODE, LEI])
    numbers = {row.type: row.value.reveal() for row in kept.identifiers.all()}
    assert numbers == {"CREDIT_CODE": "9144030071526726XG", "LEI": "506700GE1G29325QX363"}


def test_the_resident_identity_number_says_the_date_of_birth() -> None:
    customer = make_customer(identifiers=[replace(RESIDENT, value="11010119900307000 3")], birth_date=None)
    assert customer.reveal_birth_date() == date(1990, 3, 7)


def test_another_countrys_identity_number_has_a_shape_only() -> None:
    (identifier,) = make_customer(identifiers=[replace(RESIDENT, issuer="de", value="l01x 00t47")]).identifiers.all()
    assert (identifier.issuer, identifier.value.reveal()) == ("DE", "L01X00T47")
