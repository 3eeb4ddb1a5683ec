"""Periodic reviews, and identity documents that run out: announced, restricted after grace, given back when renewed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from accounts import services
from accounts.end_of_day import watch_customers
from accounts.kyc.rating import Activity
from accounts.kyc.required import DocumentKind
from accounts.models import (
    Account,
    AccountRestriction,
    AccountStatus,
    Customer,
    CustomerReview,
    CustomerState,
    Document,
    Restriction,
    RestrictionReason,
)
from accounts.services import ReviewAnswers, restricting
from bankops.core import operations
from bankops.core.models import AuditEvent, OutboxMessage
from tests.accounts.factories import NOW, OU_YAN, TANG_LING, TODAY, make_account, make_customer
from tests.accounts.kyc.applying import bring, newcomer, start, verify
from tests.consent import OpenGate
from tests.unchanged import nothing_changes, refused

pytestmark = pytest.mark.django_db
ENDS = TODAY + timedelta(days=20)


def review(customer: Customer, **more: object) -> CustomerReview:
    answers = ReviewAnswers(Activity.ORDINARY, politically_exposed=False, cash_intensive=False)
    given: dict[str, object] = {"answers": answers, "note": "visited", "now": NOW, "business_date": TODAY, **more}
    return services.confirm_review(customer_id=customer.pk, actor=OU_YAN, **given)  # type: ignore[arg-type]


def evening(day: date) -> dict[str, int]:
    return watch_customers(day, NOW + timedelta(days=(day - TODAY).days))


def test_a_review_rates_anew_and_sets_the_next() -> None:
    customer = make_customer()
    done = review(customer)
    customer.refresh_from_db()
    assert (customer.risk_rating, customer.kyc_reviewed_on, customer.next_review_on) == (
        "LOW",
        TODAY,
        date(2029, 3, 2),
    )
    assert (done.points, done.reasons, done.note, done.application) == (0, [], "visited", None)
    assert done.answers["countries"] == ["CN"]
    exposed = ReviewAnswers(Activity.ORDINARY, politically_exposed=True, cash_intensive=False)
    review(customer, answers=exposed)
    customer.refresh_from_db()
    assert (customer.risk_rating, customer.next_review_on) == ("HIGH", date(2027, 3, 2))
    assert CustomerReview.objects.filter(customer=customer).count() == 2
    event = AuditEvent.objects.filter(event_type="accounts.customer.reviewed").latest("id")
    assert (event.reason, event.changes) == ("visited", {"risk_rating": ["LOW", "HIGH"]})


def test_a_review_looks_at_the_accounts_of_today() -> None:
    customer = make_customer()
    make_account(customer=customer, currency="USD", overdraft="100.00")
    assert review(customer).reasons == ["risk_foreign_currency", "risk_overdraft"]


@override_settings(BANKOPS_KYC_REVIEW_YEARS={"LOW": 5, "MEDIUM": 2, "HIGH": 1})
def test_the_bank_sets_how_often() -> None:
    assert review(make_customer()).next_review_on == date(2031, 3, 2)


def test_only_approved_customers_are_reviewed() -> None:
    customer = newcomer()
    with refused("not_under_review"):
        review(customer)
    approved = make_customer()
    with refused("reason_required"):
        review(approved, note=" ")


def with_passport(until: date = ENDS) -> tuple[Customer, Account, Document]:
    """Return a customer with an account and a verified passport that ends soon."""
    customer = make_customer()
    account = make_account("100.00", customer=customer)
    document = verify(bring(customer), expires_on=until)
    return customer, account, document


def test_the_end_of_a_document_is_announced_once() -> None:
    customer, _account, document = with_passport()
    with nothing_changes():
        assert evening(ENDS - timedelta(days=31))["announced_documents"] == 0
    assert evening(ENDS - timedelta(days=30))["announced_documents"] == 1
    assert evening(ENDS - timedelta(days=29))["announced_documents"] == 0
    told = OutboxMessage.objects.get(topic="accounts.document.expiring")
    assert told.payload == {
        "document": document.public_id,
        "customer": customer.public_id,
        "kind": "IDENTITY",
        "expires_on": ENDS.isoformat(),
    }
    assert AuditEvent.objects.get(event_type="accounts.document.expiring").subject_id == customer.public_id


def test_after_the_days_of_grace_nothing_is_paid_out_any_more() -> None:
    _customer, account, _document = with_passport()
    evening(TODAY)
    assert evening(ENDS + timedelta(days=30))["blocked_accounts"] == 0
    assert evening(ENDS + timedelta(days=31))["blocked_accounts"] == 1
    with nothing_changes():
        assert evening(ENDS + timedelta(days=32))["blocked_accounts"] == 0
    account.refresh_from_db()
    assert account.restriction == Restriction.BLOCK_DEBIT
    placed = AccountRestriction.objects.get()
    assert (placed.reason_code, placed.placed_by_name) == (RestrictionReason.DOCUMENT_EXPIRED, "kyc_watch")
    frozen = AuditEvent.objects.get(event_type="accounts.account.frozen")
    assert (frozen.actor_kind, frozen.reason) == (
        "system",
        "The identity document has expired, and no valid one was brought.",
    )


def test_nobody_is_restricted_without_having_been_told() -> None:
    _customer, account, _document = with_passport(until=TODAY)
    long_after = TODAY + timedelta(days=100)
    first = evening(long_after)  # the first evening for months: told now, restricted after as many days of grace
    assert (first["announced_documents"], first["blocked_accounts"]) == (1, 0)
    assert evening(long_after + timedelta(days=29))["blocked_accounts"] == 0
    assert evening(long_after + timedelta(days=30))["blocked_accounts"] == 1
    account.refresh_from_db()
    assert account.restriction == Restriction.BLOCK_DEBIT


def test_a_valid_document_gives_the_account_back_at_once() -> None:
    customer, account, _document = with_passport()
    evening(TODAY)
    later = ENDS + timedelta(days=31)
    evening(later)
    renewed = bring(customer, now=at(later), business_date=later)
    account.refresh_from_db()
    assert account.restriction == Restriction.BLOCK_DEBIT  # uploaded is not verified
    verify(renewed, expires_on=later + timedelta(days=3650), now=at(later), business_date=later)
    account.refresh_from_db()
    assert account.restriction == Restriction.NONE
    lifted = AccountRestriction.objects.get()
    assert (lifted.ending, lifted.ended_by_name) == ("LIFTED", "kyc_watch")
    with nothing_changes():
        assert evening(later + timedelta(days=1)) == dict.fromkeys(evening(later), 0)


def at(day: date) -> datetime:
    return NOW + timedelta(days=(day - TODAY).days)


def test_another_restriction_stays_when_the_document_is_renewed() -> None:
    customer, account, _document = with_passport()
    evening(TODAY)
    later = ENDS + timedelta(days=31)
    evening(later)
    restricting.restrict(
        account_id=account.pk,
        restriction=Restriction.BLOCK_CREDIT,
        reason_code=RestrictionReason.SUSPECTED_FRAUD,
        reason="odd payments",
        actor=OU_YAN,
        now=at(later),
    )
    verify(bring(customer), expires_on=None, permanent=True, now=at(later), business_date=later)
    account.refresh_from_db()
    assert account.restriction == Restriction.BLOCK_CREDIT


def test_a_renewal_in_time_prevents_notice_and_restriction() -> None:
    customer, account, _document = with_passport()
    verify(bring(customer), expires_on=date(2040, 1, 1))
    for day in (ENDS, ENDS + timedelta(days=31), ENDS + timedelta(days=90)):
        with nothing_changes():
            evening(day)
    account.refresh_from_db()
    assert account.restriction == Restriction.NONE


def test_what_reviewers_lifted_stays_lifted_until_another_document_runs_out() -> None:
    customer, account, _document = with_passport()
    evening(TODAY)
    later = ENDS + timedelta(days=31)
    evening(later)
    restricting.lift(
        restriction_id=AccountRestriction.objects.get().pk, reason="in hospital", actor=OU_YAN, now=at(later)
    )
    with nothing_changes():
        evening(later + timedelta(days=1))
    second = later + timedelta(days=10)
    verify(bring(customer), expires_on=second, now=at(later), business_date=later)
    evening(later + timedelta(days=2))
    assert evening(second + timedelta(days=31))["blocked_accounts"] == 1
    account.refresh_from_db()
    assert account.restriction == Restriction.BLOCK_DEBIT


def test_other_documents_and_other_people_do_not_matter() -> None:
    customer, _account, _document = with_passport(until=date(2040, 1, 1))
    verify(bring(customer, DocumentKind.ADDRESS), expires_on=TODAY)
    applicant = start().customer
    verify(bring(applicant), expires_on=TODAY)
    with nothing_changes():
        assert evening(TODAY + timedelta(days=40))["announced_documents"] == 0


def test_closed_accounts_are_left_alone() -> None:
    customer = make_customer()
    make_account(customer=customer, status=AccountStatus.CLOSED)
    verify(bring(customer), expires_on=ENDS)
    evening(TODAY)
    assert evening(ENDS + timedelta(days=31))["blocked_accounts"] == 0


def test_the_evening_also_ends_applications_that_nobody_moved() -> None:
    start()
    assert evening(TODAY + timedelta(days=89))["expired_applications"] == 0
    assert evening(TODAY + timedelta(days=90))["expired_applications"] == 1


def test_a_customer_is_recognised_without_an_application_in_the_demo_only() -> None:
    customer = newcomer()
    with override_settings(BANKOPS_DEMO=False), refused("not_in_demo"):
        services.recognise_customer(customer_id=customer.pk, reason="was here before", actor=TANG_LING, now=NOW)
    services.recognise_customer(customer_id=customer.pk, reason="was here before", actor=TANG_LING, now=NOW)
    customer.refresh_from_db()
    assert customer.state == CustomerState.ACTIVE
    event = AuditEvent.objects.get(event_type="accounts.customer.state_changed")
    assert (event.reason, event.changes) == ("was here before", {"state": ["PROSPECT", "ACTIVE"]})


EXPOSED = ReviewAnswers(Activity.GAMBLING, politically_exposed=True, cash_intensive=True)


@pytest.mark.parametrize(
    "answers",
    [
        ReviewAnswers(Activity.ORDINARY, politically_exposed=False, cash_intensive=False),
        ReviewAnswers(Activity.GAMBLING, politically_exposed=False, cash_intensive=True),  # still high
        ReviewAnswers(Activity.GAMBLING, politically_exposed=True, cash_intensive=False),
        ReviewAnswers(Activity.TRADE, politically_exposed=True, cash_intensive=True),
    ],
)
def test_nobody_lets_a_risk_count_less_alone(answers: ReviewAnswers, open_gate: OpenGate) -> None:
    customer = make_customer()
    review(customer, answers=EXPOSED)
    with refused("review_eases"):
        review(customer, answers=answers)
    order = operations.Order(actor=OU_YAN, now=NOW, reason="left the office")
    outcome = operations.submit(
        "accounts.lower_risk_rating", {"customer": customer.public_id, **asdict(answers)}, order
    )
    assert (outcome.result.note, outcome.result.answers["activity"]) == ("left the office", str(answers.activity))
    review(customer, answers=answers)  # from here on it is no step down


def test_a_lower_rating_takes_two_people_whatever_policies_say() -> None:
    lower = operations.get("accounts.lower_risk_rating")
    assert (lower.always_two, lower.permission) == (True, "accounts.confirm_review")
    with pytest.raises(operations.ConsentRequired):
        services.lower_risk_rating(
            customer_id=make_customer().pk, answers=EXPOSED, note="x", actor=OU_YAN, now=NOW, business_date=TODAY
        )


def test_a_rating_set_by_hand_is_not_lowered_alone_either() -> None:
    customer = make_customer()
    Customer.objects.filter(pk=customer.pk).update(risk_rating="HIGH", version=2)
    with refused("review_eases"):
        review(customer)


def test_reviewers_read_what_counts_less(open_gate: OpenGate) -> None:
    customer = make_customer()
    review(customer, answers=EXPOSED)
    lower = operations.get("accounts.lower_risk_rating")
    payload = lower.clean({"customer": customer.public_id, "activity": "GAMBLING", "cash_intensive": True})
    said = lower.describe(payload)
    assert said.changes["Risk rating"] == ("high", "high")
    assert said.changes["Politically exposed person"] == ("yes", "no")
    before = lower.preconditions(payload)
    make_account(customer=customer, currency="USD")
    assert lower.preconditions(payload) != before


def test_a_block_that_staff_placed_stands_in_for_nothing() -> None:
    customer, account, document = with_passport()
    evening(TODAY)
    later = ENDS + timedelta(days=31)
    restricting.restrict(
        account_id=account.pk,
        restriction=Restriction.BLOCK_CREDIT,
        reason_code=RestrictionReason.DOCUMENT_EXPIRED,
        reason="a decoy",
        actor=OU_YAN,
        now=at(later),
        idempotency_key=f"kyc:{document.public_id}",
    )
    assert evening(later)["blocked_accounts"] == 1
    account.refresh_from_db()
    assert account.restriction == Restriction.BLOCK_ALL
    assert customer.accounts.count() == 1


def test_one_account_that_cannot_be_blocked_does_not_save_the_others(caplog: pytest.LogCaptureFixture) -> None:
    _first, stuck, _document = with_passport()
    _second, other, _document = with_passport()
    evening(TODAY)
    later = ENDS + timedelta(days=31)
    restricting.restrict(
        account_id=stuck.pk,
        restriction=Restriction.BLOCK_DEBIT,
        reason_code=RestrictionReason.DOCUMENT_EXPIRED,
        reason="placed before there was a watch",
        actor=OU_YAN,
        now=at(later),
    )
    assert evening(later)["blocked_accounts"] == 1
    other.refresh_from_db()
    assert other.restriction == Restriction.BLOCK_DEBIT
    assert "rows failed" in caplog.text


def test_the_evening_gives_back_what_a_verification_left_blocked() -> None:
    customer, account, _document = with_passport()
    evening(TODAY)
    later = ENDS + timedelta(days=31)
    evening(later)
    Document.objects.filter(pk=bring(customer).pk).update(  # verified without the service
        state="VERIFIED",
        expires_on=later + timedelta(days=90),
        decided_at=at(later),
        decided_by_id=OU_YAN.id,
        decided_by_name=OU_YAN.name,
    )
    assert evening(later + timedelta(days=1))["given_back"] == 1
    account.refresh_from_db()
    assert account.restriction == Restriction.NONE
    assert customer.accounts.get() == account


def test_whoever_verifies_a_document_locks_the_customer_first() -> None:
    customer = make_customer()
    document = bring(customer)
    with CaptureQueriesContext(connection) as asked:
        verify(document)
    locks = [one["sql"] for one in asked if "FOR NO KEY UPDATE" in one["sql"]]
    order = [
        next(n for n, sql in enumerate(locks) if f'FROM "{table}"' in sql)
        for table in ("accounts_customer", "accounts_document")
    ]
    assert order == sorted(order)
