"""Customers after their approval: their state, and the periodic review with a new risk rating."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import events
from accounts.errors import UnknownCustomer
from accounts.home_country import home_country
from accounts.kyc import errors, rating
from accounts.kyc.rating import RAISED, RiskRating, rate
from accounts.locks import customer_for_update
from accounts.models import AccountStatus, Application, Customer, CustomerKind, CustomerReview, CustomerState
from accounts.services import funnel
from bankops.core import audit
from bankops.core.actor import Actor
from bankops.core.anniversaries import LeapDay, years_later
from bankops.core.db import transaction_required
from bankops.core.operations import only_through_gate
from bankops.core.texts import require_reason


@dataclass(frozen=True, slots=True)
class ReviewAnswers:
    """What is asked again at every review."""

    activity: rating.Activity
    politically_exposed: bool
    cash_intensive: bool


@transaction.atomic
def confirm_review(
    *, customer_id: UUID, answers: ReviewAnswers, note: str, actor: Actor, now: datetime, business_date: date
) -> CustomerReview:
    """Rate an approved customer anew, not lower, and return the review. Writes `accounts.customer.reviewed`.

    What is not asked again is taken from the application the customer came with, and from the accounts they have now.

    :raises ReasonRequired: when `note` is blank.
    :raises UnknownCustomer, NotUnderReview: when it is not an approved customer.
    :raises ReviewEases: when the rating would be lower, or a risk weigh less, than before: that is `lower_risk_rating`.
    """
    note = require_reason(note)
    customer = _locked(customer_id)
    if would_ease(customer, answers):
        raise errors.ReviewEases(customer=customer.number)
    return _review(
        customer, facts_with(customer, answers), note=note, actor=actor, now=now, business_date=business_date
    )


@only_through_gate("accounts.lower_risk_rating")
@transaction.atomic
def lower_risk_rating(
    *, customer_id: UUID, answers: ReviewAnswers, note: str, actor: Actor, now: datetime, business_date: date
) -> CustomerReview:
    """Rate an approved customer anew, also lower, and return the review. Writes `accounts.customer.reviewed`.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `note` is blank.
    :raises UnknownCustomer, NotUnderReview: when it is not an approved customer.
    """
    note = require_reason(note)
    customer = _locked(customer_id)
    return _review(
        customer, facts_with(customer, answers), note=note, actor=actor, now=now, business_date=business_date
    )


@only_through_gate("accounts.raise_risk_rating")
@transaction.atomic
def raise_risk_rating(
    *,
    customer_id: UUID,
    rating: RiskRating,
    note: str,
    actor: Actor,
    now: datetime,
    business_date: date,
) -> CustomerReview:
    """Rate an approved customer higher than the facts alone do, and return the review. Writes `accounts.customer.reviewed`.

    The answers of the last review stand; `lower_risk_rating` takes it back, by two people.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `note` is blank.
    :raises UnknownCustomer, NotUnderReview: when it is not an approved customer.
    :raises RatingNotHigher: when it is rated so, or higher, already.
    """
    note = require_reason(note)
    customer = _locked(customer_id)
    refuse_raising(customer, rating)
    facts = facts_now(customer)
    rated = rate(facts, funnel.country_lists())
    raised = replace(rated, rating=rating, reasons=(*rated.reasons, RAISED))
    return _write(customer, facts, raised, note=note, actor=actor, now=now, business_date=business_date)


def refuse_raising(customer: Customer, rating: RiskRating) -> None:
    """:raises NotUnderReview, RatingNotHigher: when a customer cannot be rated so by `raise_risk_rating`."""
    refuse_review(customer)
    ratings = list(RiskRating)
    if ratings.index(rating) <= ratings.index(RiskRating(customer.risk_rating)):
        raise errors.RatingNotHigher(customer=customer.number, rating=RiskRating(customer.risk_rating).label)


def would_ease(customer: Customer, answers: ReviewAnswers) -> bool:
    """Tell whether a review with these answers would rate lower than now, or let a risk weigh less than it did."""
    lists = funnel.country_lists()
    after = facts_with(customer, answers)
    ratings, now = list(rating.RiskRating), rating.RiskRating(customer.risk_rating)
    unrated = (
        customer.kyc_reviewed_on is None and now == rating.RiskRating.MEDIUM
    )  # as everybody is before the first review
    lower = not unrated and ratings.index(rating.rate(after, lists).rating) < ratings.index(now)
    return lower or rating.eases(facts_now(customer), after, lists)


def facts_with(customer: Customer, answers: ReviewAnswers) -> rating.RiskFacts:
    """Return what the rating is made of after these answers."""
    return replace(facts_now(customer), **asdict(answers))


def refuse_review(customer: Customer) -> None:
    """:raises NotUnderReview: unless it is an approved customer."""
    if customer.state != CustomerState.ACTIVE:
        raise errors.NotUnderReview(customer=customer.number)


@transaction_required
def first_review(application: Application, *, actor: Actor, now: datetime, business_date: date) -> CustomerReview:
    """Make the applicant a customer, rated as the application is. The customer is locked already."""
    customer = application.customer
    set_state(customer, CustomerState.ACTIVE, actor=actor, now=now)
    facts = funnel.risk_facts(application)
    return _review(customer, facts, application=application, actor=actor, now=now, business_date=business_date)


@transaction_required
def set_state(customer: Customer, state: CustomerState, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """Bring a customer, who is locked, into another state. Writes `accounts.customer.state_changed`."""
    before = CustomerState(customer.state)
    customer.state = state
    customer.save(update_fields=["state"])
    audit.record(
        events.CUSTOMER_STATE_CHANGED,
        actor=actor,
        subject=funnel.customer_subject(customer),
        now=now,
        reason=reason,
        changes={"state": (str(before), str(state))},
    )


def facts_now(customer: Customer) -> rating.RiskFacts:
    """Return what a rating of an approved customer is made of, before anything is asked again."""
    application = customer.applications.order_by("-id").first()
    owned = customer.accounts.exclude(status=AccountStatus.CLOSED)
    taxed = customer.tax_residences.standing().values_list("country", flat=True)
    is_person = customer.kind == CustomerKind.PERSON
    known = funnel.risk_facts(application) if application else _unknown(is_person)
    return replace(
        known,
        **_answered_last(customer),
        countries=known.countries | frozenset(taxed),
        foreign_currency=owned.exclude(currency=settings.BANKOPS_BASE_CURRENCY).exists(),
        overdraft=owned.filter(overdraft_limit__gt=0).exists(),
    )


@transaction_required
def _locked(customer_id: UUID) -> Customer:
    customer_for_update(customer_id)
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise UnknownCustomer
    refuse_review(customer)
    return customer


def _answered_last(customer: Customer) -> dict[str, Any]:
    """Return what the last review was told, which a later one is measured by."""
    last = customer.reviews.order_by("-id").values_list("answers", flat=True).first()
    if last is None:
        return {}
    return {
        "activity": rating.Activity(last["activity"]),
        "politically_exposed": last["politically_exposed"],
        "cash_intensive": last["cash_intensive"],
    }


def _unknown(is_person: bool) -> rating.RiskFacts:
    """Return the facts of somebody the bank took over without an application."""
    form = rating.LegalForm.NONE if is_person else rating.LegalForm.COMPANY
    home = home_country()
    return rating.RiskFacts(form, rating.Activity.ORDINARY, frozenset({home}), home)


@transaction_required
def _review(
    customer: Customer,
    facts: rating.RiskFacts,
    *,
    application: Application | None = None,
    note: str = "",
    actor: Actor,
    now: datetime,
    business_date: date,
) -> CustomerReview:
    rated = rating.rate(facts, funnel.country_lists())
    return _write(
        customer,
        facts,
        rated,
        application=application,
        note=note,
        actor=actor,
        now=now,
        business_date=business_date,
    )


@transaction_required
def _write(
    customer: Customer,
    facts: rating.RiskFacts,
    rated: rating.Rated,
    *,
    application: Application | None = None,
    note: str,
    actor: Actor,
    now: datetime,
    business_date: date,
) -> CustomerReview:
    review = CustomerReview(
        customer=customer,
        application=application,
        reviewed_on=business_date,
        rating=rated.rating,
        points=rated.points,
        reasons=list(rated.reasons),
        answers=_as_json(facts),
        next_review_on=years_later(
            business_date, settings.BANKOPS_KYC_REVIEW_YEARS[rated.rating], leap_day=LeapDay.EARLIER
        ),
        note=note,
        actor_id=actor.id,
        actor_name=actor.name,
        recorded_at=now,
    )
    review.save(force_insert=True)
    _rate(customer, review, actor, now)
    return review


@transaction_required
def _rate(customer: Customer, review: CustomerReview, actor: Actor, now: datetime) -> None:
    before = customer.risk_rating
    customer.risk_rating = review.rating
    customer.kyc_reviewed_on, customer.next_review_on = review.reviewed_on, review.next_review_on
    customer.version += 1  # whoever is changing the customer's data has seen another rating
    customer.save(update_fields=["risk_rating", "kyc_reviewed_on", "next_review_on", "version"])
    audit.record(
        events.CUSTOMER_REVIEWED,
        actor=actor,
        subject=funnel.customer_subject(customer),
        now=now,
        reason=review.note,
        changes={"risk_rating": (str(before), str(review.rating))},
        detail={"reasons": review.reasons, "next_review_on": review.next_review_on.isoformat()},
    )


def _as_json(facts: rating.RiskFacts) -> dict[str, Any]:
    return {
        "legal_form": str(facts.legal_form),
        "activity": str(facts.activity),
        "countries": sorted(facts.countries),
        "politically_exposed": facts.politically_exposed,
        "cash_intensive": facts.cash_intensive,
        "foreign_currency": facts.foreign_currency,
        "overdraft": facts.overdraft,
    }
