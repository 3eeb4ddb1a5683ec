"""Overriding a check and approving an application, under the policies a bank starts with: two people agree to each."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import services
from accounts.kyc import errors
from accounts.kyc.findings import CheckKind
from accounts.kyc.funnel import Stage
from accounts.models import Account, Application, CheckEvent, CustomerState, Outcome, RejectionReason
from approvals.models import ApprovalRequest, State
from bankops.core import clock
from bankops.core.models import AuditEvent
from staff.models import User
from tests.accounts.factories import OU_YAN
from tests.accounts.kyc.applying import bring, confirm, fresh, start, verify
from tests.approvals.factories import approve, approve_all
from tests.transactions.shipped import Shipped, submit
from tests.unchanged import nothing_changes, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(shipped_bank: Shipped) -> Shipped:
    return shipped_bank


def today() -> dict[str, Any]:
    return {"now": clock.now(), "business_date": clock.business_date()}


@pytest.fixture
def application(bank: Shipped) -> Application:
    """An application with everything but the screening, which nobody carries out yet."""
    application = start(**today())
    verify(bring(application.customer, **today()), expires_on=None, permanent=True, **today())
    confirm(application, **today())
    return fresh(application)


def ask_override(analyst: User, application: Application, check: str = "SCREENING") -> ApprovalRequest:
    payload = {"application": application.public_id, "check": check, "code": "CHECKED_ELSEWHERE"}
    outcome = submit("accounts.override_check", analyst, payload, reason="screened on paper")
    assert not outcome.done
    request: ApprovalRequest = outcome.request
    return request


def ask_approval(bank: Shipped, application: Application) -> ApprovalRequest:
    outcome = submit("accounts.approve_application", bank.maker, _named(application), reason="all in order")
    assert not outcome.done
    request: ApprovalRequest = outcome.request
    return request


def _named(application: Application) -> dict[str, str]:
    return {"application": application.public_id}


def test_from_not_screened_to_customer_by_four_reviews(
    bank: Shipped, application: Application, risk_analyst: User
) -> None:
    with refused("application_not_ready"):
        submit("accounts.approve_application", bank.maker, _named(application), reason="all in order")
    override = ask_override(risk_analyst, application)
    assert fresh(application).stage == Stage.CHECKS
    assert approve_all(override).state == State.EXECUTED
    event = CheckEvent.objects.get(source="OVERRIDE")
    assert (event.actor_name, event.approval_request_id) == ("Ren Xin", override.public_id)
    assert fresh(application).stage == Stage.REVIEW

    request = ask_approval(bank, application)
    assert request.branch_code == "001"
    described = request.versions.get().description
    assert described["summary"] == f"Li Hua becomes a customer (application {application.reference})."
    assert described["warnings"] == ["The check “screening” has not passed; it was overridden: checked by other means."]
    approve(request)
    assert fresh(application).stage == Stage.REVIEW
    assert not Account.objects.filter(customer=application.customer).exists()
    assert approve_all(request).state == State.EXECUTED
    done = fresh(application)
    assert (done.stage, done.customer.state) == (Stage.APPROVED, CustomerState.ACTIVE)
    assert Account.objects.get(customer=application.customer).status == "ACTIVE"
    told = AuditEvent.objects.get(event_type="accounts.application.approved")
    assert (told.actor_id, told.approval_request_id) == (bank.maker.public_id, request.public_id)


@pytest.fixture
def screened(application: Application, risk_analyst: User) -> Application:
    approve_all(ask_override(risk_analyst, application))
    return fresh(application)


@pytest.mark.parametrize("moved", ["document", "check", "customer", "rejected"])
def test_what_moved_meanwhile_makes_the_approval_stale(bank: Shipped, screened: Application, moved: str) -> None:
    request = ask_approval(bank, screened)
    approve(request)
    if moved == "document":
        bring(screened.customer, **today())
    elif moved == "check":
        confirm(screened, same=False, **today())
    elif moved == "customer":
        customer = screened.customer
        customer.version += 1
        customer.save(update_fields=["version"])
    else:
        reject(screened)
    assert approve_all(request).state == State.STALE
    assert not Account.objects.filter(customer=screened.customer).exists()
    screened.customer.refresh_from_db()
    assert screened.customer.state == CustomerState.PROSPECT


def reject(application: Application) -> None:
    services.reject_application(
        application_id=application.pk,
        outcome=Outcome.RETRY,
        reasons=[RejectionReason.OTHER],
        note="one more thing",
        actor=OU_YAN,
        now=clock.now(),
    )


def test_an_override_is_of_the_round_it_was_asked_for(application: Application, risk_analyst: User) -> None:
    request = ask_override(risk_analyst, application)
    approve(request)
    reject(application)
    services.resubmit_application(application_id=application.pk, note="again", actor=OU_YAN, **today())
    assert approve_all(request).state == State.STALE
    assert not fresh(application).checks.get(round=2, kind=CheckKind.SCREENING).is_settled


def test_what_is_sure_to_fail_is_not_submitted(bank: Shipped, screened: Application, risk_analyst: User) -> None:
    with refused("nothing_to_override"):
        ask_override(risk_analyst, screened)
    with refused("reason_required"):
        submit("accounts.approve_application", bank.maker, _named(screened))
    services.withdraw_application(application_id=screened.pk, note="moved away", actor=OU_YAN, now=clock.now())
    with refused("application_closed"):
        ask_approval(bank, screened)
    with refused("application_closed"):
        ask_override(risk_analyst, screened, "IDENTITY")


def test_who_may_not_override_does_not_get_it_reviewed(bank: Shipped, application: Application) -> None:
    with nothing_changes(), pytest.raises(Exception, match="override_check"):
        ask_override(bank.maker, application)


def test_the_request_holds_no_personal_data(bank: Shipped, screened: Application) -> None:
    """Payloads are kept for ever; the applicant's name stands in what reviewers read, as everywhere."""
    version = ask_approval(bank, screened).versions.get()
    assert version.payload == {"application": screened.public_id}
    assert "Li Hua" not in str(version.preconditions)


def test_every_error_says_what_to_do() -> None:
    texts = [str(one.message) for one in vars(errors).values() if isinstance(one, type) and hasattr(one, "message")]
    assert len(texts) > 30
    assert all(text.endswith((".", "%(why)s")) for text in texts)
