"""Ratings against what the facts alone come to. Lower, or a risk counting less: two people agree, for fewer questions are asked
afterwards. Higher: that must not wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import errors
from accounts import services as account_services
from accounts.kyc.rating import Activity, RiskRating, rate
from accounts.locks import customer_for_update
from accounts.models import Customer, CustomerReview
from accounts.operations.payloads import Payload, choice
from accounts.services import ReviewAnswers, funnel, reviews
from bankops.core import clock, ids
from bankops.core.audit import Subject
from bankops.core.operations import Description, Facts, Operation, Order, Review
from bankops.core.texts import require_reason


class LowerRiskRating(Operation):
    """Payload: `{"customer": "cus_…", "activity": "ORDINARY", "politically_exposed": false, "cash_intensive": false}`."""

    key = "accounts.lower_risk_rating"
    label = _("Confirm review with a lower risk")
    permission = "accounts.confirm_review"
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, UnknownCustomer, UnknownChoice: naming the fault."""
        return {
            "customer": _customer(payload).public_id,
            "activity": str(choice(payload, "activity", Activity).value),
            "politically_exposed": payload.get("politically_exposed") is True,
            "cash_intensive": payload.get("cash_intensive") is True,
        }

    def facts(self, payload: Payload) -> Facts:
        customer = _customer(payload)
        return Facts(branch=customer.branch.code, risk_band=customer.risk_rating.lower())

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return [funnel.customer_subject(_customer(payload))]

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        """Return what the rating is made from; an account opened meanwhile weighs too."""
        customer = _customer(payload)
        rated = rate(reviews.facts_with(customer, _answers(payload)), funnel.country_lists())
        return {
            "state": str(customer.state),
            "version": customer.version,
            "rating": [rated.rating, list(rated.reasons)],
        }

    def describe(self, payload: Payload) -> Description:
        customer, answers = _customer(payload), _answers(payload)
        before, after = reviews.facts_now(customer), reviews.facts_with(customer, answers)
        rated = rate(after, funnel.country_lists())
        text = gettext("The review of customer %(customer)s lets a risk count less than before.")
        return Description(
            summary=text % {"customer": customer.number},
            changes={
                gettext("Risk rating"): (str(RiskRating(customer.risk_rating).label), str(rated.rating.label)),
                gettext("Line of business"): (
                    str(capfirst(before.activity.label)),
                    str(capfirst(after.activity.label)),
                ),
                gettext("Politically exposed person"): _yes_or_no(
                    before.politically_exposed, after.politically_exposed
                ),
                gettext("Business of much cash"): _yes_or_no(before.cash_intensive, after.cash_intensive),
            },
        )

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, NotUnderReview: as the service would."""
        require_reason(order.reason)
        reviews.refuse_review(_customer(payload))

    def lock(self, payload: Payload) -> None:
        customer_for_update(_customer(payload).pk)

    def execute(self, payload: Payload, order: Order) -> CustomerReview:
        return account_services.lower_risk_rating(
            customer_id=_customer(payload).pk,
            answers=_answers(payload),
            note=order.reason,
            actor=order.actor,
            now=order.now,
            business_date=clock.business_date(order.now),
        )

    def subject_of(self, result: Any) -> Subject:
        return funnel.customer_subject(result.customer)


class RaiseRiskRating(Operation):
    """Payload: `{"customer": "cus_…", "rating": "HIGH"}`; the order says why."""

    key = "accounts.raise_risk_rating"
    label = _("Raise risk rating")
    usual_review = Review.FROM_PARTNERS

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, UnknownCustomer, UnknownChoice: naming the fault."""
        rating = choice(payload, "rating", RiskRating)
        return {"customer": _customer(payload).public_id, "rating": str(rating.value)}

    def facts(self, payload: Payload) -> Facts:
        customer = _customer(payload)
        return Facts(branch=customer.branch.code, risk_band=customer.risk_rating.lower())

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return [funnel.customer_subject(_customer(payload))]

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        customer = _customer(payload)
        return {"state": str(customer.state), "rating": str(customer.risk_rating)}

    def describe(self, payload: Payload) -> Description:
        customer, rating = _customer(payload), RiskRating(payload["rating"])
        text = gettext("Rate customer %(customer)s higher than the facts alone come to.")
        before = str(RiskRating(customer.risk_rating).label)
        return Description(
            summary=text % {"customer": customer.number},
            changes={gettext("Risk rating"): (before, str(rating.label))},
        )

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, NotUnderReview, RatingNotHigher: as the service would."""
        require_reason(order.reason)
        reviews.refuse_raising(_customer(payload), RiskRating(payload["rating"]))

    def lock(self, payload: Payload) -> None:
        customer_for_update(_customer(payload).pk)

    def execute(self, payload: Payload, order: Order) -> CustomerReview:
        return account_services.raise_risk_rating(
            customer_id=_customer(payload).pk,
            rating=RiskRating(payload["rating"]),
            note=order.reason,
            actor=order.actor,
            now=order.now,
            business_date=clock.business_date(order.now),
        )

    def subject_of(self, result: Any) -> Subject:
        return funnel.customer_subject(result.customer)


def _answers(payload: Payload) -> ReviewAnswers:
    return ReviewAnswers(Activity(payload["activity"]), payload["politically_exposed"], payload["cash_intensive"])


def _yes_or_no(*answers: bool) -> tuple[str, str]:
    before, after = (gettext("yes") if answer else gettext("no") for answer in answers)
    return before, after


def _customer(payload: Payload) -> Customer:
    key = ids.decode(Customer.ID_PREFIX, str(payload.get("customer", "")))
    customer = Customer.objects.select_related("branch").filter(pk=key).first()
    if customer is None:
        raise errors.UnknownCustomer
    return customer
