"""Decisions, and the one-time codes that prove who took them. Written by `approvals.services`, never changed.

The trigger `decision_holds` (`migrations/decision_guards.sql`) looks at every row as it comes in and refuses whatever
separation of duties forbids, whoever writes it.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from approvals.models.request import ApprovalRequest


class Verdict(models.TextChoices):
    APPROVE = "APPROVE", _("approve")
    REJECT = "REJECT", _("reject")
    RETURN = "RETURN", _("return for amendment")


class Proof(models.Model):
    """One proof that the reviewer was there: a one-time code, used up, for the requests and verdict listed in it.

    Attributes:
        method: how it was proved: `totp` today; a security key would be another one (`approvals.services.proofs`).
        evidence: what was used up, so that nothing can be used twice: for `totp` the 30-second step.

    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    method = models.CharField(max_length=10)
    evidence = models.CharField(max_length=100)
    verdict = models.CharField(max_length=7, choices=Verdict)
    proved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("proof of presence")
        verbose_name_plural = _("proofs of presence")
        default_permissions = ()
        constraints = [
            # A code is used once, for one decision (or for the one list of a bulk decision).
            models.UniqueConstraint(fields=["user", "method", "evidence"], name="proof_used_once"),
            models.CheckConstraint(condition=models.Q(verdict__in=Verdict.values), name="proof_verdict_known"),
        ]

    def __str__(self) -> str:
        return f"proof {self.pk}"


class ProofSubject(models.Model):
    """One request that a proof is good for: in the version, and at the stage, that the reviewer saw."""

    proof = models.ForeignKey(Proof, models.PROTECT, related_name="subjects")
    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="+")
    sight = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("subject of a proof")
        verbose_name_plural = _("subjects of a proof")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["proof", "request"], name="proof_subject_once")]

    def __str__(self) -> str:
        return f"subject {self.pk} of proof {self.proof_id}"


class Decision(models.Model):
    """One person's verdict on one version of a request, at one stage.

    Attributes:
        in_place_of: whom the reviewer stood in for; both names go into the audit trail.
        maker_user: copied from the request (the guard compares), so that a constraint can tell them apart.
        content_hash: of what the reviewer saw.

    """

    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="decisions")
    version = models.PositiveSmallIntegerField(_("version"))
    stage = models.PositiveSmallIntegerField(_("stage"))
    role = models.CharField(_("role"), max_length=20)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("reviewer"))
    in_place_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("in place of")
    )
    maker_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    maker_id = models.CharField(max_length=64)
    verdict = models.CharField(_("verdict"), max_length=7, choices=Verdict)
    comment = models.TextField(_("comment"), blank=True)
    content_hash = models.BinaryField(max_length=32)
    proof = models.ForeignKey(Proof, models.PROTECT, null=True, related_name="decisions")
    decided_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        default_permissions = ()
        constraints = [
            # One person, one decision, whatever roles they hold.
            models.UniqueConstraint(fields=["request", "version", "reviewer"], name="decision_once_per_person"),
            models.CheckConstraint(condition=models.Q(verdict__in=Verdict.values), name="decision_verdict_known"),
            # The maker is nobody's reviewer: written so that an empty maker (a partner) is no exception.
            models.CheckConstraint(
                condition=models.Q(maker_user__isnull=True) | ~models.Q(reviewer=models.F("maker_user")),
                name="decision_not_by_maker",
            ),
            models.CheckConstraint(
                condition=models.Q(in_place_of__isnull=True)
                | (
                    ~models.Q(in_place_of=models.F("reviewer"))
                    & (models.Q(maker_user__isnull=True) | ~models.Q(in_place_of=models.F("maker_user")))
                ),
                name="decision_stand_in_is_another",
            ),
            # "No" and "not like this" need a word why.
            models.CheckConstraint(
                condition=models.Q(verdict=Verdict.APPROVE) | ~models.Q(comment=""), name="decision_refusal_says_why"
            ),
        ]
        indexes = [
            # The last approvals of one maker's requests in one role: may the same pair go on?
            models.Index(
                fields=["maker_id", "role", "-id"], name="decision_pairs", condition=models.Q(verdict=Verdict.APPROVE)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.reviewer_id}"
