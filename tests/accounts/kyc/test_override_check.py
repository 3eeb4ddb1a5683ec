"""Overriding a check: its own operation, always agreed by two, for one finding of one round."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts import services
from accounts.kyc import checks as seam
from accounts.kyc.findings import CheckKind, CheckState, Finding
from accounts.kyc.funnel import Stage
from accounts.kyc.required import DocumentKind
from accounts.models import CheckEvent, CheckSource, Customer, Outcome, OverrideCode, RejectionReason
from bankops.core import operations
from bankops.core.models import AuditEvent
from bankops.core.operations import ConsentRequired, Review
from tests.accounts.factories import NOW, TANG_LING, TODAY
from tests.accounts.kyc.applying import KE_FU, TWO_REVIEWERS, approve, bring, confirm, fresh, override, ready, start
from tests.unchanged import nothing_changes, refused

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("consented")
def test_an_override_settles_a_check_and_changes_no_finding() -> None:
    application = start()
    override(application, reason="screened on paper, list of 1 March")
    check = application.checks.get(kind=CheckKind.SCREENING)
    assert (check.state, check.override_code, check.is_settled) == ("PENDING", "CHECKED_ELSEWHERE", True)
    event = CheckEvent.objects.get(source=CheckSource.OVERRIDE)
    assert (event.before, event.after, event.note) == ("PENDING", "PENDING", "screened on paper, list of 1 March")
    assert (event.actor_name, event.approval_request_id) == ("Ke Fu", TWO_REVIEWERS)
    told = AuditEvent.objects.get(event_type="accounts.check.overridden")
    assert (told.actor_id, told.detail["check"], told.detail["code"]) == (
        KE_FU.id,
        "SCREENING",
        "CHECKED_ELSEWHERE",
    )


@pytest.mark.usefixtures("consented")
def test_another_finding_ends_the_override() -> None:
    application = ready()
    assert application.stage == Stage.REVIEW
    before = seam.install(CheckKind.SCREENING, lambda _subject: Finding(CheckState.FAILED, ("hit",), "run 8"))
    try:
        services.run_checks(application_id=application.pk, now=NOW, business_date=TODAY)
    finally:
        seam.install(CheckKind.SCREENING, before)
    check = application.checks.get(kind=CheckKind.SCREENING)
    assert (check.state, check.override_code) == ("FAILED", "")
    assert fresh(application).stage == Stage.CHECKS


@pytest.mark.usefixtures("consented")
def test_the_same_finding_keeps_it() -> None:
    application = ready()
    services.run_checks(application_id=application.pk, now=NOW, business_date=TODAY)
    assert fresh(application).stage == Stage.REVIEW


@pytest.mark.usefixtures("consented")
def test_it_counts_for_its_round_only() -> None:
    application = ready()
    services.reject_application(
        application_id=application.pk,
        outcome=Outcome.RETRY,
        reasons=[RejectionReason.DOCUMENTS_UNREADABLE],
        note="scan again",
        actor=KE_FU,
        now=NOW,
    )
    services.resubmit_application(
        application_id=application.pk, note="scanned again", actor=TANG_LING, now=NOW, business_date=TODAY
    )
    assert not application.checks.get(kind=CheckKind.SCREENING, round=2).is_settled
    assert application.checks.get(kind=CheckKind.SCREENING, round=1).is_settled


@pytest.mark.usefixtures("consented")
def test_what_has_passed_or_is_overridden_needs_none() -> None:
    application = start()
    with refused("nothing_to_override"):
        override(application, CheckKind.RISK_RATING)
    override(application)
    with refused("nothing_to_override"):
        override(application)


@pytest.mark.usefixtures("consented")
def test_a_reason_is_needed_and_an_open_application() -> None:
    application = start()
    with refused("reason_required"):
        override(application, reason="  ")
    services.withdraw_application(application_id=application.pk, note="moved away", actor=TANG_LING, now=NOW)
    with refused("application_closed"):
        override(application)
    application.pk = uuid4()
    with refused("unknown_application"):
        override(application)


def test_nobody_overrides_around_the_gate() -> None:
    application = start()
    with nothing_changes(), pytest.raises(ConsentRequired):
        override(application)


def test_two_people_are_always_asked() -> None:
    assert operations.get("accounts.override_check").always_two
    assert operations.get("accounts.approve_application").usual_review is Review.ALWAYS


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"check": "SOMETHING", "code": "OTHER"}, "unknown_check"),
        ({"check": "SCREENING", "code": "BECAUSE"}, "unknown_reason"),
        ({"check": "SCREENING", "code": "OTHER", "application": "kyc_1"}, "invalid_id"),
    ],
)
def test_a_payload_that_names_nothing(payload: dict[str, str], code: str) -> None:
    application = start()
    operation = operations.get("accounts.override_check")
    with refused(code):
        operation.clean({"application": application.public_id, **payload})


def test_reviewers_read_what_the_check_says() -> None:
    application = start()
    operation = operations.get("accounts.override_check")
    wanted = {"application": application.public_id, "check": "SCREENING", "code": OverrideCode.FALSE_POSITIVE.value}
    described = operation.describe(operation.clean(wanted))
    assert described.summary == (
        f"The check “screening” of application {application.reference} is put aside: false hit: somebody else is meant."
    )
    assert described.changes == {"screening": ("pending", "overridden")}
    assert list(described.warnings) == ["What the check says: Not screened: no screening is connected."]


@pytest.mark.usefixtures("consented")
def test_who_was_screened_is_not_who_they_are_after_a_change_of_name() -> None:
    application = ready()
    Customer.objects.filter(pk=application.customer_id).update(name="Somebody Else", version=2)
    confirm(application)
    check = application.checks.get(kind=CheckKind.SCREENING)
    assert (check.state, check.reasons, check.override_code) == ("PENDING", ["not_run"], "")
    with refused("application_not_ready"):
        approve(application)


@pytest.mark.usefixtures("consented")
def test_a_pass_of_the_screening_ends_with_the_data_it_was_about() -> None:
    before = seam.install(CheckKind.SCREENING, lambda _subject: Finding(CheckState.PASSED, (), "run 9"))
    try:
        application = start()
        assert application.checks.get(kind=CheckKind.SCREENING).state == CheckState.PASSED
        Customer.objects.filter(pk=application.customer_id).update(name="Somebody Else", version=2)
        bring(application.customer)
        assert application.checks.get(kind=CheckKind.SCREENING).state == CheckState.PENDING
        services.run_checks(application_id=application.pk, now=NOW, business_date=TODAY)
        check = application.checks.get(kind=CheckKind.SCREENING)
        assert (check.state, check.reference) == (CheckState.PASSED, "version 2: run 9")
    finally:
        seam.install(CheckKind.SCREENING, before)


@pytest.mark.usefixtures("consented")
def test_other_documents_end_the_override_of_the_documents_check() -> None:
    application = start()
    bring(application.customer, DocumentKind.ADDRESS)
    override(application, CheckKind.DOCUMENTS)
    check = application.checks.get(kind=CheckKind.DOCUMENTS)
    assert check.override_code
    services.run_checks(application_id=application.pk, now=NOW, business_date=TODAY)
    check.refresh_from_db()
    assert check.override_code  # the same documents
    bring(application.customer, DocumentKind.ADDRESS)
    check.refresh_from_db()
    assert (check.state, check.override_code) == ("PENDING", "")
