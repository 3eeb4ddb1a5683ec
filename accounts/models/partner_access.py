"""Which account a partner's systems may use, and how. Written by `accounts.services.partner_access`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.contrib.auth.models import Group, Permission
from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase

from bankops.core import ids


class AccountPartnerGrant(GroupObjectPermissionBase):
    """One right of one partner to one account; django-guardian reads it. The partner is its group.

    A row lives as long as the right does; the audit trail remembers both ends. The database takes one only while the
    approval request for it is being carried out (`migrations/partner_grants.sql`).
    """

    ID_PREFIX = "apg"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    # Named, because django-guardian asks for grants through this relation.
    permission = models.ForeignKey(
        Permission, models.PROTECT, related_name="account_partner_grants", verbose_name=_("right")
    )
    group = models.ForeignKey(Group, models.PROTECT, related_name="account_partner_grants", verbose_name=_("partner"))
    content_object = models.ForeignKey(
        "accounts.Account", models.PROTECT, related_name="partner_grants", verbose_name=_("account")
    )
    approval_request = models.ForeignKey(
        "approvals.ApprovalRequest", models.PROTECT, related_name="+", verbose_name=_("approval request")
    )
    granted_at = models.DateTimeField(_("granted at"))

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
        verbose_name = _("a partner's right to an account")
        verbose_name_plural = _("partners' rights to accounts")
        default_permissions = ("view",)
        unique_together: ClassVar[list[Sequence[str]]] = []
        constraints = [
            # Also how a call finds what its partner may do: every request asks.
            models.UniqueConstraint(
                fields=["group", "content_object", "permission"], name="account_partner_grant_once"
            ),
        ]

    def __str__(self) -> str:
        return f"partner's right {self.pk}"

    @property
    def public_id(self) -> str:
        """The id in the audit trail: `apg_…`."""
        return ids.encode(self.ID_PREFIX, self.id)
