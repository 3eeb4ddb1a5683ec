"""Documents: taken in, opened, verified or refused, erased. Files are looked into before anything is locked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import events
from accounts.errors import UnknownCustomer
from accounts.kyc import errors, files
from accounts.kyc.files import MediaType, images
from accounts.kyc.funnel import OPEN
from accounts.kyc.required import IDENTIFYING, DocumentKind
from accounts.locks import application_for_update, customer_for_update, document_for_update
from accounts.models import (
    Application,
    Customer,
    CustomerState,
    Document,
    DocumentContent,
    DocumentRefusal,
    DocumentState,
)
from accounts.services import checks, funnel
from accounts.services.expired_documents import lift_renewed
from accounts.services.revealing import notice_how_often
from bankops.core import audit
from bankops.core.actor import Actor
from bankops.core.audit import EventType
from bankops.core.db import transaction_required
from bankops.core.texts import require_reason


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A document's file in clear, safe to hand to a browser: pictures are drawn anew, a PDF is for saving only."""

    name: str
    media_type: MediaType
    content: bytes


def upload_document(
    *,
    customer_id: UUID,
    kind: DocumentKind,
    name: str,
    content: bytes,
    actor: Actor,
    now: datetime,
    business_date: date,
) -> Document:
    """Take in a customer's document, encrypted, and return it. Writes `accounts.document.uploaded`.

    It belongs to the application that is open for the customer, if there is one.

    :param name: the file's name as it came; it only has to agree with the content, and is not kept.
    :raises DocumentEmpty, DocumentTooLarge, DocumentTypeRefused, DocumentNotWhatItSays: before the file is read.
    :raises DocumentUnreadable, DocumentBomb, DocumentActive, DocumentEncrypted: after that.
    :raises DocumentTaken: when the customer brought the same file before.
    :raises UnknownCustomer, ApplicantRejected: when there is no such customer, or it was rejected for good.
    """
    media_type = files.inspect(name=name, content=content, max_bytes=settings.BANKOPS_DOCUMENT_MAX_BYTES)
    draft = Document(
        customer_id=customer_id,
        kind=kind,
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_at=now,
        uploaded_by_id=actor.id,
        uploaded_by_name=actor.name,
    )
    try:
        return _take_in(draft, content, actor, now, business_date)
    except IntegrityError:
        _refuse_taken(draft)  # two desks at the same moment
        raise


@transaction.atomic
def verify_document(
    *,
    document_id: UUID,
    expires_on: date | None,
    permanent: bool = False,
    actor: Actor,
    now: datetime,
    business_date: date,
) -> Document:
    """Record that a person compared a document and found it good, and return it. Writes `accounts.document.verified`.

    An approved customer whose accounts were blocked for an expired document has them back, if none is expired any longer.

    :param expires_on: the last day on which it is valid; None when it says none.
    :param permanent: an identity document says itself that it does not expire.
    :raises UnknownDocument, DocumentDecided: when it is not one that waits.
    :raises OwnDocument: when the actor uploaded it.
    :raises ExpiryRequired: for an identity document without a last day that is not permanent.
    :raises DocumentAlreadyExpired: when that day is over.
    """
    document = _waiting(document_id, actor)
    if expires_on is None and document.kind in IDENTIFYING and not permanent:
        raise errors.ExpiryRequired
    if expires_on is not None and expires_on < business_date:
        raise errors.DocumentAlreadyExpired(day=expires_on.isoformat())
    document.expires_on = expires_on
    until = expires_on.isoformat() if expires_on else ""
    _decide(document, DocumentState.VERIFIED, events.DOCUMENT_VERIFIED, actor, now, expires_on=until)
    _follow(document, now=now, business_date=business_date)
    if document.customer.state == CustomerState.ACTIVE:
        lift_renewed(customer_id=document.customer_id, now=now, business_date=business_date)
    return document


@transaction.atomic
def refuse_document(
    *, document_id: UUID, refusal: DocumentRefusal, note: str, actor: Actor, now: datetime, business_date: date
) -> Document:
    """Record that a document is not good, and return it; it stays. Writes `accounts.document.refused`.

    :raises ReasonRequired: when `note` is blank.
    :raises UnknownDocument, DocumentDecided: when it is not one that waits.
    :raises OwnDocument: when the actor uploaded it.
    """
    note = require_reason(note)
    document = _waiting(document_id, actor)
    document.refusal = refusal
    _decide(document, DocumentState.REFUSED, events.DOCUMENT_REFUSED, actor, now, reason=note, refusal=str(refusal))
    _follow(document, now=now, business_date=business_date)
    return document


def open_document(*, document_id: UUID, actor: Actor, now: datetime) -> OpenedFile:
    """Return a document's file in clear. Writes `accounts.document.opened` first: no trace, no file.

    :raises UnknownDocument: when there is none.
    :raises DocumentErased: when its file was erased.
    """
    with transaction.atomic():
        document = Document.objects.select_related("customer", "content").filter(pk=document_id).first()
        if document is None:
            raise errors.UnknownDocument
        if not hasattr(document, "content"):
            raise errors.DocumentErased
        _record(events.DOCUMENT_OPENED, document, actor, now)
        notice_how_often(actor, now)
    content, media_type = document.content.reveal(), MediaType(document.media_type)
    if media_type != MediaType.PDF:
        content = images.redraw(content, media_type)
    return OpenedFile(document.file_name, media_type, content)


@transaction_required
def erase_documents(*, customer_id: UUID) -> int:
    """Erase the files of a customer, who is locked, and their fingerprints; return how many. What was found stays."""
    erased = DocumentContent.objects.filter(document__customer=customer_id).delete()[0]
    Document.objects.filter(customer=customer_id).exclude(sha256="").update(sha256="")
    return erased


@transaction.atomic
def _take_in(draft: Document, content: bytes, actor: Actor, now: datetime, business_date: date) -> Document:
    application = _open_application(draft.customer_id)
    customer_for_update(draft.customer_id)
    customer = Customer.objects.filter(pk=draft.customer_id).first()
    if customer is None:
        raise UnknownCustomer
    if customer.state == CustomerState.REJECTED:
        raise errors.ApplicantRejected(customer=customer.number)
    _refuse_taken(draft)
    draft.customer, draft.application = customer, application
    draft.round = application.round if application else None
    draft.save(force_insert=True)
    file = DocumentContent(document=draft)
    file.seal(content)
    file.save(force_insert=True)
    _record(events.DOCUMENT_UPLOADED, draft, actor, now, kind=str(draft.kind), size=draft.size)
    _follow(draft, now=now, business_date=business_date)
    return draft


@transaction_required
def _open_application(customer_id: UUID) -> Application | None:
    """Lock the customer's open application, if there is one."""
    found = Application.objects.filter(customer=customer_id, stage__in=OPEN).values_list("pk", flat=True).first()
    application = application_for_update(found) if found else None
    return application if application and application.is_open else None


def _refuse_taken(draft: Document) -> None:
    same = Document.objects.filter(customer=draft.customer_id, sha256=draft.sha256).first()
    if same:
        raise errors.DocumentTaken(day=timezone.localtime(same.uploaded_at).date().isoformat())


@transaction_required
def _waiting(document_id: UUID, actor: Actor) -> Document:
    """Lock a document that nobody has decided, after its customer and their application, and return it."""
    customer_id = Document.objects.filter(pk=document_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise errors.UnknownDocument
    _open_application(customer_id)
    customer_for_update(customer_id)
    document = document_for_update(document_id)
    assert document is not None  # documents are never deleted
    if document.state != DocumentState.SUBMITTED:
        raise errors.DocumentDecided(state=document.get_state_display())
    if actor.id == document.uploaded_by_id:
        raise errors.OwnDocument
    return document


@transaction_required
def _decide(
    document: Document,
    state: DocumentState,
    event: EventType,
    actor: Actor,
    now: datetime,
    *,
    reason: str = "",
    **facts: str,
) -> None:
    document.state, document.decided_at = state, now
    document.decided_by_id, document.decided_by_name = actor.id, actor.name
    changed = ["state", "expires_on", "refusal", "decided_at", "decided_by_id", "decided_by_name"]
    document.save(update_fields=changed)
    _record(event, document, actor, now, reason=reason, **facts)


@transaction_required
def _follow(document: Document, *, now: datetime, business_date: date) -> None:
    """Let the customer's open application, locked already, see what its documents are worth now."""
    application = _open_application(document.customer_id)
    if application:
        checks.record_automatic(application, now=now, business_date=business_date)
        funnel.move(application, now=now)


@transaction_required
def _record(
    event: EventType, document: Document, actor: Actor, now: datetime, *, reason: str = "", **facts: Any
) -> None:
    subject = audit.Subject("document", document.public_id, f"{document.customer.number} {document.kind.lower()}")
    told = {"customer": document.customer.public_id, **facts}
    audit.record(event, actor=actor, subject=subject, now=now, reason=reason, detail=told)
