"""Applications in the admin: from a newcomer to a customer with an account, through every door, by four different people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.kyc.funnel import Stage
from accounts.models import Account, Application, Customer, CustomerState, Document
from approvals.models import ApprovalRequest
from bankops.core import clock
from bankops.core.models import AuditEvent
from staff.models import Branch, User
from tests.accounts.factories import current_account, make_branch, make_customer
from tests.accounts.kyc import applying, files
from tests.accounts.kyc.applying import newcomer
from tests.desk import address, code, words
from tests.personas import SignIn
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db

LIST = "admin:accounts_application_changelist"
DUE = "admin:accounts_customer_reviews_due"
STUCK = "admin:accounts_application_stuck"


@pytest.fixture
def desk(signed_in_client: SignIn, teller: User) -> Client:
    return signed_in_client(teller)


@pytest.fixture
def back_office(signed_in_client: SignIn, operator: User) -> Client:
    return signed_in_client(operator)


@pytest.fixture
def service(signed_in_client: SignIn, customer_service: User) -> Client:
    return signed_in_client(customer_service)


def start(desk: Client, branch: Branch, customer: Customer | None = None, **changed: str) -> Application:
    customer, product = customer or newcomer(), current_account()
    form = {
        "branch": str(branch.pk),
        "legal_form": "NONE",
        "activity": "ORDINARY",
        "residence": "CN",
        "product": product.pk,
        "currency": "cny",
        "overdraft": "500.00",
        **changed,
    }
    answer = desk.post(address(customer, "start_application"), form)
    application = Application.objects.get(customer=customer)
    assert answer["Location"] == address(application)
    return application


def upload(client: Client, where: str, content: bytes, name: str = "passport.pdf", kind: str = "IDENTITY") -> Any:
    return client.post(where, {"kind": kind, "file": SimpleUploadedFile(name, content)})


@pytest.fixture
def analyst(signed_in_client: SignIn, risk_analyst: User) -> Client:
    return signed_in_client(risk_analyst)


def test_from_newcomer_to_an_override_that_waits(
    desk: Client, back_office: Client, service: Client, analyst: Client, branch: Branch
) -> None:
    application = start(desk, branch)
    page = words(desk.get(address(application)))
    assert "Still to be brought: identity document." in page
    assert "Not screened: no screening is connected." in page
    upload(desk, address(application, "upload_document"), files.pdf())
    document = Document.objects.get()
    assert "awaits verification" in words(desk.get(address(application)))

    opened = service.post(address(document, "open_document"))
    assert opened.content == files.pdf()
    service.post(address(document, "verify_document"), {"expires_on": "2035-01-01"})
    service.post(address(application, "confirm_identity"), {"same": "yes", "reason": "face and photo agree"})
    page = words(back_office.get(address(application)))
    assert "Ke Fu" in page
    assert "“face and photo agree”" in page

    wanted = {"check": "SCREENING", "code": "CHECKED_ELSEWHERE", "reason": "on paper", "idempotency_key": "one"}
    assert "Submit for approval" not in words(back_office.get(address(application)))
    answer = analyst.post(address(application, "override_check"), wanted)
    request = ApprovalRequest.objects.get(operation="accounts.override_check")
    assert answer["Location"] == address(request)
    # It waits: nothing is overridden, and the application's page says who has to agree.
    application.refresh_from_db()
    assert application.stage == Stage.CHECKS
    assert request.reference in words(back_office.get(address(application)))


def test_only_who_may_override_asks_for_it(desk: Client, back_office: Client, branch: Branch) -> None:
    application = start(desk, branch)
    form = {"reason": "screened on paper", "idempotency_key": "one", "check": "SCREENING", "code": "OTHER"}
    with nothing_changes():
        assert back_office.post(address(application, "override_check"), form).status_code == 403


def test_the_file_is_handed_out_as_a_file(desk: Client, service: Client, branch: Branch) -> None:
    application = start(desk, branch)
    upload(desk, address(application, "upload_document"), files.jpeg_with_place(), "me.JPG")
    document = Document.objects.get()
    with nothing_changes():
        assert b"JFIF" not in service.get(address(document, "open_document")).content
    opened = service.post(address(document, "open_document"))
    assert opened["Content-Disposition"] == f'attachment; filename="identity-{document.public_id[-8:]}.jpg"'
    assert opened["Content-Type"] == "image/jpeg"
    assert opened["X-Content-Type-Options"] == "nosniff"
    assert opened["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in opened["Cache-Control"]
    assert b"telephone" not in opened.content
    event = AuditEvent.objects.get(event_type="accounts.document.opened")
    assert (event.actor_name, event.subject_id) == ("Ke Fu", document.public_id)
    assert "Document opened" in words(service.get(address(document)))


@pytest.mark.parametrize(
    ("file", "refusal"),
    [
        (("passport.pdf", files.jpeg()), (422, "document_not_what_it_says")),
        (("passport.pdf", b""), (422, "document_empty")),
        (("passport.pdf", bytes(5 * 1024 * 1024 + 1)), (413, "document_too_large")),
        (("passport.pdf", bytes(9 * 1024 * 1024)), (413, "document_too_large")),
        (("passport.zip", b"PK\x03\x04"), (415, "document_type_refused")),
        (("scan.png", files.png_bomb()), (422, "document_bomb")),
        (("passport.pdf", files.pdf(extra=b"/OpenAction << /S /JavaScript >>")), (422, "document_active")),
    ],
    ids=["other_type", "empty", "too_large", "far_too_large", "zip", "bomb", "script"],
)
def test_a_file_that_is_not_taken(
    desk: Client, branch: Branch, file: tuple[str, bytes], refusal: tuple[int, str]
) -> None:
    application, (name, content) = start(desk, branch), file
    with nothing_changes():
        answer = upload(desk, address(application, "upload_document"), content, name)
    assert (answer.status_code, code(answer)) == refusal


def test_the_same_file_again_and_ones_own_upload(desk: Client, back_office: Client, branch: Branch) -> None:
    application = start(desk, branch)
    upload(back_office, address(application, "upload_document"), files.pdf())
    with nothing_changes():
        assert code(upload(desk, address(application, "upload_document"), files.pdf())) == "document_taken"
    document = Document.objects.get()
    with nothing_changes():
        own = back_office.post(address(document, "verify_document"), {"expires_on": "2035-01-01"})
        assert (own.status_code, code(own)) == (403, "own_document")
        assert desk.post(address(document, "verify_document"), {"expires_on": "2035-01-01"}).status_code == 403
        assert desk.post(address(document, "open_document")).status_code == 403


def test_refusing_a_document_and_rejecting_with_another_try(
    desk: Client, back_office: Client, service: Client, branch: Branch
) -> None:
    application = start(desk, branch)
    upload(desk, address(application, "upload_document"), files.pdf())
    service.post(address(Document.objects.get(), "refuse_document"), {"refusal": "UNREADABLE", "reason": "blurred"})
    with nothing_changes():
        answer = back_office.post(address(application, "reject_application"), {"outcome": "RETRY", "reason": "scan"})
    assert code(answer) == "rejection_reason_required"
    form = {"outcome": "RETRY", "reasons": ["DOCUMENTS_UNREADABLE", "OTHER"], "reason": "scan again"}
    back_office.post(address(application, "reject_application"), form)
    assert "Begin a new round" in words(desk.get(address(application)))
    desk.post(address(application, "resubmit_application"), {"reason": "scanned again"})
    page = words(desk.get(address(application)))
    assert "Round 1: rejected by Ou Yan" in page
    assert "documents unreadable, other" in page
    assert "“scan again”" in page
    desk.post(address(application, "withdraw_application"), {"reason": "moved away"})
    application.refresh_from_db()
    assert application.stage == Stage.WITHDRAWN
    assert "Begin a new round" not in words(desk.get(address(application)))


def test_checks_can_be_run_again(desk: Client, service: Client, branch: Branch) -> None:
    application = start(desk, branch)
    answer = service.post(address(application, "run_checks"))
    assert answer["Location"] == address(application)
    assert "The automatic checks have run." in words(service.get(address(application)))


@pytest.mark.parametrize(
    "wrong", [{"residence": ""}, {"legal_form": "ROBOT"}, {"activity": ""}, {"branch": ""}, {"currency": ""}]
)
def test_a_form_filled_in_wrongly_comes_back(desk: Client, branch: Branch, wrong: dict[str, str]) -> None:
    customer, product = newcomer(), current_account()
    form = {
        "branch": str(branch.pk),
        "legal_form": "NONE",
        "activity": "ORDINARY",
        "residence": "CN",
        "product": product.pk,
        "currency": "CNY",
        "overdraft": "0",
        **wrong,
    }
    with nothing_changes():
        assert desk.post(address(customer, "start_application"), form).status_code == 422


def test_the_customers_page_shows_how_far_they_are(desk: Client, branch: Branch) -> None:
    customer = newcomer()
    assert "No document yet." in words(desk.get(address(customer)))
    application = start(desk, branch, customer)
    page = words(desk.get(address(customer)))
    assert f"{application.reference} registered" in page
    upload(desk, address(customer, "upload_document"), files.pdf())
    assert "Identity document round 1" in words(desk.get(address(customer)))


def test_what_is_stuck_is_found(desk: Client, branch: Branch) -> None:
    old, new = start(desk, branch), start(desk, branch)
    Application.objects.filter(pk=old.pk).update(stage_entered_at=clock.now() - timedelta(days=8))
    desk.get(reverse(LIST))  # the notes of starting them
    shown = words(desk.get(reverse(LIST), {"stuck": "7"}))
    assert old.reference in shown
    assert new.reference not in shown
    page = words(desk.get(reverse(STUCK), {"days": "7"}))
    assert f"{old.reference} " in page
    assert "8 days" in page
    assert new.reference not in page
    assert "Nothing is stuck." in words(desk.get(reverse(STUCK), {"days": "14"}))


def test_another_branchs_applications_are_not_seen(desk: Client, branch: Branch) -> None:
    away = make_branch("777")
    elsewhere = make_customer("Wang Fang", branch=away, state=CustomerState.PROSPECT)
    application, document = applying.start(elsewhere), applying.bring(elsewhere)
    assert application.reference not in words(desk.get(reverse(LIST)))
    assert desk.get(address(application)).status_code in (302, 404)
    assert desk.get(address(document)).status_code in (302, 404)
    assert desk.post(address(application, "withdraw_application"), {"reason": "x"}).status_code == 404


def test_reviews_and_documents_that_are_due(back_office: Client, branch: Branch) -> None:
    customer = newcomer("Zhao Min")
    today = clock.business_date()
    Customer.objects.filter(pk=customer.pk).update(state="ACTIVE", next_review_on=today)
    assert "Zhao Min" in words(back_office.get(reverse(DUE)))
    assert "The periodic review was due on" in words(back_office.get(address(customer)))
    form = {"activity": "ORDINARY", "cash_intensive": "on", "reason": "visited"}
    back_office.post(address(customer, "confirm_review"), form)
    customer.refresh_from_db()
    assert (customer.risk_rating, customer.next_review_on) == ("MEDIUM", today.replace(year=today.year + 2))
    assert "No review is due." in words(back_office.get(reverse(DUE)))
    assert not Account.objects.filter(customer=customer).exists()
