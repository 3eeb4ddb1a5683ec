"""What knowing the customer keeps about people, as exports, erasures and key rotations see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts import personal_data
from accounts.models import Customer, DocumentContent
from accounts.models.document import content_context
from accounts.services.documents import erase_documents
from bankops.core import rotation

_FILES_AT_ONCE = 10  # of up to five megabytes


def register_all() -> None:
    """Make it known; called once, when the app is ready."""
    table = DocumentContent._meta.db_table
    rotation.register(
        rotation.Place(table, "sealed", ("document_id",), _context, key="document_id", batch=_FILES_AT_ONCE)
    )
    personal_data.register_section("applications", _applications)
    personal_data.register_section("reviews", _reviews)
    personal_data.register_section("documents", _documents)
    personal_data.register_eraser("documents", _erase)


def _context(document_id: UUID) -> str:
    return content_context(document_id)


def _applications(customer: Customer) -> Iterator[Mapping[str, Any]]:
    for application in customer.applications.prefetch_related("rounds").order_by("id"):
        yield {
            "reference": application.reference,
            "stage": str(application.stage),
            "started_at": application.started_at.isoformat(),
            "residence": application.residence,
            "tax_country": application.tax_country,
            "line_of_business": str(application.activity),
            "politically_exposed": application.politically_exposed,
            "cash_intensive": application.cash_intensive,
            "rounds": [{"number": one.number, "ending": str(one.ending)} for one in application.rounds.all()],
        }


def _reviews(customer: Customer) -> Iterator[Mapping[str, Any]]:
    for review in customer.reviews.order_by("id"):
        yield {
            "reviewed_on": review.reviewed_on.isoformat(),
            "rating": str(review.rating),
            "answers": review.answers,
            "next_review_on": review.next_review_on.isoformat(),
        }


def _documents(customer: Customer) -> Iterator[Mapping[str, Any]]:
    """Yield what is known of each document. The files themselves were the customer's own, and are handed out one by one."""
    for document in customer.documents.order_by("id"):
        yield {
            "kind": str(document.kind),
            "state": str(document.state),
            "expires_on": document.expires_on.isoformat() if document.expires_on else None,
            "uploaded_at": document.uploaded_at.isoformat(),
            "size": document.size,
            "sha256": document.sha256,
        }


def _erase(customer: Customer, _now: datetime) -> int:
    return erase_documents(customer_id=customer.pk)
