"""A customer from registration to the open account: documents, four checks, and two people who agree."""

from __future__ import annotations

import io
import time

from django.urls import reverse
from django.utils.translation import gettext as _
from PIL import Image

from accounts.kyc.findings import CheckKind, CheckState
from accounts.models import Account, Application, Customer, CustomerState, Document
from bankops.core.story import Step
from bankops.core.visitor import UnexpectedPage
from bankops.story.deciding import latest, two_reviews, where
from bankops.story.told import OPERATOR, RISK_ANALYST, TELLER, Story


def _apply(told: Story) -> str:
    teller = told.person(TELLER)
    passport = f"E{time.time_ns() // 1000 % 10**8:08d}"
    register = {"kind": "PERSON", "name": "Chen Jing", "identifier_type": "PASSPORT", "identifier": passport}
    register["birth_date"] = "1988-11-23"
    teller.post_form(reverse("admin:accounts_customer_register_customer"), register)
    told.customer = Customer.objects.get(identifiers__value_index__matches=passport)
    page = teller.get(reverse("admin:accounts_customer_change", args=[told.customer.pk]))
    if passport in page.html:
        raise UnexpectedPage("the page shows the whole passport number")
    door = reverse("admin:accounts_customer_start_application", args=[told.customer.pk])
    teller.post_form(door, {"product": "CURRENT", "currency": "CNY", "residence": "CN"})
    told.application = Application.objects.get(customer=told.customer)
    return f"{told.customer.number}: {told.application.reference}"


def _not_yet(told: Story) -> str:
    """Go straight to the door, which the page does not offer yet."""
    assert told.customer is not None
    door = reverse("admin:accounts_customer_open_account", args=[told.customer.pk])
    form = {"product": "CURRENT", "currency": "CNY"}
    told.person(TELLER).post_form(door, form, expect=409, refused=True).must_show("customer_not_approved")
    return _("an account is opened for approved customers only")


def _bring_documents(told: Story) -> str:
    assert told.application is not None
    teller = told.person(TELLER)
    door = reverse("admin:accounts_application_upload_document", args=[told.application.pk])
    page = {"file": ("passport.png", b"<html><script>alert(1)</script></html>")}
    teller.post_form(door, {"kind": "IDENTITY"}, files=page, expect=415, refused=True)
    teller.post_form(door, {"kind": "IDENTITY"}, files={"file": ("passport.png", _scan())})
    document = Document.objects.get(customer=told.customer)
    return _("a page called passport.png is refused; the scan is kept, encrypted: %(hash)s…") % {
        "hash": document.sha256[:12]
    }


def _somebody_else_looks(told: Story) -> str:
    assert told.application is not None
    operator, document = told.person(OPERATOR), Document.objects.get(customer=told.customer)
    verify = reverse("admin:accounts_document_verify_document", args=[document.pk])
    operator.post_form(verify, {"expires_on": "2033-05-31"})
    confirm = reverse("admin:accounts_application_confirm_identity", args=[told.application.pk])
    operator.post_form(confirm, {"same": "yes", "reason": "Compared at the desk"})
    told.person(TELLER).get(confirm, expect=403)
    return _("a teller may not")


def _screened(told: Story) -> str:
    """Screening answers from the demo's list. Without any list nobody is screened, and two people have to take that on them."""
    assert told.application is not None
    if told.application.checks.get(kind=CheckKind.SCREENING).state == CheckState.PASSED:
        return _("passed: on no list")
    door = reverse("admin:accounts_application_override_check", args=[told.application.pk])
    form = {"check": "SCREENING", "reason": "Screened by hand against the lists of today"}
    page = told.person(RISK_ANALYST).post_form(door, form)
    page.must_show("Waits for approval")
    told.requests["override"] = latest("accounts.override_check")
    return two_reviews(told, "override")


def _approved(told: Story) -> str:
    assert told.application is not None
    assert told.customer is not None
    door = reverse("admin:accounts_application_approve_application", args=[told.application.pk])
    told.person(OPERATOR).post_form(door, {"reason": "Complete"}).must_show("Waits for approval")
    told.requests["application"] = latest("accounts.approve_application")
    said = two_reviews(told, "application")
    told.customer.refresh_from_db()
    told.payer = Account.objects.get(customer=told.customer)
    if told.customer.state != CustomerState.ACTIVE:
        raise UnexpectedPage(f"{told.customer.number} is {told.customer.state}")
    return f"{said}; {told.payer.number}"


def _a_second_account(told: Story) -> str:
    assert told.customer is not None
    door = reverse("admin:accounts_customer_open_account", args=[told.customer.pk])
    page = told.person(TELLER).post_form(door, {"product": "SAVINGS", "currency": "CNY"})
    page.must_show("Waits for approval")
    told.requests["second"] = latest("accounts.open_account")
    waits = where(told, "second")
    two_reviews(told, "second")
    told.payee = Account.objects.get(customer=told.customer, product_id="SAVINGS")
    return f"{waits}; {told.payee.number}"


def _scan() -> bytes:
    """Return a small picture, another one each time: a document is kept once for a customer."""
    shade = time.time_ns() % 255
    content = io.BytesIO()
    Image.new("RGB", (420, 300), (shade, 160, 200)).save(content, "PNG")
    return content.getvalue()


STEPS: tuple[Step[Story], ...] = (
    Step("A customer is registered and applies for an account", _apply),
    Step("Before they are approved, nothing is opened", _not_yet),
    Step("They bring a document, which has to be what its name says", _bring_documents),
    Step("Somebody else verifies it and compares the identity", _somebody_else_looks),
    Step("“Not screened” is not “passed”: screening has answered, or two people put it aside", _screened),
    Step("First and final review of the application: customer, and account open", _approved),
    Step("A second account waits for two reviewers too", _a_second_account),
)
