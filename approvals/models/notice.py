"""The staff inbox of approvals: what somebody should know, shown at once and mailed as a digest."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from approvals.models.request import ApprovalRequest


class NoticeKind(models.TextChoices):
    ASSIGNED = "ASSIGNED", _("assigned to you")
    HALF_TIME = "HALF_TIME", _("half of the time is over")
    EXPIRING = "EXPIRING", _("about to expire")
    OUTCOME = "OUTCOME", _("decided")
    NOBODY = "NOBODY", _("nobody may decide it")
    POLICY_UNREADABLE = "POLICY", _("an approval policy cannot be read")


class Notice(models.Model):
    """One notice to one person. Only `read_at` and `mailed_at` change."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=NoticeKind)
    request = models.ForeignKey(ApprovalRequest, models.PROTECT, null=True, related_name="notices")
    text = models.CharField(_("notice"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("when"))
    read_at = models.DateTimeField(_("read at"), null=True)
    mailed_at = models.DateTimeField(_("mailed at"), null=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(kind__in=NoticeKind.values), name="notice_kind_known")]
        indexes = [
            # What somebody has not read yet.
            models.Index(fields=["recipient", "-id"], name="notice_unread", condition=models.Q(read_at__isnull=True)),
            # The digest's work list.
            models.Index(
                fields=["recipient", "id"], name="notice_unmailed", condition=models.Q(mailed_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}"
