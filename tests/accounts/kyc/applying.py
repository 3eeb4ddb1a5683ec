"""Applications, made as the bank makes them: a teller brings them, others look at them."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from accounts import services
from accounts.drafts import IdentifierDraft
from accounts.kyc.findings import CheckKind, CheckState
from accounts.kyc.funnel import stage_of
from accounts.kyc.rating import Activity, LegalForm
from accounts.kyc.required import DocumentKind
from accounts.models import Application, Customer, CustomerState, Document, IdentifierType, OverrideCode
from accounts.services import AccountWish, Answers, funnel
from bankops.core.actor import Actor
from tests.accounts.factories import NOW, OU_YAN, TANG_LING, TODAY, current_account, make_customer
from tests.accounts.kyc import files

KE_FU = Actor(kind="staff", id="usr_ke", name="Ke Fu")
ORDINARY = Answers(LegalForm.NONE, Activity.ORDINARY, "CN")
TWO_REVIEWERS = "apr_of_two_reviewers"
_serial = count(1)


def newcomer(name: str = "Li Hua") -> Customer:
    """Register somebody with a passport, whom Tang Ling saw."""
    passport = IdentifierDraft(IdentifierType.PASSPORT, "CN", f"E{next(_serial):08d}")
    return make_customer(name, state=CustomerState.PROSPECT, identifiers=[passport])


def start(
    customer: Customer | None = None, *, answers: Answers = ORDINARY, wishes: int = 1, **more: Any
) -> Application:
    customer = customer or newcomer()
    given: dict[str, Any] = {"actor": TANG_LING, "now": NOW, "business_date": TODAY, **more}
    wanted = [AccountWish(current_account(), "CNY")] * wishes
    return services.start_application(
        customer_id=customer.pk, branch=customer.branch, answers=answers, accounts=wanted, **given
    )


def bring(
    customer: Customer, kind: DocumentKind = DocumentKind.IDENTITY, *, actor: Actor = TANG_LING, **more: Any
) -> Document:
    """Upload a document that nobody has brought before."""
    return services.upload_document(
        customer_id=customer.pk,
        kind=kind,
        name="scan.pdf",
        content=files.pdf(f"document {next(_serial)}"),
        actor=actor,
        **{"now": NOW, "business_date": TODAY, **more},
    )


def verify(document: Document, *, expires_on: date | None = date(2030, 1, 1), **more: Any) -> Document:
    given: dict[str, Any] = {"actor": OU_YAN, "now": NOW, "business_date": TODAY, **more}
    return services.verify_document(document_id=document.pk, expires_on=expires_on, **given)


def confirm(application: Application, *, same: bool = True, actor: Actor = OU_YAN, **more: Any) -> Application:
    given: dict[str, Any] = {"now": NOW, "business_date": TODAY, "note": "compared at the desk", **more}
    return services.confirm_identity(application_id=application.pk, same=same, actor=actor, **given)


def override(application: Application, kind: CheckKind = CheckKind.SCREENING, **more: Any) -> None:
    given: dict[str, Any] = {"code": OverrideCode.CHECKED_ELSEWHERE, "reason": "screened by hand", **more}
    services.override_check(
        application_id=application.pk,
        kind=kind,
        actor=KE_FU,
        now=NOW,
        approval_request_id=TWO_REVIEWERS,
        **given,
    )


def ready(customer: Customer | None = None, **more: Any) -> Application:
    """Bring an application to its review. Needs the `consented` fixture, for the override of the screening."""
    application = start(customer, **more)
    verify(bring(application.customer))
    confirm(application)
    override(application)
    return fresh(application)


def approve(application: Application, **more: Any) -> Application:
    given: dict[str, Any] = {"reason": "all in order", "actor": OU_YAN, "now": NOW, "business_date": TODAY, **more}
    return services.approve_application(application_id=application.pk, approval_request_id=TWO_REVIEWERS, **given)


def fresh(application: Application) -> Application:
    """Read an application again, after proving that its stored stage is the computed one."""
    again = Application.objects.select_related("customer", "branch").get(pk=application.pk)
    assert again.stage == stage_of(funnel.facts_of(again))
    return again


def states(application: Application) -> dict[str, CheckState]:
    """Return what the present round's checks say."""
    found = application.checks.filter(round=application.round)
    return {one.kind.lower(): CheckState(one.state) for one in found}
