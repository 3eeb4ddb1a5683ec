"""Documents: those that wait for somebody to look at them, and one document's page. Files are handed out by a door."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts import access
from accounts.admin.document_doors import OpenDocument, RefuseDocument, VerifyDocument
from accounts.models import Document, DocumentState
from bankops.core.admin.display import NOTHING, Tone, badge, moment
from bankops.core.admin.readonly import BigTableAdmin

_TONES = {
    DocumentState.SUBMITTED: Tone.WARNING,
    DocumentState.VERIFIED: Tone.GOOD,
    DocumentState.REFUSED: Tone.BAD,
}


@admin.register(Document)
class DocumentAdmin(BigTableAdmin):
    doors = (OpenDocument, VerifyDocument, RefuseDocument)
    timeline_subject = "document"

    list_display = ("kind", "of_customer", "standing", "expires_on", "uploaded", "uploaded_by_name")
    list_filter = (("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter))
    list_select_related = ("customer", "application")
    ordering = ("-id",)
    fields = (
        "kind",
        "of_customer",
        "application",
        "round",
        "standing",
        "expires_on",
        "refusal",
        "media_type",
        "length",
        "uploaded",
        "uploaded_by_name",
        "looked_at",
        "decided_by_name",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        """Show the documents of the customers this person may see."""
        documents: QuerySet[Document] = super().get_queryset(request)
        visible = access.visible_customers(request.user).filter(pk=OuterRef("customer"))
        return documents.filter(Exists(visible)).select_related("customer", "application")

    @admin.display(description=_("customer"))
    def of_customer(self, document: Document) -> str:
        return str(document.customer)

    @admin.display(description=_("state"))
    def standing(self, document: Document) -> SafeString:
        return state_badge(document)

    @admin.display(description=_("size"))
    def length(self, document: Document) -> str:
        return filesizeformat(document.size)

    @admin.display(description=_("uploaded at"))
    def uploaded(self, document: Document) -> str:
        return moment(document.uploaded_at)

    @admin.display(description=_("looked at"))
    def looked_at(self, document: Document) -> str:
        return moment(document.decided_at) if document.decided_at else NOTHING


def state_badge(document: Document) -> SafeString:
    """Return what a document is worth, in a word and a colour."""
    return badge(DocumentState(document.state).label, _TONES[DocumentState(document.state)])


def listed(documents: QuerySet[Any]) -> list[tuple[Document, SafeString]]:
    """Return documents, newest first, with their badges, for a page."""
    return [(document, state_badge(document)) for document in documents.order_by("-id")[:100]]
