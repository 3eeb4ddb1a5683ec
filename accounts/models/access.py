"""Who may see which confidential account. Written by `accounts.services.access`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase

from bankops.core import ids


class AccountGrant(UserObjectPermissionBase):
    """Somebody's right to see one confidential account; django-guardian reads it.

    A row lives as long as the right does; the audit trail remembers both ends. The database takes one only while the
    approval request for it is being carried out (`migrations/account_grants.sql`).
    """

    ID_PREFIX = "agr"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    # Named, because django-guardian asks for grants through this relation.
    permission = models.ForeignKey(Permission, models.PROTECT, related_name="account_grants")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="account_grants", verbose_name=_("person")
    )
    content_object = models.ForeignKey(
        "accounts.Account", models.PROTECT, related_name="grants", verbose_name=_("account")
    )
    approval_request = models.ForeignKey(
        "approvals.ApprovalRequest", models.PROTECT, related_name="+", verbose_name=_("approval request")
    )
    granted_at = models.DateTimeField(_("granted at"))

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        verbose_name = _("access to a confidential account")
        verbose_name_plural = _("access to confidential accounts")
        default_permissions = ("view",)
        unique_together: ClassVar[list[Sequence[str]]] = []
        constraints = [
            models.UniqueConstraint(fields=["user", "permission", "content_object"], name="account_grant_once"),
        ]

    def __str__(self) -> str:
        return f"access {self.pk}"

    @property
    def public_id(self) -> str:
        """The id in the audit trail: `agr_…`."""
        return ids.encode(self.ID_PREFIX, self.id)
