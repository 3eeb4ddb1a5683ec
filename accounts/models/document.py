"""Documents that customers bring. Written by `accounts.services.documents`.

The file itself stands in a table of its own, encrypted, so that no list ever reads it.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.kyc.files import MediaType
from accounts.kyc.required import DocumentKind
from accounts.models.application import Application
from bankops.core import encryption, ids, sealed


class DocumentState(models.TextChoices):
    SUBMITTED = "SUBMITTED", _("awaits verification")
    VERIFIED = "VERIFIED", _("verified")
    REFUSED = "REFUSED", _("refused")


class DocumentRefusal(models.TextChoices):
    """Why a document was refused."""

    UNREADABLE = "UNREADABLE", _("cannot be read")
    EXPIRED = "EXPIRED", _("has expired")
    WRONG_KIND = "WRONG_KIND", _("is another kind of document")
    MISMATCH = "MISMATCH", _("shows somebody else")
    NOT_GENUINE = "NOT_GENUINE", _("is not genuine")
    OTHER = "OTHER", _("other")


class Documents(models.QuerySet["Document"]):
    def standing(self) -> Documents:
        """Keep those that were not refused."""
        return self.exclude(state=DocumentState.REFUSED)

    def valid_on(self, day: date) -> Documents:
        """Keep the verified ones that have not expired by then; the last day still counts."""
        lasting = models.Q(expires_on__isnull=True) | models.Q(expires_on__gte=day)
        return self.filter(lasting, state=DocumentState.VERIFIED)


class Document(models.Model):
    """A file about a customer, and what a person found when looking at it. Refused ones stay.

    Attributes:
        application, round: in which it was handed in; null for one that an approved customer brings later.
        sha256: of the file, in hex; empty once it was erased.
        expires_on: the last day on which the document is valid, as verified; null when it does not expire.
        notice_given_on: the business date on which its end was announced.

    """

    ID_PREFIX = "doc"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    customer = models.ForeignKey(
        "accounts.Customer", models.PROTECT, related_name="documents", verbose_name=_("customer")
    )
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="documents", null=True, verbose_name=_("application")
    )
    round = models.PositiveSmallIntegerField(_("round"), null=True)

    kind = models.CharField(_("kind"), max_length=16, choices=DocumentKind)
    media_type = models.CharField(_("file type"), max_length=20, choices=MediaType)
    size = models.PositiveIntegerField(_("size"), help_text=_("In bytes."))
    sha256 = models.CharField(_("fingerprint"), max_length=64, blank=True)

    state = models.CharField(_("state"), max_length=9, choices=DocumentState, default=DocumentState.SUBMITTED)
    expires_on = models.DateField(_("valid until"), null=True)
    refusal = models.CharField(_("why it was refused"), max_length=12, choices=DocumentRefusal, blank=True)
    notice_given_on = models.DateField(_("end announced on"), null=True)

    uploaded_at = models.DateTimeField(_("uploaded at"))
    uploaded_by_id = models.CharField(max_length=64)
    uploaded_by_name = models.CharField(_("uploaded by"), max_length=150)
    decided_at = models.DateTimeField(_("looked at"), null=True)
    decided_by_id = models.CharField(max_length=64, blank=True)
    decided_by_name = models.CharField(_("looked at by"), max_length=150, blank=True)

    objects = Documents.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        default_permissions = ("view",)
        permissions = [
            ("upload_document", _("Can upload a customer's document")),
            ("open_document", _("Can open a customer's document")),
            ("verify_document", _("Can verify or refuse a customer's document")),
        ]
        constraints = [
            # The same scan twice is no second proof.
            models.UniqueConstraint(
                fields=["customer", "sha256"], name="document_file_once", condition=~models.Q(sha256="")
            ),
            models.CheckConstraint(condition=models.Q(kind__in=DocumentKind.values), name="document_kind_known"),
            models.CheckConstraint(
                condition=models.Q(media_type__in=MediaType.values), name="document_media_type_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state=DocumentState.SUBMITTED, decided_at__isnull=True, refusal="")
                | models.Q(state=DocumentState.VERIFIED, decided_at__isnull=False, refusal="")
                | models.Q(state=DocumentState.REFUSED, decided_at__isnull=False, refusal__in=DocumentRefusal.values),
                name="document_state_whole",
            ),
            # Whoever uploads a document does not verify it.
            models.CheckConstraint(
                condition=~models.Q(decided_by_id=models.F("uploaded_by_id")), name="document_four_eyes"
            ),
        ]
        indexes = [
            # What expires next: notices, and restrictions after the days of grace.
            models.Index(
                fields=["expires_on", "id"],
                name="document_expiring",
                condition=models.Q(state=DocumentState.VERIFIED, expires_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_state_display()})"

    @property
    def public_id(self) -> str:
        """The id the audit trail names it by: `doc_…`."""
        return ids.encode(self.ID_PREFIX, self.id)

    @property
    def file_name(self) -> str:
        """What the bank calls the file. Nothing in it comes from the sender, and nothing tells whose it is."""
        return f"{self.kind.lower()}-{self.public_id[-8:]}.{MediaType(self.media_type).extension}"


class DocumentContent(models.Model):
    """A document's file, sealed with AES-256-GCM. In the database, so that a backup has both or neither.

    Erased, not changed: a row lives as long as the customer's personal data does.
    """

    document = models.OneToOneField(Document, models.PROTECT, primary_key=True, related_name="content")
    sealed = models.BinaryField(editable=False)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        default_permissions = ()

    def __str__(self) -> str:
        return f"file of {self.document_id}"

    @property
    def context(self) -> str:
        """The place the bytes are bound to; elsewhere they do not open."""
        return content_context(self.document_id)

    def seal(self, content: bytes) -> None:
        """Put a file in, encrypted with the newest key. Save it afterwards."""
        self.sealed = encryption.encrypt(content, context=self.context)

    def reveal(self) -> bytes:
        """Return the file in clear.

        :raises CannotDecrypt: when no configured key opens it.
        """
        return encryption.decrypt(bytes(self.sealed), context=self.context)


def content_context(document_id: UUID) -> str:
    """Return what the file of a document is bound to."""
    return sealed.context(DocumentContent._meta.db_table, "sealed", document_id)
