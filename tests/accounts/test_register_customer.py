"""A customer is registered once, under a new number, with what others call them."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Customer, CustomerKind, IdentifierType
from accounts.services import IdentifierDraft, register_customer
from bankops.core.models import AuditEvent
from tests.accounts.factories import NOW, TANG_LING, make_branch, make_customer
from tests.committed import at_once
from tests.unchanged import refused

PASSPORT = IdentifierDraft(IdentifierType.PASSPORT, "CN", "E12345678")

pytestmark = pytest.mark.django_db


def test_a_customer_is_registered() -> None:
    branch = make_branch("B01")
    customer = register_customer(
        kind=CustomerKind.PERSON,
        name="  Li   Hua ",
        branch=branch,
        identifiers=[PASSPORT, IdentifierDraft(IdentifierType.RESIDENT_ID, " CN ", " 110101199003070000 ")],
        actor=TANG_LING,
        now=NOW,
    )
    customer.refresh_from_db()
    assert (customer.name, customer.kind, customer.branch, customer.created_at) == ("Li Hua", "PERSON", branch, NOW)
    assert customer.number.startswith("C-")
    assert sorted(customer.identifiers.values_list("type", "issuer", "value")) == [
        ("PASSPORT", "CN", "E12345678"),
        ("RESIDENT_ID", "CN", "110101199003070000"),
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


def test_an_identifier_of_somebody_else_is_refused_and_names_them() -> None:
    first = make_customer("Li Hua", identifiers=[PASSPORT])
    branch = make_branch()
    with refused("identifier_taken"):
        make_customer("Li Hua again", branch=branch, identifiers=[PASSPORT])
    assert Customer.objects.get() == first


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": " "}, "customer_name_required"),
        ({"name": "x" * 201}, "text_too_long"),
        ({"name": "Li\x00Hua"}, "unstorable_text"),
        ({"identifiers": [IdentifierDraft(IdentifierType.PASSPORT, "CN", " ")]}, "identifier_incomplete"),
        ({"identifiers": [IdentifierDraft(IdentifierType.PASSPORT, "CN", "E" * 61)]}, "text_too_long"),
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
