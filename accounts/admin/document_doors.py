"""What is done with documents: uploaded, opened, verified, refused."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import services as account_services
from accounts.admin import application_forms as forms
from accounts.kyc import errors, files
from accounts.models import Application, Customer, CustomerState, Document, DocumentState
from bankops.core import clock
from bankops.core.admin.doors import Done, Door
from bankops.core.uploads import TooLargeFile
from staff.actors import actor_of


class UploadDocument(Door):
    """On a customer's page, and on an application's."""

    name = "upload_document"
    label = _("Upload document")
    permission = "accounts.upload_document"
    form_class = forms.UploadForm
    icon = "upload_file"

    def offered(self, record: Any) -> bool:
        return bool(_customer(record).state in (CustomerState.PROSPECT, CustomerState.ACTIVE))

    def summary(self, record: Any) -> str | Promise:
        text = _("A file of %(name)s, of at most %(limit)s MB. It is kept encrypted; somebody else has to verify it.")
        limit = files.megabytes(settings.BANKOPS_DOCUMENT_MAX_BYTES)
        return text % {"name": _customer(record).name, "limit": limit}

    def perform(self, request: HttpRequest, form: Any, record: Application | Customer) -> Done:
        now, file = clock.now(), form.cleaned_data["file"]
        if isinstance(file, TooLargeFile):
            raise errors.DocumentTooLarge(limit=files.megabytes(settings.BANKOPS_DOCUMENT_MAX_BYTES))
        document = account_services.upload_document(
            customer_id=_customer(record).pk,
            kind=form.cleaned_data["kind"],
            name=file.name,
            content=file.read(),
            actor=actor_of(request),
            now=now,
            business_date=clock.business_date(now),
        )
        return Done(str(_("Uploaded: %(kind)s. It awaits verification.")) % {"kind": document.get_kind_display()})


class OpenDocument(Door):
    """Hands out the file, as something to be saved and never as a page of ours."""

    name = "open_document"
    label = _("Open")
    permission = "accounts.open_document"
    icon = "download"

    def summary(self, record: Any) -> str | Promise:
        return _("The file is saved on your computer. It holds personal data, and that you opened it is recorded.")

    def perform(self, request: HttpRequest, form: Any, record: Document) -> HttpResponse:
        file = account_services.open_document(document_id=record.pk, actor=actor_of(request), now=clock.now())
        return HttpResponse(
            file.content,
            content_type=file.media_type.value,
            headers={
                "Content-Disposition": f'attachment; filename="{file.name}"',
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "X-Content-Type-Options": "nosniff",
                "Cross-Origin-Resource-Policy": "same-origin",
                "Cache-Control": "no-store",
            },
        )


class WaitingDocumentDoor(Door):
    """A door on a document that nobody has looked at yet."""

    permission = "accounts.verify_document"

    def offered(self, record: Any) -> bool:
        return bool(record.state == DocumentState.SUBMITTED)


class VerifyDocument(WaitingDocumentDoor):
    name = "verify_document"
    label = _("Verify")
    form_class = forms.VerifyForm
    icon = "task_alt"

    def summary(self, record: Any) -> str | Promise:
        return _("You looked at the document and found it genuine, legible and about this customer.")

    def perform(self, request: HttpRequest, form: Any, record: Document) -> Done:
        now = clock.now()
        account_services.verify_document(
            document_id=record.pk,
            expires_on=form.cleaned_data["expires_on"],
            permanent=form.cleaned_data["permanent"],
            actor=actor_of(request),
            now=now,
            business_date=clock.business_date(now),
        )
        return Done(str(_("Verified: %(kind)s.")) % {"kind": record.get_kind_display()})


class RefuseDocument(WaitingDocumentDoor):
    name = "refuse_document"
    label = _("Refuse")
    form_class = forms.RefuseForm
    dangerous = True
    icon = "block"

    def summary(self, record: Any) -> str | Promise:
        return _("The document does not count. It stays, with your reason.")

    def perform(self, request: HttpRequest, form: Any, record: Document) -> Done:
        now = clock.now()
        account_services.refuse_document(
            document_id=record.pk,
            refusal=form.cleaned_data["refusal"],
            note=form.cleaned_data["reason"],
            actor=actor_of(request),
            now=now,
            business_date=clock.business_date(now),
        )
        return Done(str(_("Refused: %(kind)s.")) % {"kind": record.get_kind_display()})


def _customer(record: Application | Customer) -> Customer:
    return record if isinstance(record, Customer) else record.customer
