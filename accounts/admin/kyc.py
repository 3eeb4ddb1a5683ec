"""Knowing the customer, on the customer's page: where they stand, their documents, their review; and the list of what is due."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts import services as account_services
from accounts.admin.application_doors import StartApplication
from accounts.admin.application_forms import ReviewForm
from accounts.admin.applications import stage_badge
from accounts.admin.document_doors import UploadDocument
from accounts.admin.documents import listed
from accounts.kyc.required import IDENTIFYING
from accounts.models import Customer, CustomerState, Document, DocumentState
from accounts.services import ReviewAnswers, reviews
from bankops.core import clock, operations
from bankops.core.admin import extensions
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.extensions import Panel
from bankops.core.admin.pages import ReadingPage
from bankops.core.admin.submitting import told
from staff.actors import actor_of
from staff.admin.submitting import order_of

_SHOWN = 200


class ConfirmReview(Door):
    name = "confirm_review"
    label = _("Confirm review")
    permission = "accounts.confirm_review"
    form_class = ReviewForm
    icon = "fact_check"

    def offered(self, record: Any) -> bool:
        return bool(record.state == CustomerState.ACTIVE)

    def summary(self, record: Any) -> str | Promise:
        return _(
            "The customer is rated anew from your answers, the accounts and the tax residences. That sets the next review."
            " Where a risk counts less than before, two others have to agree first."
        )

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        known = reviews.facts_now(record)
        return {
            "activity": known.activity,
            "politically_exposed": known.politically_exposed,
            "cash_intensive": known.cash_intensive,
        }

    def perform(self, request: HttpRequest, form: Any, record: Customer) -> Done:
        now, data = clock.now(), form.cleaned_data
        answers = ReviewAnswers(data["activity"], data["politically_exposed"], data["cash_intensive"])
        if reviews.would_ease(record, answers):
            payload = {"customer": record.public_id, **asdict(answers)}
            order = order_of(request, form)
            outcome = operations.submit("accounts.lower_risk_rating", payload, order)
            return told(outcome, done=str(_("The customer is reviewed.")))
        review = account_services.confirm_review(
            customer_id=record.pk,
            answers=answers,
            note=data["reason"],
            actor=actor_of(request),
            now=now,
            business_date=clock.business_date(now),
        )
        words = {"rating": review.get_rating_display(), "day": review.next_review_on.isoformat()}
        return Done(str(_("Reviewed: the risk is %(rating)s, the next review is due on %(day)s.")) % words)


class ReviewsDue(ReadingPage):
    """Customers whose review is overdue, and identity documents that end soon or have ended."""

    name = "reviews_due"
    label = _("Reviews due")
    permission = "accounts.view_customer"
    template = "accounts/kyc_due.html"
    on_list = True
    icon = "event_repeat"

    def context(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        today = clock.business_date()
        due = access.visible_customers(request.user).filter(next_review_on__lte=today, state=CustomerState.ACTIVE)
        customers = list(due.select_related("branch").order_by("next_review_on", "id")[: _SHOWN + 1])
        documents = list(_ending(request).order_by("expires_on", "id")[: _SHOWN + 1])
        return {
            "today": today,
            "customers": customers[:_SHOWN],
            "documents": documents[:_SHOWN],
            "more": max(len(customers), len(documents)) > _SHOWN,
        }


def panel(request: HttpRequest, customer: Customer) -> Panel | None:
    """Return what the customer's page shows of applications, documents and reviews."""
    if not request.user.has_perm("accounts.view_application"):
        return None
    applications = list(customer.applications.order_by("-id"))
    content = {
        "customer": customer,
        "applications": [(one, stage_badge(one)) for one in applications],
        "documents": listed(customer.documents.all()),
        "review": customer.reviews.order_by("-id").first(),
        "overdue": bool(customer.next_review_on and customer.next_review_on <= clock.business_date()),
    }
    return Panel("accounts/kyc_panel.html", content)


def install() -> None:
    """Bring pages and panel to the customer's page; called once, when the admin modules are loaded."""
    extensions.add_pages(Customer, StartApplication, UploadDocument, ConfirmReview, ReviewsDue)
    extensions.add_panel(Customer, panel)


def _ending(request: HttpRequest) -> QuerySet[Document]:
    """Return the announced identity documents that no later one replaces."""
    visible = access.visible_customers(request.user).filter(pk=OuterRef("customer"), state=CustomerState.ACTIVE)
    replaced = Document.objects.filter(
        Q(expires_on__isnull=True) | Q(expires_on__gt=OuterRef("expires_on")),
        customer=OuterRef("customer"),
        kind=OuterRef("kind"),
        state=DocumentState.VERIFIED,
    )
    announced = Document.objects.filter(
        state=DocumentState.VERIFIED, kind__in=IDENTIFYING, expires_on__isnull=False, notice_given_on__isnull=False
    )
    return announced.filter(Exists(visible), ~Exists(replaced)).select_related("customer")
