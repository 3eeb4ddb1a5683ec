"""The doors of knowing the customer: applications, checks, documents, reviews; and the operations behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from bankops.matrix.applicants import pdf
from bankops.matrix.listing import (
    Arguments,
    Form,
    Listed,
    Payload,
    Submitted,
    customer,
    door,
    here,
    may,
    page,
    reading_room,
    reason,
    with_reason,
)
from bankops.matrix.people import Persona
from bankops.matrix.stage import Stage

_ORDINARY = {"activity": "ORDINARY", "politically_exposed": False, "cash_intensive": False}
_VIEW_APPLICATION, _VIEW_DOCUMENT = "accounts.view_application", "accounts.view_document"


def kyc() -> Iterator[Listed]:
    yield from _applications()
    yield from _documents()
    yield from _on_customers()


def submitted() -> Iterator[Submitted]:
    """Yield the operations behind them."""
    yield Submitted("accounts.approve_application", _payload("ready"))
    yield Submitted("accounts.override_check", _payload("open", check="SCREENING", code="CHECKED_ELSEWHERE"))
    yield Submitted(
        "accounts.lower_risk_rating",
        lambda stage: {"customer": stage.customer.public_id, **_ORDINARY},
        right="accounts.confirm_review",
    )


def _applications() -> Iterator[Listed]:
    view = may(_VIEW_APPLICATION)
    yield from reading_room(
        "accounts_application", view, lambda stage: stage.applications["open"], its=here(_VIEW_APPLICATION)
    )
    yield page("accounts_application_stuck", view)
    rejection = {"outcome": "RETRY", "reasons": ["OTHER"]}
    doors: dict[str, tuple[str, Form]] = {
        "run_checks": ("ready", reason),
        "confirm_identity": ("open", with_reason(same="yes")),
        "override_check": ("open", with_reason(check="SCREENING", code="CHECKED_ELSEWHERE")),
        "approve_application": ("ready", reason),
        "reject_application": ("open", with_reason(**rejection)),
        "withdraw_application": ("open", reason),
        "resubmit_application": ("retry", reason),
    }
    for name, (application, form) in doors.items():
        yield from door(f"accounts_application_{name}", here(f"accounts.{name}"), form, _application(application))
    upload = here("accounts.upload_document")
    yield from door("accounts_application_upload_document", upload, _file, _application("open"))


def _documents() -> Iterator[Listed]:
    yield from reading_room(
        "accounts_document", may(_VIEW_DOCUMENT), lambda stage: stage.document, its=here(_VIEW_DOCUMENT)
    )

    def where(stage: Stage) -> list[Any]:
        return [stage.document.pk]

    verify = here("accounts.verify_document")
    yield from door("accounts_document_verify_document", verify, with_reason(permanent="on"), where)
    yield from door("accounts_document_refuse_document", verify, with_reason(refusal="UNREADABLE"), where)
    yield from door("accounts_document_open_document", here("accounts.open_document"), reason, where)


def _on_customers() -> Iterator[Listed]:
    started = {"legal_form": "NONE", "activity": "ORDINARY", "residence": "CN", "currency": "CNY", "overdraft": "0"}
    begin = here("accounts.start_application")

    def newcomer(stage: Stage) -> list[Any]:
        return [stage.newcomer.pk]

    def start(stage: Stage, persona: Persona) -> dict[str, Any]:
        return {**reason(stage, persona), **started, "branch": stage.branches["001"].pk}

    yield from door("accounts_customer_start_application", begin, start, newcomer)
    yield from door("accounts_customer_upload_document", here("accounts.upload_document"), _file, newcomer)
    reviewed = with_reason(activity="ORDINARY")
    who = here("accounts.confirm_review")
    yield from door("accounts_customer_confirm_review", who, reviewed, customer)
    yield page("accounts_customer_reviews_due", may("accounts.view_customer"))


def _file(stage: Stage, persona: Persona) -> dict[str, Any]:
    file = SimpleUploadedFile("scan.pdf", pdf(persona.key), content_type="application/pdf")
    return {**reason(stage, persona), "kind": "IDENTITY", "file": file}


def _payload(application: str, **more: str) -> Payload:
    return lambda stage: {"application": stage.applications[application].public_id, **more}


def _application(name: str) -> Arguments:
    return lambda stage: [stage.applications[name].pk]
