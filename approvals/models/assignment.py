"""Who is to decide which request. Written by `approvals.services.assignment`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase

from approvals.models.request import ApprovalRequest


class ReviewGrant(UserObjectPermissionBase):
    """The right to read and decide one request at its present stage; django-guardian reads it.

    A row lives as long as the right does: it goes when the stage is decided, the request ends or is reassigned, so the
    table holds open work only. `Assignment` remembers.
    """

    permission = models.ForeignKey(Permission, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="review_grants")
    content_object = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="grants")

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        verbose_name = _("right to decide a request")
        verbose_name_plural = _("rights to decide requests")
        default_permissions = ()
        unique_together: ClassVar[list[Sequence[str]]] = []
        constraints = [
            models.UniqueConstraint(fields=["user", "permission", "content_object"], name="grant_once"),
        ]
        indexes = [models.Index(fields=["content_object"], name="grant_by_request")]


class Assignment(models.Model):
    """That somebody was asked to decide a request, by rotation or by a supervisor. Kept for ever.

    Attributes:
        assigned_by: the supervisor; empty when the rotation did it.
        ended_at: when the right ended (decided, reassigned, stage over, request closed).

    """

    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="assignments")
    version = models.PositiveSmallIntegerField()
    stage = models.PositiveSmallIntegerField(_("stage"))
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("reviewer"))
    assigned_at = models.DateTimeField(_("assigned at"))
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("assigned by")
    )
    reason = models.TextField(_("reason"), blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        default_permissions = ()
        constraints = [
            # Asked again only after an earlier asking ended.
            models.UniqueConstraint(
                fields=["request", "reviewer"], name="assignment_open_once", condition=models.Q(ended_at__isnull=True)
            ),
        ]
        indexes = [
            # Rotation: who was asked least recently.
            models.Index(fields=["reviewer", "-assigned_at"], name="assignment_rotation"),
        ]

    def __str__(self) -> str:
        return f"assignment {self.pk}"
