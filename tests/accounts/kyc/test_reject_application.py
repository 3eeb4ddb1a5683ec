"""Rejecting, resubmitting, withdrawing, expiring: an application's other ends, and what comes after them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from accounts import services
from accounts.kyc.findings import CheckKind, CheckState
from accounts.kyc.funnel import Ending, Stage
from accounts.models import Application, CustomerState, DocumentRefusal, DocumentState, Outcome, RejectionReason
from bankops.core.models import AuditEvent, OutboxMessage
from tests.accounts.factories import NOW, OU_YAN, TANG_LING, TODAY
from tests.accounts.kyc.applying import bring, confirm, fresh, newcomer, ready, start, states, verify
from tests.unchanged import refused

pytestmark = pytest.mark.django_db
UNREADABLE = (RejectionReason.DOCUMENTS_UNREADABLE,)


def reject(
    application: Application, outcome: Outcome, reasons: Sequence[RejectionReason] = UNREADABLE, note: str = "blurred"
) -> Application:
    return services.reject_application(
        application_id=application.pk, outcome=outcome, reasons=reasons, note=note, actor=OU_YAN, now=NOW
    )


def resubmit(application: Application, note: str = "scanned again") -> Application:
    return services.resubmit_application(
        application_id=application.pk, note=note, actor=TANG_LING, now=NOW, business_date=TODAY
    )


def test_a_final_rejection_ends_it_for_good() -> None:
    application = start()
    bring(application.customer)
    reject(application, Outcome.FINAL, [RejectionReason.FALSE_STATEMENTS, RejectionReason.OTHER], "forged payslip")
    application = fresh(application)
    assert application.stage == Stage.REJECTED
    assert application.customer.state == CustomerState.REJECTED
    ended = application.rounds.get()
    assert (ended.outcome, ended.reasons, ended.note) == ("FINAL", ["FALSE_STATEMENTS", "OTHER"], "forged payslip")
    told = AuditEvent.objects.get(event_type="accounts.application.rejected")
    assert (told.reason, told.detail["reasons"]) == ("forged payslip", ["FALSE_STATEMENTS", "OTHER"])
    assert OutboxMessage.objects.get(topic="accounts.application.rejected").payload["outcome"] == "FINAL"


@pytest.mark.usefixtures("consented")
def test_a_rejected_applicant_cannot_go_on() -> None:
    application = ready()
    reject(application, Outcome.FINAL)
    customer = application.customer
    with refused("not_resubmittable"):
        resubmit(application)
    with refused("applicant_rejected"):
        start(customer)
    with refused("applicant_rejected"):
        bring(customer)
    with refused("application_closed"):
        confirm(application)
    with refused("application_closed"):
        services.approve_application(
            application_id=application.pk,
            reason="please",
            actor=OU_YAN,
            now=NOW,
            business_date=TODAY,
            approval_request_id="apr_x",
        )
    with refused("customer_not_approved"):
        services.open_account(
            customer=customer,
            product=application.requested_accounts.get().product,
            branch=customer.branch,
            currency="CNY",
            actor=OU_YAN,
            now=NOW,
            business_date=TODAY,
        )


def test_resubmission_is_a_new_round_that_keeps_the_old_one() -> None:
    application = start()
    blurred = bring(application.customer)
    confirm(application)
    services.refuse_document(
        document_id=blurred.pk,
        refusal=DocumentRefusal.UNREADABLE,
        note="blurred",
        actor=OU_YAN,
        now=NOW,
        business_date=TODAY,
    )
    before = list(application.checks.filter(round=1).order_by("kind").values_list("kind", "state", "reasons"))
    reject(application, Outcome.RETRY)
    assert application.customer.state == CustomerState.PROSPECT
    resubmit(application)
    application = fresh(application)
    assert (application.stage, application.round) == (Stage.REGISTERED, 2)
    assert states(application)["identity"] == CheckState.PENDING
    assert list(application.checks.filter(round=1).order_by("kind").values_list("kind", "state", "reasons")) == before
    rounds = list(application.rounds.order_by("number").values_list("number", "ending", "outcome"))
    assert rounds == [(1, "REJECTED", "RETRY"), (2, "", "")]
    blurred.refresh_from_db()
    assert (blurred.round, blurred.state) == (1, DocumentState.REFUSED)
    again = bring(application.customer)
    assert again.round == 2
    assert fresh(application).stage == Stage.CHECKS


def test_a_document_that_was_verified_before_counts_in_the_next_round() -> None:
    application = start()
    verify(bring(application.customer))
    reject(application, Outcome.RETRY, [RejectionReason.IDENTITY_NOT_PROVEN])
    resubmit(application)
    assert states(application) == states(application) | {"documents": CheckState.PASSED}
    assert fresh(application).stage == Stage.CHECKS


def test_without_a_verdict_somebody_may_apply_anew() -> None:
    application = start()
    reject(application, Outcome.OTHER, [RejectionReason.NOT_SERVED])
    with refused("not_resubmittable"):
        resubmit(application)
    assert fresh(start(application.customer)).round == 1


def test_a_rejection_says_why() -> None:
    application = start()
    with refused("rejection_reason_required"):
        reject(application, Outcome.RETRY, [])
    with refused("reason_required"):
        reject(application, Outcome.RETRY, note=" ")


def test_an_application_ends_once() -> None:
    application = start()
    reject(application, Outcome.OTHER)
    with refused("application_closed"):
        reject(application, Outcome.FINAL)
    with refused("application_closed"):
        services.withdraw_application(application_id=application.pk, note="anyway", actor=TANG_LING, now=NOW)


def test_nobody_resubmits_what_is_open_or_was_withdrawn() -> None:
    application = start()
    with refused("not_resubmittable"):
        resubmit(application)
    services.withdraw_application(application_id=application.pk, note="moved away", actor=TANG_LING, now=NOW)
    assert fresh(application).stage == Stage.WITHDRAWN
    with refused("not_resubmittable"):
        resubmit(application)


def test_resubmitting_twice_is_one_round() -> None:
    application = start()
    reject(application, Outcome.RETRY)
    resubmit(application)
    with refused("not_resubmittable"):
        resubmit(application)


def test_a_second_application_stands_in_the_way_of_resubmitting() -> None:
    customer = newcomer()
    first = start(customer)
    reject(first, Outcome.RETRY)
    start(customer)
    with refused("application_open"):
        resubmit(first)


def test_what_nobody_moves_expires_once() -> None:
    stuck, moving = start(), start()
    bring(moving.customer, now=NOW + timedelta(days=1))
    after = NOW + timedelta(days=90)
    assert services.expire_applications(now=after - timedelta(seconds=1)) == 0
    assert services.expire_applications(now=after) == 1
    assert services.expire_applications(now=after) == 0
    assert fresh(stuck).stage == Stage.EXPIRED
    assert fresh(moving).stage == Stage.CHECKS
    ended = stuck.rounds.get()
    assert (ended.ending, ended.ended_by_name) == (Ending.EXPIRED, "end_of_day")
    assert AuditEvent.objects.filter(event_type="accounts.application.expired").count() == 1
    assert fresh(start(stuck.customer)).stage == Stage.REGISTERED


def test_checks_of_an_application_that_ended_do_not_run() -> None:
    application = start()
    reject(application, Outcome.OTHER)
    with refused("application_closed"):
        services.run_checks(application_id=application.pk, now=NOW, business_date=TODAY)
    assert application.checks.get(kind=CheckKind.SCREENING).state == CheckState.PENDING
