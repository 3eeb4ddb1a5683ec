"""What is added to a case: notes, files, links, and its report to the authority."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.kyc import errors as document_errors
from accounts.kyc import files
from bankops.core import clock
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import DoorForm, ReasonForm, capitalised
from bankops.core.uploads import TooLargeFile
from risk import errors, services
from risk.admin.case_doors import OwnCaseDoor
from risk.models import Case, LinkKind
from risk.reporting.draft import PARTS, TEXT_MAX, Draft
from risk.services import reports
from risk.services.case_content import NOTE_MAX
from staff.actors import person_at

SAVED_ONLY = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""The headers of a file that is handed out to be saved, and never shown as a page of ours."""


class NoteForm(DoorForm):
    text = forms.CharField(
        label=_("Note"),
        max_length=NOTE_MAX,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Kept encrypted, with your name. Nobody changes it."),
    )


class WriteNote(OwnCaseDoor):
    name = "write_note"
    label = _("Write note")
    form_class = NoteForm
    icon = "edit_note"

    def perform(self, request: HttpRequest, form: Any, record: Case) -> Done:
        services.write_case_note(
            case_id=record.pk, text=form.cleaned_data["text"], person=person_at(request), now=clock.now()
        )
        return Done(str(_("The note is written.")))


class FileForm(DoorForm):
    label = forms.CharField(label=_("What it is"), max_length=100)
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,  # the service says why not
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        help_text=_("PDF, JPEG or PNG. Its name is not kept."),
    )


class AddFile(OwnCaseDoor):
    name = "add_file"
    label = _("Add file")
    form_class = FileForm
    icon = "upload_file"

    def summary(self, record: Any) -> str | Promise:
        limit = files.megabytes(settings.BANKOPS_DOCUMENT_MAX_BYTES)
        return _("A file of at most %(limit)s MB. It is kept encrypted, and stays.") % {"limit": limit}

    def perform(self, request: HttpRequest, form: Any, record: Case) -> Done:
        file = form.cleaned_data["file"]
        if isinstance(file, TooLargeFile):
            limit = files.megabytes(settings.BANKOPS_DOCUMENT_MAX_BYTES)
            raise document_errors.DocumentTooLarge(limit=limit)
        services.add_case_file(
            case_id=record.pk,
            label=form.cleaned_data["label"],
            name=file.name,
            content=file.read(),
            person=person_at(request),
            now=clock.now(),
        )
        return Done(str(_("The file is part of the case.")))


class OpenFileForm(DoorForm):
    file = forms.ChoiceField(label=_("File"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert isinstance(self.record, Case)
        choices = [(str(one.pk), f"{one.label} ({one.file_name})") for one in self.record.files.order_by("id")]
        self.fields["file"].choices = choices  # type: ignore[attr-defined]


class OpenFile(Door):
    name = "open_file"
    label = _("Save a file")
    permission = "risk.view_case"
    form_class = OpenFileForm
    icon = "download"

    def offered_to(self, request: HttpRequest, record: Any) -> bool:
        return super().offered_to(request, record) and record.files.exists()

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {"file": request.GET.get("file", "")}

    def summary(self, record: Any) -> str | Promise:
        return _("The file is saved on your computer. It holds personal data, and that you opened it is recorded.")

    def perform(self, request: HttpRequest, form: Any, record: Case) -> HttpResponse:
        file = services.open_case_file(
            case_id=record.pk,
            file_id=UUID(form.cleaned_data["file"]),
            person=person_at(request),
            now=clock.now(),
        )
        headers = {"Content-Disposition": f'attachment; filename="{file.name}"', **SAVED_ONLY}
        return HttpResponse(file.content, content_type=file.media_type.value, headers=headers)


class LinkForm(ReasonForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=capitalised(LinkKind))
    text = forms.CharField(
        label=_("Which one"),
        max_length=64,
        help_text=_("A customer number, an account number, or a transaction's id (tr_…)."),
    )


class LinkRecord(OwnCaseDoor):
    name = "link_record"
    label = _("Link record")
    form_class = LinkForm
    icon = "add_link"

    def summary(self, record: Any) -> str | Promise:
        return _("It is shown with the case and in its graph. Its own page says nothing of the case.")

    def perform(self, request: HttpRequest, form: Any, record: Case) -> Done:
        data = form.cleaned_data
        link = services.link_to_case(
            case_id=record.pk,
            kind=LinkKind(data["kind"]),
            text=data["text"],
            why=data["reason"],
            person=person_at(request),
            now=clock.now(),
        )
        return Done(_("%(record)s is linked.") % {"record": link.label})


class ReportForm(DoorForm):
    """One field for each part of the report, the version that this person saw, and what tells how they saw it."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in PARTS:
            self.fields[part.name] = forms.CharField(
                label=str(part.label),
                help_text=str(part.asks),
                required=False,
                max_length=TEXT_MAX,
                widget=forms.Textarea(attrs={"rows": 4}),
            )
        self.dress()


class WriteReport(OwnCaseDoor):
    name = "write_report"
    label = _("Write report")
    form_class = ReportForm
    icon = "gavel"

    def summary(self, record: Any) -> str | Promise:
        return _(
            "A draft of the report to the authority, begun with what the case knows. It is frozen when the case is closed as"
            " reported, and then every part must say something. Nobody named in it may learn of it."
        )

    def initial(self, request: HttpRequest, record: Case) -> dict[str, Any]:
        """Offer the draft as it stands, or what a new one would begin with; the page itself writes nothing."""
        version, texts = reports.offered(record, person_at(request))
        return {"version": version, "seen": Draft(texts).sha256, **texts}

    def perform(self, request: HttpRequest, form: Any, record: Case) -> Done:
        person, now, data = person_at(request), clock.now(), form.cleaned_data
        _version, offered = reports.offered(record, person)
        if data["seen"] and data["seen"] != Draft(offered).sha256:
            # Before a grant, say, they read it otherwise, and would save what stood there for a name.
            raise errors.ReportChanged
        version = data["version"] or services.draft_report(case_id=record.pk, person=person, now=now).version
        texts = {part.name: data[part.name] for part in PARTS}
        report = services.change_report(case_id=record.pk, texts=texts, version=version, person=person, now=now)
        written = reports.read(report)
        missing = len(written.missing()) if written else 0
        if missing:
            return Done(_("The draft is kept. %(count)s parts say nothing yet.") % {"count": missing})
        return Done(str(_("The draft is kept, and complete.")))


class ExportForm(DoorForm):
    form = forms.ChoiceField(label=_("File type"), choices=[("pdf", "PDF"), ("json", "JSON")])


class ExportReport(Door):
    name = "export_report"
    label = _("Export report")
    permission = "risk.export_report"
    form_class = ExportForm
    icon = "download"

    def offered_to(self, request: HttpRequest, record: Any) -> bool:
        return super().offered_to(request, record) and record.reports.exists()

    def summary(self, record: Any) -> str | Promise:
        return _(
            "The newest report, with identity numbers in clear. That you took it is recorded. One that names a confidential"
            " account is for those to whom the account was granted."
        )

    def perform(self, request: HttpRequest, form: Any, record: Case) -> HttpResponseBase:
        report = reports.latest(record)
        if report is None:
            raise Http404
        kind = form.cleaned_data["form"]
        name, content = services.export_report(
            report_id=report.pk, form=kind, person=person_at(request), now=clock.now()
        )
        headers = {"Content-Disposition": f'attachment; filename="{name}"', **SAVED_ONLY}
        return HttpResponse(content, content_type=f"application/{kind}", headers=headers)
