"""What the particulars of a customer share: they stand until they are ended, and are never rewritten or deleted."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids

M = TypeVar("M", bound=models.Model)


class ParticularQuerySet(models.QuerySet[M]):
    def standing(self) -> ParticularQuerySet[M]:
        """Keep those that have not ended."""
        return self.filter(valid_until__isnull=True)


class Particular(models.Model):
    """A particular of a customer, from one day until another. A trigger refuses any change but its end."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    valid_from = models.DateField(_("since"))
    valid_until = models.DateField(_("ended on"), null=True, blank=True)

    objects: Any = ParticularQuerySet.as_manager()

    class Meta:
        abstract = True
        default_permissions = ()
