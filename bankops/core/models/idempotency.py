"""What was asked under which key, and the answer. Written by `bankops.core.idempotency` alone (docs/idempotency.md)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids


class IdempotencyState(models.TextChoices):
    """How far a request has come."""

    STARTED = "STARTED", _("begun")
    DONE = "DONE", _("answered")
    ABANDONED = "ABANDONED", _("abandoned, nothing was done")


class IdempotencyRecord(models.Model):
    """One key of one caller. Whoever holds this row's lock carries the request out; the answer commits with the effect.

    What was asked never changes, nor an answer once given, and no row goes before it is 31 days old: triggers refuse it.

    Attributes:
        scope: whose key it is: `crd_…` of a partner's credential.
        digest: SHA-256 of method, path and body as they were understood, so that layout does not make another request.
        body: the answer as it was sent, to the byte, in the language it was written in.
        headers: those that belong to the answer: Location and ETag.
        subject_id: the record that was made, for reports.
        finished_at: when the attempt that was answered had begun.
        takeovers: how often somebody carried on for a worker that had died or given up.

    """

    ID_PREFIX = "idk"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    scope = models.CharField(_("whose key"), max_length=64)
    key = models.CharField(_("key"), max_length=255)

    digest = models.BinaryField(_("digest of the request"), max_length=32)
    method = models.CharField(_("method"), max_length=7)
    path = models.CharField(_("path"), max_length=200)

    state = models.CharField(_("state"), max_length=9, choices=IdempotencyState)
    started_at = models.DateTimeField(_("begun at"))
    takeovers = models.PositiveSmallIntegerField(_("takeovers"), db_default=0)

    finished_at = models.DateTimeField(_("answered at"), null=True)
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    body = models.TextField(_("answer"), blank=True, db_default="")
    headers = models.JSONField(_("headers"), db_default={})
    subject_id = models.CharField(_("record id"), max_length=64, blank=True, db_default="")

    replays = models.PositiveIntegerField(_("replays"), db_default=0)
    last_replay_at = models.DateTimeField(_("last replayed at"), null=True)

    class Meta:
        verbose_name = _("request with a key")
        verbose_name_plural = _("requests with a key")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="idempotency_key_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=IdempotencyState.values), name="idempotency_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state=IdempotencyState.STARTED, status=None, finished_at=None)
                | ~models.Q(state=IdempotencyState.STARTED) & models.Q(status__isnull=False, finished_at__isnull=False),
                name="idempotency_done_has_answer",
            ),
        ]
        indexes = [
            # The sweeper: what was left in flight, oldest first.
            models.Index(
                fields=["started_at"],
                name="idempotency_in_flight",
                condition=models.Q(state=IdempotencyState.STARTED),
            ),
            # The purge: what is old enough to go.
            models.Index(fields=["started_at"], name="idempotency_by_age"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        """How it is named in logs, and the order's key at the gate: `idk_…`."""
        return ids.encode(self.ID_PREFIX, self.id)
