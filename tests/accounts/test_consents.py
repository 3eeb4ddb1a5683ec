"""A consent is recorded at once and withdrawn as easily; that it was given stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Consent, ConsentChannel, ConsentPurpose, Customer
from accounts.services import give_consent, withdraw_consent
from bankops.core import ids
from bankops.core.models import AuditEvent
from tests.accounts.factories import NOW, TANG_LING, make_customer
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


def give(customer: Customer, **changed: Any) -> Consent:
    terms = {"purpose": ConsentPurpose.MARKETING, "channel": ConsentChannel.BRANCH, "text_version": "2026-01"}
    return give_consent(**{"customer_id": customer.pk, **terms, "actor": TANG_LING, "now": NOW, **changed})


def withdraw(customer: Customer, **changed: Any) -> Consent:
    terms = {"customer_id": customer.pk, "purpose": ConsentPurpose.MARKETING}
    return withdraw_consent(**{**terms, "actor": TANG_LING, "now": NOW + timedelta(days=1), **changed})


def test_a_consent_is_given_withdrawn_and_given_again() -> None:
    customer = make_customer()
    first = give(customer, text_version=" 2026-01 ")
    withdraw(customer)
    again = give(customer, text_version="2026-02", now=NOW + timedelta(days=2))
    first.refresh_from_db()
    assert (first.text_version, first.given_at, first.withdrawn_at) == ("2026-01", NOW, NOW + timedelta(days=1))
    assert list(Consent.objects.standing()) == [again]
    events = AuditEvent.objects.filter(subject_id=customer.public_id, event_type__startswith="accounts.consent")
    told = [(event.event_type, event.detail["text_version"]) for event in events.order_by("pk")]
    assert told == [
        ("accounts.consent.given", "2026-01"),
        ("accounts.consent.withdrawn", "2026-01"),
        ("accounts.consent.given", "2026-02"),
    ]
    assert Customer.objects.get(pk=customer.pk).version == 1  # nobody who edits the customer is in the way of it


def test_one_consent_for_each_purpose() -> None:
    customer = make_customer()
    give(customer)
    give(customer, purpose=ConsentPurpose.PROFILING)
    with refused("consent_there"):
        give(customer)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"text_version": " "}, "consent_text_required"),
        ({"text_version": "x" * 21}, "text_too_long"),
        ({"customer_id": ids.uuid7()}, "unknown_customer"),
    ],
)
def test_a_consent_that_cannot_be_is_refused(changed: dict[str, Any], code: str) -> None:
    customer = make_customer()
    with refused(code):
        give(customer, **changed)


def test_what_was_not_given_cannot_be_withdrawn() -> None:
    customer = make_customer()
    with refused("consent_not_found"):
        withdraw(customer)
    with refused("unknown_customer"):
        withdraw(customer, customer_id=ids.uuid7())
