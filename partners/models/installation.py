"""What this installation is for. Written once, by `partners.services.installation`, and read whenever a process begins."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Installation(models.Model):
    """One row: whether these books are a sandbox. It never changes (`installation_never_changes`)."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    is_sandbox = models.BooleanField(_("is a sandbox"))
    said_at = models.DateTimeField(_("said at"))

    class Meta:
        verbose_name = _("installation")
        verbose_name_plural = _("installations")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="installation_is_one")]

    def __str__(self) -> str:
        return "sandbox" if self.is_sandbox else "live"
