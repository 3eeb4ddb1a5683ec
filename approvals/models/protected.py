"""Operations that two people must always agree to, as the database knows them. Written by migrations only."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProtectedOperation(models.Model):
    """One operation that no policy brings below two people and a code for each, whoever writes the request.

    Each app's migrations add its own (`approvals.protection`); a test compares them with `Operation.always_two`. A row never
    changes and never goes (trigger).
    """

    key = models.CharField(_("operation"), max_length=80, primary_key=True)

    class Meta:
        verbose_name = _("protected operation")
        verbose_name_plural = _("protected operations")
        default_permissions = ()

    def __str__(self) -> str:
        return self.key
