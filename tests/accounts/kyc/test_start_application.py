"""Starting an application, and how far it comes by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from accounts import services
from accounts.kyc import checks as seam
from accounts.kyc import reasons
from accounts.kyc.findings import CheckKind, CheckState, Finding
from accounts.kyc.funnel import Stage
from accounts.kyc.rating import Activity, LegalForm
from accounts.kyc.required import DocumentKind
from accounts.models import Application, Check, CheckEvent, CheckSource, CustomerKind, CustomerState
from accounts.services import AccountWish, Answers
from bankops.core.db import in_transaction
from bankops.core.models import AuditEvent, OutboxMessage
from bankops.core.money import Money
from tests.accounts.factories import NOW, TANG_LING, TODAY, cny, current_account, make_customer
from tests.accounts.kyc.applying import ORDINARY, bring, confirm, fresh, newcomer, start, states, verify
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


def test_an_application_begins_with_four_checks_that_ran_at_once() -> None:
    customer = newcomer()
    application = fresh(start(customer))
    assert application.stage == Stage.REGISTERED
    assert application.reference.startswith("KY-")
    assert (application.started_by_name, application.stage_entered_at) == ("Tang Ling", NOW)
    assert states(application) == {
        "identity": CheckState.PENDING,
        "screening": CheckState.PENDING,
        "risk_rating": CheckState.PASSED,
        "documents": CheckState.PENDING,
    }
    screening = Check.objects.get(kind=CheckKind.SCREENING)
    assert screening.reasons == [reasons.NOT_SCREENED]
    assert [reasons.label_of(code) for code in screening.reasons] == ["Not screened: no screening is connected."]
    wish = application.requested_accounts.get()
    assert (wish.product_id, wish.currency, wish.overdraft) == ("CURRENT", "CNY", cny("0"))
    event = AuditEvent.objects.get(event_type="accounts.application.started")
    assert (event.subject_id, event.actor_id) == (application.public_id, TANG_LING.id)
    told = OutboxMessage.objects.get(topic="accounts.application.started")
    assert told.payload["customer"] == customer.public_id
    assert customer.name not in str(told.payload) + str(event.detail)


def test_the_funnel_moves_with_what_is_done_and_remembers_when() -> None:
    application = start()
    later = NOW + timedelta(days=2)
    document = bring(application.customer, now=later)
    assert (fresh(application).stage, fresh(application).stage_entered_at) == (Stage.CHECKS, later)
    assert (document.application, document.round) == (application, 1)
    verify(document)
    confirm(application)
    # Everything but the screening, which nobody carries out yet: it does not pass by itself.
    assert states(application)["screening"] == CheckState.PENDING
    assert fresh(application).stage == Stage.CHECKS


def test_an_organisation_is_asked_for_more_documents() -> None:
    company = make_customer("Lakeside Tea", kind=CustomerKind.ORGANISATION, state=CustomerState.PROSPECT)
    answers = replace(ORDINARY, legal_form=LegalForm.COMPANY)
    application = start(company, answers=answers)
    bring(company, DocumentKind.REGISTRATION)
    assert fresh(application).stage == Stage.DOCUMENTS
    bring(company, DocumentKind.OWNERSHIP)
    bring(company, DocumentKind.IDENTITY)
    assert fresh(application).stage == Stage.CHECKS


def test_a_high_risk_needs_a_person_and_the_source_of_the_money() -> None:
    application = start(answers=replace(ORDINARY, politically_exposed=True))
    assert states(application)["risk_rating"] == CheckState.MANUAL
    bring(application.customer)
    assert fresh(application).stage == Stage.DOCUMENTS
    bring(application.customer, DocumentKind.SOURCE_OF_FUNDS)
    assert fresh(application).stage == Stage.CHECKS


@pytest.fixture
def screening() -> Iterator[None]:
    """Let a test install its own, and take it away again."""
    before = seam.install(CheckKind.SCREENING, None)
    yield
    seam.install(CheckKind.SCREENING, before)


def test_a_screening_that_is_installed_is_asked_outside_any_transaction(screening: None) -> None:
    asked: list[tuple[seam.CheckSubject, bool]] = []

    def screen(subject: seam.CheckSubject) -> Finding:
        asked.append((subject, in_transaction()))
        return Finding(CheckState.PASSED, reference="run 7")

    seam.install(CheckKind.SCREENING, screen)
    application = start()
    assert asked == [(seam.CheckSubject(application.customer_id, application.pk, 1), False)]
    assert states(application)["screening"] == CheckState.PASSED
    assert Check.objects.get(kind=CheckKind.SCREENING).reference == "version 1: run 7"


def test_a_screening_that_falls_silent_is_no_longer_passed(screening: None) -> None:
    seam.install(CheckKind.SCREENING, lambda _subject: Finding(CheckState.PASSED))
    application = start()

    def silent(_subject: seam.CheckSubject) -> Finding:
        raise TimeoutError

    seam.install(CheckKind.SCREENING, silent)
    services.run_checks(application_id=application.pk, now=NOW, business_date=TODAY)
    assert states(application)["screening"] == CheckState.PENDING
    history = CheckEvent.objects.filter(check_row__kind=CheckKind.SCREENING).order_by("id")
    assert [(one.before, one.after, one.reasons) for one in history] == [
        ("PENDING", "PASSED", []),
        ("PASSED", "PENDING", [reasons.CHECKER_TIMED_OUT]),
    ]
    assert {one.source for one in history} == {CheckSource.AUTOMATIC}


def test_running_checks_twice_writes_nothing_the_second_time() -> None:
    application = start()
    before = CheckEvent.objects.count(), AuditEvent.objects.count()
    services.run_checks(application_id=application.pk, now=NOW, business_date=TODAY)
    assert (CheckEvent.objects.count(), AuditEvent.objects.count()) == before


def test_one_application_at_a_time() -> None:
    customer = newcomer()
    start(customer)
    with refused("application_open"):
        start(customer)


@pytest.mark.parametrize(
    ("state", "code"),
    [(CustomerState.ACTIVE, "customer_already_approved"), (CustomerState.REJECTED, "applicant_rejected")],
)
def test_who_is_a_customer_or_was_rejected_does_not_apply(state: CustomerState, code: str) -> None:
    customer = make_customer(state=state)
    current_account()
    with refused(code):
        start(customer)


def test_answers_have_to_fit_the_applicant() -> None:
    customer = newcomer()
    current_account()
    with refused("answers_do_not_fit"):
        start(customer, answers=Answers(LegalForm.COMPANY, Activity.ORDINARY, "CN"))
    with refused("unknown_country"):
        start(customer, answers=replace(ORDINARY, residence="ZZ"))


def test_accounts_are_wanted_on_possible_terms() -> None:
    customer, product = newcomer(), current_account()

    def wanting(wish: AccountWish) -> Application:
        return services.start_application(
            customer_id=customer.pk,
            branch=customer.branch,
            answers=ORDINARY,
            accounts=[wish],
            actor=TANG_LING,
            now=NOW,
            business_date=TODAY,
        )

    with refused("overdraft_negative"):
        wanting(AccountWish(product, "CNY", cny("-1")))
    with refused("mixed_currencies"):
        wanting(AccountWish(product, "CNY", Money(1, "USD")))
    with refused("unknown_currency"):
        wanting(AccountWish(product, "XQZ"))
    assert fresh(wanting(AccountWish(product, "USD", Money(10000, "USD")))).requested_accounts.get().currency == "USD"


def test_nobody_starts_for_nobody() -> None:
    customer = newcomer()
    customer.pk = uuid4()
    current_account()
    with refused("unknown_customer"):
        start(customer)


def test_a_closed_branch_takes_no_newcomers() -> None:
    customer = newcomer()
    current_account()
    customer.branch.is_open = False
    with refused("branch_closed"):
        start(customer)
