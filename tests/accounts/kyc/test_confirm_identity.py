"""A second pair of eyes compares the customer with the identity document."""

from __future__ import annotations

import pytest
from django.db import transaction

from accounts import events, services
from accounts.kyc import reasons
from accounts.kyc.findings import CheckState
from accounts.models import CheckEvent, CheckSource, Customer, CustomerIdentifier
from accounts.services import funnel
from bankops.core import audit
from bankops.core.models import AuditEvent
from tests.accounts.factories import NOW, OU_YAN, TANG_LING, TODAY
from tests.accounts.kyc.applying import KE_FU, bring, confirm, fresh, newcomer, start, states, verify
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


def test_what_a_person_saw_settles_the_check() -> None:
    application = start()
    confirm(application, note="photo and signature agree")
    assert states(application)["identity"] == CheckState.PASSED
    event = CheckEvent.objects.get(source=CheckSource.PERSON)
    assert (event.actor_name, event.note, event.after) == ("Ou Yan", "photo and signature agree", "PASSED")
    told = AuditEvent.objects.filter(event_type="accounts.check.changed").latest("id")
    assert (told.actor_id, told.reason, told.changes) == (
        OU_YAN.id,
        "photo and signature agree",
        {"IDENTITY": ["PENDING", "PASSED"]},
    )


def test_somebody_else_on_the_document_fails_the_check() -> None:
    application = start()
    confirm(application, same=False)
    assert states(application)["identity"] == CheckState.FAILED
    services.run_checks(application_id=application.pk, now=NOW, business_date=TODAY)
    assert states(application)["identity"] == CheckState.FAILED


def test_whoever_vouched_for_the_customer_does_not_compare() -> None:
    application = start(actor=KE_FU)  # registered by Tang Ling, brought by Ke Fu
    for own in (TANG_LING, KE_FU):
        with refused("own_registration"):
            confirm(application, actor=own)
    confirm(application, actor=OU_YAN)


def test_changed_data_are_compared_again() -> None:
    application = start()
    confirm(application)
    customer = Customer.objects.get(pk=application.customer_id)
    customer.version += 1
    customer.save(update_fields=["version"])
    services.run_checks(application_id=application.pk, now=NOW, business_date=TODAY)
    check = fresh(application).checks.get(kind="IDENTITY")
    assert (check.state, check.reasons) == ("PENDING", [reasons.AWAITS_CONFIRMATION])


def test_nobody_confirms_what_is_wrong_on_its_face() -> None:
    application = start()
    CustomerIdentifier.objects.update(expires_on="2026-03-01")
    with refused("identity_not_to_confirm"):
        confirm(application)


def test_a_reason_is_needed_and_an_open_application() -> None:
    application = start()
    with refused("reason_required"):
        confirm(application, note=" ")
    services.withdraw_application(application_id=application.pk, note="changed his mind", actor=TANG_LING, now=NOW)
    with refused("application_closed"):
        confirm(application)


def test_an_identity_number_that_ran_out_fails_the_check() -> None:
    customer = newcomer()
    CustomerIdentifier.objects.update(expires_on="2026-03-01")
    application = start(customer)
    check = fresh(application).checks.get(kind="IDENTITY")
    assert (check.state, check.reasons) == ("FAILED", [reasons.IDENTIFIER_EXPIRED])


def test_nobody_confirms_by_a_document_they_brought_themselves() -> None:
    application = start()
    verify(bring(application.customer, actor=OU_YAN), actor=KE_FU)
    with refused("own_registration"):
        confirm(application, actor=OU_YAN)
    confirm(application, actor=KE_FU)


def test_nobody_confirms_data_they_changed_last() -> None:
    application = start()
    subject = funnel.customer_subject(application.customer)
    with transaction.atomic():
        audit.record(events.CUSTOMER_UPDATED, actor=OU_YAN, subject=subject, now=NOW, reason="new name")
    with refused("own_registration"):
        confirm(application, actor=OU_YAN)
    confirm(application, actor=KE_FU)
