"""Approving an application: whoever applied becomes a customer with an account, once everything stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from accounts import services
from accounts.kyc.findings import CheckKind, CheckState
from accounts.kyc.funnel import Ending, Stage
from accounts.kyc.rating import LegalForm
from accounts.kyc.required import DocumentKind
from accounts.models import (
    Account,
    Customer,
    CustomerIdentifier,
    CustomerKind,
    CustomerReview,
    CustomerState,
    OverrideCode,
    Product,
)
from bankops.core.models import AuditEvent, OutboxMessage
from tests.accounts.factories import NOW, OU_YAN, TODAY, make_customer
from tests.accounts.kyc.applying import (
    ORDINARY,
    TWO_REVIEWERS,
    approve,
    bring,
    confirm,
    fresh,
    newcomer,
    override,
    ready,
    start,
    states,
    verify,
)
from tests.unchanged import refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consented")]


def test_an_applicant_becomes_a_customer_with_the_account_applied_for() -> None:
    application = ready()
    assert application.stage == Stage.REVIEW
    approve(application)
    application = fresh(application)
    assert (application.stage, application.stage_entered_at) == (Stage.APPROVED, NOW)
    customer = application.customer
    assert (customer.state, customer.risk_rating) == (CustomerState.ACTIVE, "LOW")
    assert (customer.kyc_reviewed_on, customer.next_review_on) == (TODAY, date(2029, 3, 2))
    account = Account.objects.get(customer=customer)
    assert application.requested_accounts.get().account == account
    assert (account.status, account.currency, account.product_id) == ("ACTIVE", "CNY", "CURRENT")
    ended = application.rounds.get()
    assert (ended.ending, ended.ended_by_name, ended.approval_request_id) == (
        Ending.APPROVED,
        "Ou Yan",
        TWO_REVIEWERS,
    )
    review = CustomerReview.objects.get(customer=customer)
    assert (review.rating, review.application, review.next_review_on) == ("LOW", application, date(2029, 3, 2))
    told = list(AuditEvent.objects.filter(actor_id=OU_YAN.id).order_by("id").values_list("event_type", flat=True))
    assert told[-4:] == [
        "accounts.customer.state_changed",
        "accounts.customer.reviewed",
        "accounts.account.opened",
        "accounts.application.approved",
    ]
    assert OutboxMessage.objects.filter(topic="accounts.application.approved").count() == 1


@pytest.mark.parametrize(
    ("exposed", "rating", "next_review"),
    [(False, "LOW", date(2029, 3, 2)), (True, "HIGH", date(2027, 3, 2))],
)
def test_the_next_review_is_due_by_risk(exposed: bool, rating: str, next_review: date) -> None:
    application = start(answers=replace(ORDINARY, politically_exposed=exposed))
    for kind in (DocumentKind.IDENTITY, DocumentKind.SOURCE_OF_FUNDS):
        verify(bring(application.customer, kind))
    confirm(application)
    override(application)
    if exposed:
        override(application, CheckKind.RISK_RATING, code=OverrideCode.RISK_ACCEPTED)
    approve(application)
    customer = Customer.objects.get(pk=application.customer_id)
    assert (customer.risk_rating, customer.next_review_on) == (rating, next_review)


def test_a_review_due_on_a_leap_day_has_a_day() -> None:
    application = ready()
    approve(application, business_date=date(2028, 2, 29))
    assert Customer.objects.get().next_review_on == date(2031, 2, 28)


def test_no_account_applied_for_means_none_opened() -> None:
    approve(ready(wishes=0))
    assert Customer.objects.get().state == CustomerState.ACTIVE
    assert not Account.objects.filter(customer__isnull=False).exists()


@pytest.mark.parametrize("missing", ["document", "verification", "comparison", "screening"])
def test_nothing_is_approved_with_anything_missing(missing: str) -> None:
    application = start()
    if missing != "document":
        document = bring(application.customer)
        if missing != "verification":
            verify(document)
    if missing != "comparison":
        confirm(application)
    if missing != "screening":
        override(application)
    with refused("application_not_ready"):
        approve(application)


def test_the_refusal_names_what_is_missing() -> None:
    application = start()
    with pytest.raises(Exception, match="identity document, identity, screening, documents"):
        approve(application)


def test_what_ran_out_since_is_found_at_the_approval() -> None:
    application = ready()
    CustomerIdentifier.objects.update(expires_on=TODAY)
    with refused("application_not_ready"):
        approve(application, now=NOW + timedelta(days=1), business_date=TODAY + timedelta(days=1))
    assert fresh(application).stage == Stage.REVIEW


def test_data_changed_since_the_comparison_are_found_at_the_approval() -> None:
    application = ready()
    Customer.objects.update(version=2)
    with refused("application_not_ready"):
        approve(application)


def test_an_application_is_approved_once() -> None:
    application = ready()
    approve(application)
    with refused("application_closed"):
        approve(application)


def test_a_reason_is_needed() -> None:
    application = ready()
    with refused("reason_required"):
        approve(application, reason=" ")


def test_an_account_that_can_no_longer_be_opened_stops_everything() -> None:
    application = ready()
    Product.objects.update(is_offered=False)
    with refused("product_not_offered"):
        approve(application)
    assert fresh(application).stage == Stage.REVIEW


def test_an_organisation_says_who_owns_it_first() -> None:
    company = make_customer("Lakeside Tea", kind=CustomerKind.ORGANISATION, state=CustomerState.PROSPECT)
    application = start(company, answers=replace(ORDINARY, legal_form=LegalForm.COMPANY))
    for kind in (DocumentKind.REGISTRATION, DocumentKind.OWNERSHIP, DocumentKind.IDENTITY):
        verify(bring(company, kind))
    confirm(application)
    override(application)
    with refused("owners_missing"):
        approve(application)
    Customer.objects.filter(pk=company.pk).update(ownership_note="Listed in Shanghai", version=2)
    confirm(application)  # their data have changed since
    with refused("application_not_ready"):
        approve(application)  # whom was screened is not who they are now
    override(application)
    approve(application)
    assert fresh(application).stage == Stage.APPROVED


def test_all_four_states_stand_as_they_were() -> None:
    application = ready()
    approve(application)
    assert states(application) == {
        "identity": CheckState.PASSED,
        "screening": CheckState.PENDING,
        "risk_rating": CheckState.PASSED,
        "documents": CheckState.PASSED,
    }


def test_an_account_opens_for_an_approved_customer_only() -> None:
    customer = newcomer()
    application = ready(customer)
    product = application.requested_accounts.get().product
    terms: Any = {"product": product, "branch": customer.branch, "currency": "CNY", "actor": OU_YAN}
    with refused("customer_not_approved"):
        services.open_account(customer=customer, now=NOW, business_date=TODAY, **terms)
    approve(application)
    assert services.open_account(customer=customer, now=NOW, business_date=TODAY, **terms).customer == customer
