"""The bank's branches. Written by `staff.services.branches` and by imports of a bank's own list."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from bankops.core import ids


class BranchQuerySet(models.QuerySet["Branch"]):
    def open(self) -> BranchQuerySet:
        """Keep branches where people work and accounts can be opened."""
        return self.filter(is_open=True)


class Branch(models.Model):
    """A place where the bank works. Never deleted: accounts and people keep pointing to a closed branch."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    code = models.CharField(_("code"), max_length=10, unique=True, help_text=_("Short, for instance 001."))
    name = models.CharField(_("name"), max_length=100)
    city = models.CharField(_("city"), max_length=100, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)

    is_open = models.BooleanField(_("open"), default=True)

    created_at = models.DateTimeField(_("created at"))

    history = HistoricalRecords()

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        default_permissions = ("view",)
        permissions = [
            ("open_branch", _("Can open a branch")),
            ("rename_branch", _("Can rename a branch")),
            ("close_branch", _("Can close a branch")),
        ]
        constraints = [
            # A branch without a code cannot be named on a document.
            models.CheckConstraint(condition=~models.Q(code=""), name="branch_code_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def public_id(self) -> str:
        """The id that documents and partners see."""
        return ids.encode("br", self.id)
