"""The report of a case to the authority: drafted from what the case knows, edited, frozen, exported."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from bankops.core.texts import check_storable
from risk import errors, events
from risk.confidential import Veil
from risk.models import Case, CaseReport
from risk.reporting import draft as drafts
from risk.reporting import facts, paper
from risk.reporting.draft import PARTS, TEXT_MAX, Draft, same_facts
from risk.selectors.case_veil import veil_of, veiled
from risk.services.cases import check_case_visible, own_case, tell
from staff.models import User


@transaction.atomic
def draft_report(*, case_id: UUID, person: User, now: datetime) -> CaseReport:
    """Return the draft of a case's report, made of what the case knows where there is none yet. Writes `risk.report.written`.

    :raises UnknownCase, CaseClosed, CaseNotYours: when it is not an open one in this person's hands.
    """
    case = own_case(case_id, person)
    standing = latest(case)
    if standing and standing.frozen_at is None:
        return standing
    report = CaseReport(
        case=case,
        number=standing.number + 1 if standing else 1,
        written_at=now,
        written_by_id=person.public_id,
        written_by_name=person.full_name,
    )
    _put(report, _first_draft(case))
    report.save(force_insert=True)
    _tell_written(report, case, person, now)
    return report


@transaction.atomic
def change_report(*, case_id: UUID, texts: Mapping[str, str], version: int, person: User, now: datetime) -> CaseReport:
    """Write what a draft says, and the facts of this moment with it, and return it. Writes `risk.report.written`.

    A part that names a confidential account which this person may not read stays in clear as it is, where they left it as they
    read it; only somebody with a grant changes it.

    :param texts: by the names of `risk.reporting.draft.PARTS`; what is left out says nothing.
    :param version: the one that this person saw.
    :raises UnknownCase, CaseClosed, CaseNotYours: when it is not an open one in this person's hands.
    :raises ReportMissing: when there is no draft.
    :raises ReportChanged: when somebody wrote another version meanwhile.
    :raises ReportPartConfidential: when they changed a part that they may not read in clear.
    :raises NoteTooLong, UnstorableText: when a text cannot be kept.
    """
    case = own_case(case_id, person)
    report = latest(case)
    if report is None or report.frozen_at is not None:
        raise errors.ReportMissing(case=case.reference)
    if report.version != version:
        raise errors.ReportChanged
    said = {part.name: _checked(texts.get(part.name, "")) for part in PARTS}
    standing = read(report)
    kept = _in_clear(said, standing.texts if standing else {}, veil_of(case, person))
    _put(report, Draft(kept, facts.facts_of(case)))
    report.version += 1
    report.written_at, report.written_by_id, report.written_by_name = now, person.public_id, person.full_name
    report.save(update_fields=["content", "sha256", "version", "written_at", "written_by_id", "written_by_name"])
    _tell_written(report, case, person, now)
    return report


def export_report(*, report_id: UUID, form: str, person: User, now: datetime) -> tuple[str, bytes]:
    """Return a report as a file: its name and its bytes. Writes `risk.report.exported` before it is handed out.

    :param form: `pdf` or `json`.
    :raises UnknownCase: when there is no such report that this person may see.
    :raises ReportErased: when it was wiped, because the bank need not keep it any longer.
    :raises ReportNamesConfidential: when it names an account in clear that this person may not see.
    :raises ReportNotTypeset: when the PDF cannot be made.
    """
    report = CaseReport.objects.select_related("case").filter(pk=report_id).first()
    if report is None:
        raise errors.UnknownCase
    check_case_visible(report.case, person)
    if not report.content:
        raise errors.ReportErased(case=report.case.reference)
    if veil_of(report.case, person).accounts:
        raise errors.ReportNamesConfidential(case=report.case.reference)
    content = _as_pdf(report) if form == "pdf" else _as_json(report)
    with transaction.atomic():
        tell(
            events.REPORT_EXPORTED,
            report.case,
            actor=person.as_actor(),
            now=now,
            detail={"report": report.public_id, "form": form, "sha256": report.sha256, "version": report.version},
        )
    return f"{report.case.reference}-{report.number}.{form}", content


def offered(case: Case, person: User) -> tuple[int, dict[str, str]]:
    """Return the version of a case's draft, and its parts as this person may read them.

    Where there is none yet: 0, and what a new one would begin with. Nothing is written.
    """
    report = latest(case)
    if report is None or report.frozen_at is not None:
        version, draft = 0, _first_draft(case)
    else:
        version, draft = report.version, read(report) or Draft({})
    return version, veiled(draft.texts, veil_of(case, person))


def latest(case: Case) -> CaseReport | None:
    """Return the newest report of a case: its draft, or what was frozen last."""
    return case.reports.order_by("-number").first()


def read(report: CaseReport) -> Draft | None:
    """Return what a report says, in clear; None once it was wiped."""
    return drafts.read(report.content.reveal()) if report.content else None


def fingerprint(case: Case) -> str:
    """Return what tells whether a case knows the same as before: SHA-256 of its facts, in hex."""
    return Draft({}, facts.facts_of(case)).sha256


def require_complete(case: Case) -> CaseReport:
    """Return the draft of a case that is to be reported.

    :raises ReportMissing: when there is none.
    :raises ReportIncomplete: naming what says nothing yet.
    :raises ReportOutdated: when the case knows something else by now than the report tells.
    """
    report = latest(case)
    if report is None or report.frozen_at is not None:
        raise errors.ReportMissing(case=case.reference)
    written = read(report)
    missing = written.missing() if written else list(PARTS)
    if missing:
        words = ", ".join(str(part.label) for part in missing)
        raise errors.ReportIncomplete(case=case.reference, missing=words)
    if written and not same_facts(written.facts, facts.facts_of(case)):
        raise errors.ReportOutdated(case=case.reference)
    return report


@transaction_required
def freeze(case: Case, *, actor: Actor, now: datetime) -> CaseReport:
    """Freeze the report of a case, which is locked and being closed as reported. Writes `risk.report.frozen`.

    :raises ReportMissing, ReportIncomplete, ReportOutdated: as `require_complete`.
    """
    report = require_complete(case)
    report.frozen_at = now
    report.save(update_fields=["frozen_at"])
    tell(
        events.REPORT_FROZEN,
        case,
        actor=actor,
        now=now,
        detail={"report": report.public_id, "sha256": report.sha256, "version": report.version},
    )
    return report


def _first_draft(case: Case) -> Draft:
    """Return what a new report of a case begins with: what the case knows by itself, in clear."""
    known = facts.facts_of(case)
    return Draft(facts.first_texts(known), known)


def _in_clear(said: Mapping[str, str], standing: Mapping[str, str], veil: Veil) -> dict[str, str]:
    """Return the parts of a draft as they are to be kept, made of what somebody saved who reads it through a veil.

    :raises ReportPartConfidential: when they changed one that they do not read in clear.
    """
    kept = dict(said)
    for part in PARTS:
        text = standing.get(part.name, "")
        shown = veil.text(text)
        if shown == text:
            continue
        if said[part.name] != _tidy(shown):
            raise errors.ReportPartConfidential(part=part.label)
        kept[part.name] = text
    return kept


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _checked(text: str) -> str:
    kept = _tidy(text)
    check_storable(kept)
    if len(kept) > TEXT_MAX:
        raise errors.NoteTooLong(limit=TEXT_MAX, count=len(kept))
    return kept


def _put(report: CaseReport, written: Draft) -> None:
    report.content, report.sha256 = written.as_json(), written.sha256


def _tell_written(report: CaseReport, case: Case, person: User, now: datetime) -> None:
    detail = {"report": report.public_id, "version": report.version, "sha256": report.sha256}
    tell(events.REPORT_WRITTEN, case, actor=person.as_actor(), now=now, detail=detail)


def _as_json(report: CaseReport) -> bytes:
    written = read(report)
    assert written is not None
    whole = {
        "bank": settings.BANKOPS_NAME,
        "case": report.case.reference,
        "number": report.number,
        "version": report.version,
        "frozen_at": report.frozen_at.isoformat() if report.frozen_at else None,
        "sha256": report.sha256,
        "texts": dict(written.texts),
        "facts": dict(written.facts),
    }
    return (json.dumps(whole, ensure_ascii=False, indent=2) + "\n").encode()


def _as_pdf(report: CaseReport) -> bytes:
    written = read(report)
    assert written is not None
    return paper.write(report, written)
