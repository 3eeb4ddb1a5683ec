"""Documents: taken in encrypted, looked at by somebody else, opened with a trace, erased with the person's data."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import override_settings

from accounts import personal_data, services
from accounts.kyc.required import DocumentKind
from accounts.models import Customer, Document, DocumentContent, DocumentState
from accounts.services.documents import erase_documents
from bankops.core import encryption, rotation
from bankops.core.encryption import CannotDecrypt
from bankops.core.models import AuditEvent
from tests.accounts.factories import NOW, OU_YAN, TANG_LING, TODAY
from tests.accounts.kyc import files
from tests.accounts.kyc.applying import KE_FU, bring, newcomer, start, verify
from tests.unchanged import refused

pytestmark = pytest.mark.django_db
PDF = files.pdf("Residence permit of Li Hua")


def upload(customer: Customer, content: bytes = PDF, name: str = "permit.pdf") -> Document:
    return services.upload_document(
        customer_id=customer.pk,
        kind=DocumentKind.IDENTITY,
        name=name,
        content=content,
        actor=TANG_LING,
        now=NOW,
        business_date=TODAY,
    )


def test_a_file_is_kept_encrypted_under_a_name_of_the_banks_own() -> None:
    document = upload(newcomer(), name="Li Hua 310101199003071234.pdf")
    sealed = bytes(DocumentContent.objects.get().sealed)
    assert PDF not in sealed
    assert b"%PDF" not in sealed
    assert DocumentContent.objects.get().reveal() == PDF
    assert (document.size, document.sha256) == (len(PDF), hashlib.sha256(PDF).hexdigest())
    assert document.file_name == f"identity-{document.public_id[-8:]}.pdf"
    event = AuditEvent.objects.get(event_type="accounts.document.uploaded")
    assert "Li Hua" not in f"{event.detail} {event.subject_label}"
    assert event.subject_label == f"{document.customer.number} identity"


def test_bytes_moved_to_another_document_do_not_open() -> None:
    first, second = upload(newcomer()), upload(newcomer(), files.jpeg(), "a.jpg")
    content = DocumentContent.objects.get(document=second)
    content.sealed = DocumentContent.objects.get(document=first).sealed
    content.save()
    with pytest.raises(CannotDecrypt):
        services.open_document(document_id=second.pk, actor=OU_YAN, now=NOW)


def test_the_same_file_is_no_second_proof() -> None:
    customer = newcomer()
    upload(customer)
    with refused("document_taken"):
        upload(customer)
    assert upload(newcomer()).sha256 == Document.objects.first().sha256  # type: ignore[union-attr]


def test_nobody_uploads_for_nobody() -> None:
    customer = newcomer()
    customer.pk = uuid4()
    with refused("unknown_customer"):
        upload(customer)


@override_settings(BANKOPS_DOCUMENT_MAX_BYTES=100)
def test_the_limit_is_the_banks_own() -> None:
    customer = newcomer()
    with refused("document_too_large"):
        upload(customer)


def test_somebody_else_verifies() -> None:
    document = bring(newcomer())
    with refused("own_document"):
        verify(document, actor=TANG_LING)
    verified = verify(document, expires_on=date(2031, 5, 6))
    assert (verified.state, verified.expires_on, verified.decided_by_name) == ("VERIFIED", date(2031, 5, 6), "Ou Yan")
    with refused("document_decided"):
        verify(document)
    with refused("document_decided"):
        refuse(document)


def refuse(document: Document, note: str = "blurred", **more: object) -> Document:
    given: dict[str, object] = {"actor": OU_YAN, "now": NOW, "business_date": TODAY, "refusal": "UNREADABLE", **more}
    return services.refuse_document(document_id=document.pk, note=note, **given)  # type: ignore[arg-type]


def test_a_refused_document_stays_and_does_not_count() -> None:
    application = start()
    document = bring(application.customer)
    with refused("own_document"):
        refuse(document, actor=TANG_LING)
    with refused("reason_required"):
        refuse(document, note="")
    refuse(document)
    application.refresh_from_db()
    assert application.stage == "REGISTERED"
    assert Document.objects.get().state == DocumentState.REFUSED
    event = AuditEvent.objects.get(event_type="accounts.document.refused")
    assert (event.reason, event.detail["refusal"]) == ("blurred", "UNREADABLE")


def test_an_identity_document_says_how_long_it_is_valid() -> None:
    document = bring(newcomer())
    with refused("expiry_required"):
        verify(document, expires_on=None)
    with refused("document_already_expired"):
        verify(document, expires_on=TODAY - timedelta(days=1))
    assert verify(document, expires_on=None, permanent=True).expires_on is None
    other = bring(newcomer(), DocumentKind.SOURCE_OF_FUNDS)
    assert verify(other, expires_on=None).expires_on is None


def test_an_unknown_document() -> None:
    document = bring(newcomer())
    document.pk = uuid4()
    with refused("unknown_document"):
        verify(document)
    with refused("unknown_document"):
        services.open_document(document_id=document.pk, actor=OU_YAN, now=NOW)


def test_opening_leaves_a_trace_each_time() -> None:
    document = upload(newcomer())
    for _again in range(2):
        file = services.open_document(document_id=document.pk, actor=KE_FU, now=NOW)
        assert (file.content, file.media_type, file.name) == (PDF, "application/pdf", document.file_name)
    opened = AuditEvent.objects.filter(event_type="accounts.document.opened")
    assert [one.actor_name for one in opened] == ["Ke Fu", "Ke Fu"]


def test_files_are_written_anew_under_a_new_key() -> None:
    document = upload(newcomer())
    (place,) = (one for one in rotation.places() if one.table == "accounts_documentcontent")
    assert rotation.outdated(place) == 0
    with override_settings(BANKOPS_ENCRYPTION_KEYS=["a newer key", "test-encryption-key"]):
        assert rotation.outdated(place) == 1
        assert list(rotation.rotate(place)) == [1]
        assert rotation.outdated(place) == 0
    with override_settings(BANKOPS_ENCRYPTION_KEYS=["a newer key"]):
        assert DocumentContent.objects.get(document=document).reveal() == PDF
        assert encryption.is_current(bytes(DocumentContent.objects.get().sealed))


def test_files_are_erased_with_the_persons_data() -> None:
    customer = newcomer()
    document = upload(customer)
    upload(newcomer(), files.jpeg(), "a.jpg")
    with transaction.atomic():
        assert erase_documents(customer_id=customer.pk) == 1
        assert erase_documents(customer_id=customer.pk) == 0
    document.refresh_from_db()
    assert document.sha256 == ""
    with refused("document_erased"):
        services.open_document(document_id=document.pk, actor=OU_YAN, now=NOW)
    assert DocumentContent.objects.count() == 1


def test_what_is_held_is_part_of_the_export() -> None:
    application = start()
    verify(bring(application.customer))
    held = {name: list(rows) for name, rows in personal_data.sections(application.customer)}
    assert held["applications"][0]["reference"] == application.reference
    assert held["documents"][0]["kind"] == "IDENTITY"
    assert held["documents"][0]["expires_on"] == "2030-01-01"
    assert held["reviews"] == []
