"""Approval requests: what somebody wants done, and where it stands. Written by `approvals.services`, never deleted.

What is asked for stands in `RequestVersion`, which nobody can change; the request row says where it stands. Triggers in
`migrations/request_guards.sql` let it move only along `approvals.states.TRANSITIONS`, and forward only on decisions.
"""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.audit import Subject
from bankops.core.money import Money
from staff.roles import Role


class State(models.TextChoices):
    """Where a request stands."""

    PENDING = "PENDING", _("waiting for approval")
    APPROVED = "APPROVED", _("approved, being carried out")
    EXECUTED = "EXECUTED", _("carried out")
    REJECTED = "REJECTED", _("rejected")
    RETURNED = "RETURNED", _("returned to the maker")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")
    EXPIRED = "EXPIRED", _("expired")
    STALE = "STALE", _("overtaken by changes")
    FAILED = "FAILED", _("failed")


OPEN = (State.PENDING, State.RETURNED)
"""Somebody still has to do something: these show as pending work, and they can expire."""


class ApprovalRequest(models.Model):
    """One operation that waits for consent, or waited.

    Attributes:
        content_hash: SHA-256 of operation, version and payload of the current version: what an approval approves.
        maker_user: the maker, when a member of staff; nobody else can be a reviewer anyway.
        amount: minor units, or None when the operation is not about money.
        stage: the stage whose reviewers decide now, from 1; `stage_role` is their role.
        idempotency_key: the maker's own idempotency key; the same order sent twice is one request.

    """

    ID_PREFIX = "apr"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    reference = models.CharField(_("reference"), max_length=20)
    operation = models.CharField(_("operation"), max_length=60)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    content_hash = models.BinaryField(max_length=32, editable=False)

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    stage = models.PositiveSmallIntegerField(_("stage"), default=1)
    stage_count = models.PositiveSmallIntegerField(_("stages"))
    stage_role = models.CharField(_("who decides now"), max_length=20)

    amount = models.BigIntegerField(_("amount"), null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    branch_code = models.CharField(_("branch"), max_length=20, blank=True)
    channel = models.CharField(_("channel"), max_length=10)

    maker_kind = models.CharField(_("maker kind"), max_length=10)
    maker_id = models.CharField(_("maker id"), max_length=64)
    maker_name = models.CharField(_("maker"), max_length=150)
    maker_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(_("reason"), blank=True)
    idempotency_key = models.CharField(max_length=255, null=True, editable=False)  # noqa: DJ001 - unique

    created_at = models.DateTimeField(_("submitted at"))
    expires_at = models.DateTimeField(_("expires at"))
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closing_note = models.TextField(_("why it ended"), blank=True)
    error_code = models.CharField(_("error"), max_length=60, blank=True)
    reminded_half_at = models.DateTimeField(null=True, editable=False)
    reminded_end_at = models.DateTimeField(null=True, editable=False)

    result_type = models.CharField(max_length=60, blank=True)
    result_id = models.CharField(max_length=64, blank=True)
    result_label = models.CharField(_("result"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("approval request")
        verbose_name_plural = _("approvals")
        default_permissions = ("view",)
        permissions = [
            # Given for one request at a time as well (ReviewGrant): the role lets into the room, the grant to the request.
            ("decide_request", _("Can decide approval requests assigned to them")),
            ("view_payload", _("Can read what any approval request is about")),
            ("reassign_request", _("Can assign an approval request to another reviewer")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="request_reference_once"),
            models.UniqueConstraint(fields=["maker_kind", "maker_id", "idempotency_key"], name="request_key_once"),
            # A second identical request while the first is undecided would let two pairs of reviewers do it twice.
            models.UniqueConstraint(
                fields=["content_hash"], name="request_open_once", condition=models.Q(state__in=OPEN)
            ),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="request_state_known"),
            models.CheckConstraint(
                condition=models.Q(stage__gte=1, stage__lte=models.F("stage_count")), name="request_stage_in_chain"
            ),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True, currency="")
                | models.Q(amount__isnull=False, currency__regex="^[A-Z]{3}$"),
                name="request_amount_has_currency",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[State.PENDING, State.RETURNED, State.APPROVED], closed_at__isnull=True)
                | (
                    ~models.Q(state__in=[State.PENDING, State.RETURNED, State.APPROVED])
                    & models.Q(closed_at__isnull=False)
                ),
                name="request_closed_when",
            ),
        ]
        indexes = [
            # The inbox, overdue first; also the expiry job's work list.
            models.Index(
                fields=["expires_at", "id"], name="request_open_by_expiry", condition=models.Q(state__in=OPEN)
            ),
            # "All", newest first.
            models.Index(fields=["-created_at", "-id"], name="request_newest"),
            # What came of one operation: expected wait, replay of a policy change.
            models.Index(fields=["operation", "-created_at"], name="request_by_operation"),
            # Carried out at this moment: the guards of the policies ask.
            models.Index(fields=["operation"], name="request_approved", condition=models.Q(state=State.APPROVED)),
            # The maker's own requests.
            models.Index(fields=["maker_id", "-created_at"], name="request_by_maker"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def public_id(self) -> str:
        """The id partners see: `apr_…`."""
        return ids.encode(self.ID_PREFIX, self.id)

    @property
    def money(self) -> Money | None:
        """The amount concerned, or None."""
        return None if self.amount is None else Money(self.amount, self.currency)

    @property
    def sight(self) -> bytes:
        """SHA-256 of what a reviewer sees now: content, version and stage. A decision is about exactly that."""
        numbers = self.version.to_bytes(4, "big") + self.stage.to_bytes(4, "big")
        return hashlib.sha256(bytes(self.content_hash) + numbers).digest()

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state in OPEN

    def where_it_stands(self) -> str:
        """Return a few words for people: whose turn it is, or how it ended."""
        if self.state != State.PENDING:
            return str(State(self.state).label)
        stage = _("stage %(stage)s of %(count)s: %(role)s")
        return stage % {"stage": self.stage, "count": self.stage_count, "role": Role(self.stage_role).label}

    def subject(self) -> Subject:
        """Return how the audit trail names it."""
        return Subject("approval_request", self.public_id, self.reference)


class RequestVersion(models.Model):
    """What is asked for, as the reviewers of this version see it. Append-only: an amendment is a new version.

    Attributes:
        payload: what the operation will be carried out with, JSON primitives.
        content_hash: SHA-256 of operation, its version and payload.
        description: `{"summary", "changes": [[field, before, after], ...], "warnings": [...]}` in the maker's language; lists,
            because a JSONB object forgets its order.
        facts: what the policies looked at.
        fired: `[{"policy", "version", "reasons": [...]}]`: which policies asked for approval, and why.
        chain: the stages as frozen when it was submitted (`approvals.policies.chain`); the database's guards read it.
        preconditions: fingerprint of the records touched; if it differs at the end, the request is stale.

    """

    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    operation_version = models.PositiveSmallIntegerField()
    payload = models.JSONField(_("payload"))
    content_hash = models.BinaryField(max_length=32, editable=False)
    description = models.JSONField(_("description"))
    facts = models.JSONField(_("facts"))
    fired = models.JSONField(_("policies that fired"))
    chain = models.JSONField(_("chain of stages"))
    preconditions = models.JSONField()
    reason = models.TextField(_("reason"), blank=True)
    made_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("expires at"))

    class Meta:
        verbose_name = _("version of a request")
        verbose_name_plural = _("versions of a request")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="request_version_once"),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of {self.request_id}"


class RequestConcern(models.Model):
    """A record that a request is about: its page shows the pending work. Append-only.

    Attributes:
        person: set when the record is a member of staff, who cannot be a reviewer of what concerns themselves.

    """

    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="concerns")
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    subject_label = models.CharField(_("record"), max_length=200)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("record concerned")
        verbose_name_plural = _("records concerned")
        default_permissions = ()
        constraints = [
            # The banner on a record's page looks here first.
            models.UniqueConstraint(fields=["subject_type", "subject_id", "request"], name="concern_once"),
        ]

    def __str__(self) -> str:
        return self.subject_label


class Comment(models.Model):
    """A remark on a request by somebody who may read it. Append-only."""

    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("comment"))
    written_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        default_permissions = ()
        indexes = [models.Index(fields=["request", "written_at"], name="comment_by_request")]

    def __str__(self) -> str:
        return f"comment {self.pk}"
