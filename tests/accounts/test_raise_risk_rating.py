"""Rating a customer higher than the facts alone come to: at once, by who may; taken back by two people only."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import errors as account_errors
from accounts import services
from accounts.kyc import errors
from accounts.kyc.rating import Activity
from accounts.models import Customer, CustomerReview, CustomerState, RiskRating
from accounts.services import ReviewAnswers, reviews
from bankops.core import ids, operations
from bankops.core.errors import ReasonRequired
from bankops.core.models import AuditEvent
from bankops.core.operations import ConsentRequired, Order
from tests.accounts.factories import NOW, TANG_LING, TODAY, make_customer
from tests.consent import OpenGate
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db


def raised(customer: Customer, rating: RiskRating = RiskRating.HIGH, **changed: Any) -> CustomerReview:
    told: dict[str, Any] = {"note": "money goes round", "actor": TANG_LING, "now": NOW, "business_date": TODAY}
    with operations.carrying_out("accounts.raise_risk_rating"):
        return services.raise_risk_rating(customer_id=customer.pk, rating=rating, **told | changed)


def test_the_rating_is_raised_with_a_review_that_says_why() -> None:
    customer = make_customer()
    review = raised(customer)
    customer.refresh_from_db()
    assert (customer.risk_rating, customer.version, customer.next_review_on) == ("HIGH", 2, review.next_review_on)
    assert (review.reasons, review.note) == (["risk_raised"], "money goes round")
    told = AuditEvent.objects.get(event_type="accounts.customer.reviewed")
    assert told.changes == {"risk_rating": ["MEDIUM", "HIGH"]}


def test_a_later_review_does_not_lower_it_alone() -> None:
    customer = make_customer()
    raised(customer)
    customer.refresh_from_db()
    ordinary = ReviewAnswers(Activity.ORDINARY, politically_exposed=False, cash_intensive=False)
    assert reviews.would_ease(customer, ordinary)
    with nothing_changes(), pytest.raises(errors.ReviewEases):
        services.confirm_review(
            customer_id=customer.pk, answers=ordinary, note="ok", actor=TANG_LING, now=NOW, business_date=TODAY
        )


@pytest.mark.parametrize("rating", [RiskRating.LOW, RiskRating.MEDIUM])
def test_only_a_higher_one_will_do(rating: RiskRating) -> None:
    customer = make_customer()
    with nothing_changes(), pytest.raises(errors.RatingNotHigher):
        raised(customer, rating)


def test_what_else_is_refused() -> None:
    customer, prospect = make_customer(), make_customer(state=CustomerState.PROSPECT)
    with nothing_changes():
        with pytest.raises(ReasonRequired):
            raised(customer, note=" ")
        with pytest.raises(errors.NotUnderReview):
            raised(prospect)
        with pytest.raises(account_errors.UnknownCustomer):
            raised(Customer(pk=ids.uuid7()))
        with pytest.raises(ConsentRequired):
            services.raise_risk_rating(
                customer_id=customer.pk,
                rating=RiskRating.HIGH,
                note="so",
                actor=TANG_LING,
                now=NOW,
                business_date=TODAY,
            )


def test_the_operation_refuses_what_the_service_would_and_says_what_it_does(open_gate: OpenGate) -> None:
    customer = make_customer()
    payload = {"customer": customer.public_id, "rating": "HIGH"}
    operation = operations.get("accounts.raise_risk_rating")
    assert operation.describe(payload).changes == {"Risk rating": ("medium", "high")}
    assert operation.preconditions(payload) == {"state": "ACTIVE", "rating": "MEDIUM"}
    order = Order(actor=TANG_LING, now=NOW, reason="money goes round")
    assert operations.submit(operation.key, payload, order).done
    with nothing_changes(), pytest.raises(errors.RatingNotHigher):
        operations.submit(operation.key, payload, order)
    with nothing_changes(), pytest.raises(account_errors.UnknownChoice):
        operations.submit(operation.key, {**payload, "rating": "HUGE"}, order)
