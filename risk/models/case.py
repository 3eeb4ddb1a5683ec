"""Cases: alerts that belong together, worked until it is known what they come to. Written by `risk.services.case…` only.

What is added to a case is never taken away: notes, files, links and actions are rows that nothing changes. Notes, files and
reports are sealed, because they name people, and wiped in the end (`risk.services.case_retention`). Reasons are neither: they are
in the audit trail as well.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.kyc.files import MediaType
from bankops.core import encryption, ids, sealed
from bankops.core.sealed import SealedTextField
from risk.bands import SCORE_MAX, Band
from risk.models.alert import AlertOutcome


class CaseState(models.TextChoices):
    OPEN = "OPEN", _("open")
    WAITING = "WAITING", _("waiting for something")
    CLOSED = "CLOSED", _("closed")


_OPEN = [CaseState.OPEN.value, CaseState.WAITING.value]


class Case(models.Model):
    """One inquiry, in the hands of one person.

    Attributes:
        score, priority: the highest of its alerts'; they only rise, and a high one is closed by two people.
        due_at: the earliest of its alerts'.
        waiting_for, waiting_until: what it waits for and, where that is known, the day on which to look again.
        reminded_at, escalated_at: when whoever works it, and then the heads of risk, were told that it is overdue.
        reminded_to_look_at: when whoever works it was told that the day to look again has come.
        approval_request: the request under which it was closed; null where none was needed.
        reopened_count: how often it was opened again.

    """

    ID_PREFIX = "rcs"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    reference = models.CharField(_("reference"), max_length=20)
    state = models.CharField(_("state"), max_length=7, choices=CaseState, default=CaseState.OPEN)
    score = models.PositiveSmallIntegerField(_("score"))
    priority = models.CharField(_("priority"), max_length=6, choices=Band)
    branch = models.ForeignKey("staff.Branch", models.PROTECT, null=True, related_name="+", verbose_name=_("branch"))
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("worked by"), db_index=False
    )

    opened_at = models.DateTimeField(_("opened at"))
    opened_by_id = models.CharField(max_length=64)
    opened_by_name = models.CharField(_("opened by"), max_length=150)
    due_at = models.DateTimeField(_("due"))
    waiting_for = models.CharField(_("waits for"), max_length=200, blank=True)
    waiting_until = models.DateField(_("look again on"), null=True)
    reminded_at = models.DateTimeField(_("assignee reminded at"), null=True)
    escalated_at = models.DateTimeField(_("heads of risk told at"), null=True)
    reminded_to_look_at = models.DateTimeField(_("told to look again at"), null=True)

    outcome = models.CharField(_("outcome"), max_length=14, choices=AlertOutcome, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closed_by_id = models.CharField(max_length=64, blank=True)
    closed_by_name = models.CharField(_("closed by"), max_length=150, blank=True)
    close_reason = models.CharField(_("why"), max_length=500, blank=True)
    approval_request = models.ForeignKey(
        "approvals.ApprovalRequest", models.PROTECT, null=True, related_name="+", db_index=False
    )
    reopened_count = models.PositiveSmallIntegerField(_("times reopened"), default=0)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        default_permissions = ("view",)
        permissions = [
            ("work_case", _("Can open, work and reopen cases")),
            ("reassign_case", _("Can hand a case to somebody else")),
            ("close_case", _("Can close a case")),
            ("export_report", _("Can export the draft of a report to the authority")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="case_reference_once"),
            models.CheckConstraint(condition=models.Q(state__in=CaseState.values), name="case_state_known"),
            models.CheckConstraint(condition=models.Q(priority__in=Band.values), name="case_priority_known"),
            models.CheckConstraint(condition=models.Q(score__lte=SCORE_MAX), name="case_score_within"),
            models.CheckConstraint(
                condition=models.Q(state=CaseState.WAITING) & ~models.Q(waiting_for="")
                | ~models.Q(state=CaseState.WAITING) & models.Q(waiting_for="", waiting_until=None),
                name="case_waits_for_something",
            ),
            models.CheckConstraint(
                condition=models.Q(state=CaseState.CLOSED, outcome__in=AlertOutcome.values, closed_at__isnull=False)
                & ~models.Q(closed_by_id="")
                & ~models.Q(close_reason="")
                | ~models.Q(state=CaseState.CLOSED)
                & models.Q(outcome="", closed_at=None, closed_by_id="", close_reason="", approval_request=None),
                name="case_closed_with_outcome",
            ),
        ]
        indexes = [
            # The list of what is open, the first due first.
            models.Index(fields=["due_at", "id"], name="case_open", condition=models.Q(state__in=_OPEN)),
            # Somebody's own.
            models.Index(
                fields=["assignee", "due_at", "id"],
                name="case_of_assignee",
                condition=models.Q(state__in=_OPEN),
            ),
            # The register of what was reported, and the daily report.
            models.Index(
                fields=["closed_at", "id"], name="case_by_closing", condition=models.Q(closed_at__isnull=False)
            ),
            models.Index(fields=["opened_at", "id"], name="case_by_time"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def public_id(self) -> str:
        """The id the audit trail and operations name it by: `rcs_…`."""
        return ids.encode(self.ID_PREFIX, self.id)

    @property
    def is_open(self) -> bool:
        """Whether it is still worked."""
        return self.state != CaseState.CLOSED


class CaseNote(models.Model):
    """What somebody wrote down. Append-only; wiped when the bank need not keep the case any longer."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="notes")
    text = SealedTextField(_("note"), null=True)
    written_at = models.DateTimeField(_("written at"))
    author_id = models.CharField(max_length=64)
    author_name = models.CharField(_("written by"), max_length=150)

    class Meta:
        verbose_name = _("note on a case")
        verbose_name_plural = _("notes on cases")
        default_permissions = ()

    def __str__(self) -> str:
        return f"note {self.pk}"


class CaseFile(models.Model):
    """A file that belongs to a case, looked into before it was taken. Append-only.

    Attributes:
        sha256: of the file, in hex.

    """

    ID_PREFIX = "rcf"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="files", db_index=False)
    label = models.CharField(_("what it is"), max_length=100)
    media_type = models.CharField(_("file type"), max_length=20, choices=MediaType)
    size = models.PositiveIntegerField(_("size"), help_text=_("In bytes."))
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    uploaded_at = models.DateTimeField(_("uploaded at"))
    uploaded_by_id = models.CharField(max_length=64)
    uploaded_by_name = models.CharField(_("uploaded by"), max_length=150)

    class Meta:
        verbose_name = _("file of a case")
        verbose_name_plural = _("files of cases")
        default_permissions = ()
        constraints = [
            # The same file twice is no second proof; also how a case's files are found.
            models.UniqueConstraint(fields=["case", "sha256"], name="case_file_once"),
            models.CheckConstraint(
                condition=models.Q(media_type__in=MediaType.values), name="case_file_media_type_known"
            ),
        ]

    def __str__(self) -> str:
        return f"file {self.pk}"

    @property
    def public_id(self) -> str:
        """The id the audit trail names it by: `rcf_…`."""
        return ids.encode(self.ID_PREFIX, self.id)

    @property
    def file_name(self) -> str:
        """What the bank calls the file; nothing in it comes from the sender."""
        return f"case-file-{self.public_id[-8:]}.{MediaType(self.media_type).extension}"


class CaseFileContent(models.Model):
    """A case file's bytes, sealed with AES-256-GCM. In a table of its own, so that no list ever reads them."""

    file = models.OneToOneField(CaseFile, models.PROTECT, primary_key=True, related_name="content")
    sealed = models.BinaryField(editable=False)

    class Meta:
        verbose_name = _("content of a case's file")
        verbose_name_plural = _("contents of cases' files")
        default_permissions = ()

    def __str__(self) -> str:
        return f"content of {self.file_id}"

    def seal(self, content: bytes) -> None:
        """Put a file in, encrypted with the newest key. Save it afterwards."""
        self.sealed = encryption.encrypt(content, context=file_context(self.file_id))

    def reveal(self) -> bytes:
        """Return the file in clear.

        :raises CannotDecrypt: when no configured key opens it.
        """
        return encryption.decrypt(bytes(self.sealed), context=file_context(self.file_id))


def file_context(file_id: UUID) -> str:
    """Return what a case file's bytes are bound to."""
    return sealed.context(CaseFileContent._meta.db_table, "sealed", file_id)


class LinkKind(models.TextChoices):
    """What can be linked to a case besides what its alerts are about."""

    CUSTOMER = "customer", _("customer")
    ACCOUNT = "account", _("account")
    TRANSACTION = "transaction", _("transaction")


class CaseLink(models.Model):
    """A record that somebody linked to a case. Append-only.

    Attributes:
        subject_id: public id (`cus_…`, `acc_…`, `tr_…`); `label` is what people call it: a number or a reference.

    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="links", db_index=False)
    kind = models.CharField(_("kind"), max_length=12, choices=LinkKind)
    subject_id = models.CharField(_("record id"), max_length=64)
    label = models.CharField(_("record"), max_length=60)
    why = models.CharField(_("why"), max_length=500)
    added_at = models.DateTimeField(_("linked at"))
    added_by_id = models.CharField(max_length=64)
    added_by_name = models.CharField(_("linked by"), max_length=150)

    class Meta:
        verbose_name = _("link of a case")
        verbose_name_plural = _("links of cases")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["case", "subject_id"], name="case_link_once"),
            models.CheckConstraint(condition=models.Q(kind__in=LinkKind.values), name="case_link_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.label}"


class CaseAction(models.Model):
    """An operation that was asked for from a case. Append-only.

    Attributes:
        operation: its key.
        approval_request: the request it waits in or was consented to; null for what needed none.
        done: whether it was carried out when it was ordered; what has a request is told by that.
        subject_label: what it is done to, as people call it; `subject_id` is its public id.
        reason: why, in the words of whoever ordered it. The operation itself was given none of them.

    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="actions")
    operation = models.CharField(_("operation"), max_length=80)
    subject_id = models.CharField(max_length=64)
    subject_label = models.CharField(_("record"), max_length=60)
    approval_request = models.ForeignKey(
        "approvals.ApprovalRequest", models.PROTECT, null=True, related_name="+", db_index=False
    )
    done = models.BooleanField(_("carried out at once"), default=False)
    ordered_at = models.DateTimeField(_("ordered at"))
    ordered_by_id = models.CharField(max_length=64)
    ordered_by_name = models.CharField(_("ordered by"), max_length=150)
    order_key = models.CharField(max_length=255)
    reason = models.CharField(_("why"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("operation from a case")
        verbose_name_plural = _("operations from cases")
        default_permissions = ()
        indexes = [
            # From a request's page to the case that it was ordered from.
            models.Index(
                fields=["approval_request"],
                name="case_action_of_request",
                condition=models.Q(approval_request__isnull=False),
            ),
        ]
        constraints = [
            # One click is one line.
            models.UniqueConstraint(fields=["case", "operation", "order_key"], name="case_action_once"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.subject_label}"


class CaseReport(models.Model):
    """The draft of a report to the authority. Frozen when its case is closed as reported; opened again, the case has another.

    Attributes:
        content: canonical JSON (`risk.reporting.draft`), sealed; NULL once it was wiped.
        sha256: of that JSON, in hex.
        version: raised with every change; who changes it says which version they saw.

    """

    ID_PREFIX = "sar"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="reports", db_index=False)
    number = models.PositiveSmallIntegerField(_("number"))
    version = models.PositiveIntegerField(_("version"), default=1)
    content = SealedTextField(_("content"), null=True)
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    written_at = models.DateTimeField(_("written at"))
    written_by_id = models.CharField(max_length=64)
    written_by_name = models.CharField(_("written by"), max_length=150)
    frozen_at = models.DateTimeField(_("frozen at"), null=True)

    class Meta:
        verbose_name = _("report to the authority")
        verbose_name_plural = _("reports to the authority")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="case_report_number_once"),
            # One draft at a time.
            models.UniqueConstraint(fields=["case"], name="case_report_draft_once", condition=models.Q(frozen_at=None)),
        ]

    def __str__(self) -> str:
        return f"report {self.number}"

    @property
    def public_id(self) -> str:
        """The id the audit trail names it by: `sar_…`."""
        return ids.encode(self.ID_PREFIX, self.id)
