"""People who want to become customers, at different points of the way: what the doors on applications are tried on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from accounts import services as account_services
from accounts.kyc import checks
from accounts.kyc.findings import CheckKind, CheckState, Finding
from accounts.kyc.rating import Activity, LegalForm
from accounts.kyc.required import DocumentKind
from accounts.models import Application, Customer, CustomerKind, Document, IdentifierType, Outcome, RejectionReason
from accounts.services import Answers, IdentifierDraft
from bankops.core import clock
from bankops.core.actor import Actor
from bankops.matrix.people import ACTOR, REASON
from staff.models import Branch

_ANSWERS = Answers(LegalForm.NONE, Activity.ORDINARY, "CN")
_NAMES = ("newcomer", "open", "ready", "retry")


def pdf(title: str) -> bytes:
    """Return the smallest document that is one; another title makes another file."""
    body = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Title (" + title.encode() + b") >>\nendobj\n"
    return body + b"trailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"


def register(branch: Branch, teller: Actor, now: datetime) -> dict[str, Customer]:
    """Register a newcomer without an application, and one for each way an application can stand."""
    return {
        name: account_services.register_customer(
            kind=CustomerKind.PERSON,
            name=f"Applicant {place}",
            branch=branch,
            identifiers=[IdentifierDraft(IdentifierType.PASSPORT, "CN", f"E4099000{place}")],
            birth_date=date(1992, 2, 2),
            actor=teller,
            now=now,
        )
        for place, name in enumerate(_NAMES)
    }


def apply(newcomers: dict[str, Customer], teller: Actor, now: datetime) -> dict[str, Application]:
    """Start the applications: one with a document to look at, one ready for its review, one to be resubmitted."""
    when: dict[str, Any] = {"now": now, "business_date": clock.business_date(now)}
    before = checks.install(CheckKind.SCREENING, lambda _subject: Finding(CheckState.PASSED))
    try:
        started = {
            name: account_services.start_application(
                customer_id=newcomers[name].pk,
                branch=newcomers[name].branch,
                answers=_ANSWERS,
                accounts=(),
                actor=teller,
                **when,
            )
            for name in _NAMES[1:]
        }
    finally:
        checks.install(CheckKind.SCREENING, before)
    _bring_on(started, teller, when)
    account_services.run_checks(
        application_id=started["open"].pk, **when
    )  # nobody screens: there is something to override
    return started


def documents_of(applications: dict[str, Application]) -> Sequence[Document]:
    """Return the documents that wait for somebody to look at them."""
    return list(applications["open"].customer.documents.all())


def _bring_on(started: dict[str, Application], teller: Actor, when: dict[str, Any]) -> None:
    brought = {name: _bring(started[name], pdf(name), teller, when) for name in ("open", "ready")}
    account_services.verify_document(
        document_id=brought["ready"].pk, expires_on=None, permanent=True, actor=ACTOR, **when
    )
    account_services.confirm_identity(application_id=started["ready"].pk, same=True, note=REASON, actor=ACTOR, **when)
    account_services.reject_application(
        application_id=started["retry"].pk,
        outcome=Outcome.RETRY,
        reasons=[RejectionReason.DOCUMENTS_UNREADABLE],
        note=REASON,
        actor=ACTOR,
        now=when["now"],
    )


def _bring(application: Application, content: bytes, teller: Actor, when: dict[str, Any]) -> Document:
    return account_services.upload_document(
        customer_id=application.customer_id,
        kind=DocumentKind.IDENTITY,
        name="scan.pdf",
        content=content,
        actor=teller,
        **when,
    )
