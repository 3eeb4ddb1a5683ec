"""What is added to a case: notes, files, links. Nothing of it is taken away again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import access as account_access
from accounts.kyc import files
from accounts.kyc.files import MediaType, images
from accounts.models import Account, Customer
from bankops.core.actor import Actor
from bankops.core.texts import check_fits, check_storable, require_reason
from risk import access, errors, events
from risk.models import CaseFile, CaseFileContent, CaseLink, CaseNote, LinkKind
from risk.selectors.case_movements import known_movements
from risk.services.cases import check_case_visible, own_case, tell
from staff.models import User

NOTE_MAX = 10_000


@dataclass(frozen=True, slots=True)
class OpenedCaseFile:
    """A case's file in clear, safe to hand to a browser: pictures are drawn anew, a PDF is for saving only."""

    name: str
    media_type: MediaType
    content: bytes


@transaction.atomic
def write_case_note(*, case_id: UUID, text: str, person: User, now: datetime) -> CaseNote:
    """Add a note to a case, sealed, and return it. Writes `risk.case.note_written`, without the text.

    :raises NoteRequired: when it is blank.
    :raises TextTooLong, UnstorableText: when it cannot be kept.
    :raises UnknownCase, CaseClosed, CaseNotYours: when it is not an open one in this person's hands.
    """
    kept = text.strip()
    if not kept:
        raise errors.NoteRequired
    check_storable(kept)
    if len(kept) > NOTE_MAX:
        raise errors.NoteTooLong(limit=NOTE_MAX, count=len(kept))
    case = own_case(case_id, person)
    note = CaseNote(case=case, text=kept, written_at=now, author_id=person.public_id, author_name=person.full_name)
    note.save(force_insert=True)
    tell(events.CASE_NOTE_WRITTEN, case, actor=person.as_actor(), now=now)
    return note


def add_case_file(*, case_id: UUID, label: str, name: str, content: bytes, person: User, now: datetime) -> CaseFile:
    """Add a file to a case, encrypted, and return it. Writes `risk.case.file_added`.

    :param label: what it is, in a few words.
    :param name: the file's name as it came; it only has to agree with the content, and is not kept.
    :raises DocumentEmpty, DocumentTooLarge, DocumentTypeRefused, DocumentNotWhatItSays: before the file is read.
    :raises DocumentUnreadable, DocumentBomb, DocumentActive, DocumentEncrypted: after that.
    :raises ReasonRequired, TextTooLong: when the label is blank or longer than 100 characters.
    :raises CaseFileTaken: when the case has the same file.
    :raises UnknownCase, CaseClosed, CaseNotYours: when it is not an open one in this person's hands.
    """
    kept = require_reason(label)
    check_fits(CaseFile, label=kept)
    media_type = files.inspect(name=name, content=content, max_bytes=settings.BANKOPS_DOCUMENT_MAX_BYTES)
    file = CaseFile(
        label=kept,
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_at=now,
        uploaded_by_id=person.public_id,
        uploaded_by_name=person.full_name,
    )
    with transaction.atomic():
        file.case = own_case(case_id, person)
        try:
            with transaction.atomic():
                file.save(force_insert=True)
        except IntegrityError as taken:
            raise errors.CaseFileTaken(case=file.case.reference) from taken
        sealed = CaseFileContent(file=file)
        sealed.seal(content)
        sealed.save(force_insert=True)
        detail = {"file": file.public_id, "size": file.size, "sha256": file.sha256}
        tell(events.CASE_FILE_ADDED, file.case, actor=person.as_actor(), now=now, detail=detail)
    return file


def open_case_file(*, case_id: UUID, file_id: UUID, person: User, now: datetime) -> OpenedCaseFile:
    """Return a case's file in clear. Writes `risk.case.file_opened` first: no trace, no file.

    :raises UnknownCaseFile: when the case has no such file, or it was erased.
    :raises UnknownCase: when this person may not see the case.
    """
    with transaction.atomic():
        found = CaseFile.objects.select_related("case", "content").filter(pk=file_id, case=case_id).first()
        if found is None or not hasattr(found, "content"):
            raise errors.UnknownCaseFile
        check_case_visible(found.case, person)
        tell(
            events.CASE_FILE_OPENED,
            found.case,
            actor=person.as_actor(),
            now=now,
            detail={"file": found.public_id},
        )
    content, media_type = found.content.reveal(), MediaType(found.media_type)
    if media_type != MediaType.PDF:
        content = images.redraw(content, media_type)
    return OpenedCaseFile(found.file_name, media_type, content)


@transaction.atomic
def link_to_case(*, case_id: UUID, kind: LinkKind, text: str, why: str, person: User, now: datetime) -> CaseLink:
    """Link a record to a case, and return the link. Writes `risk.case.linked`.

    :param text: a customer's number, an account's number or a transaction's id (`tr_…`). The books are not this app's: a
        transaction is one that risk assessed or saw move, of an account that this person may see and of no confidential one
        that was not granted to them.
    :raises ReasonRequired: when `why` is blank.
    :raises NothingToLink: when it names nothing that this person may see.
    :raises LinkedAlready: when it is linked.
    :raises UnknownCase, CaseClosed, CaseNotYours: when it is not an open one in this person's hands.
    """
    why = require_reason(why)
    case = own_case(case_id, person)
    subject_id, label = _named(kind, text.strip(), person)
    if case.links.filter(subject_id=subject_id).exists():
        raise errors.LinkedAlready(record=label, case=case.reference)
    actor: Actor = person.as_actor()
    link = CaseLink(
        case=case,
        kind=kind,
        subject_id=subject_id,
        label=label,
        why=why,
        added_at=now,
        added_by_id=actor.id,
        added_by_name=actor.name,
    )
    link.save(force_insert=True)
    tell(events.CASE_LINKED, case, actor=actor, now=now, reason=why, detail={"kind": str(kind), "record": subject_id})
    return link


def _named(kind: LinkKind, text: str, person: User) -> tuple[str, str]:
    """Return the public id and the label of the record that a text names.

    :raises NothingToLink: when there is none that this person may see.
    """
    if kind == LinkKind.TRANSACTION:
        known = known_movements([text]).get(text)
        if known is None or not access.sees_between(person, (known.payer, known.payee)):
            raise errors.NothingToLink(text=text)
        return text, known.reference or text
    record: Customer | Account | None
    if kind == LinkKind.CUSTOMER:
        customers = Customer.objects.filter(number=text.upper())
        record = account_access.visible_customers(person, customers).first()
    else:
        accounts = Account.objects.filter(number=text.replace(" ", "").upper())
        record = account_access.visible_accounts(person, accounts).first()
    if record is None:
        raise errors.NothingToLink(text=text)
    return record.public_id, record.number
