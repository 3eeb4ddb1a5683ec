"""Who is on a list of the bank's own. Written by `risk.services.own_lists`."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.sealed import BlindIndexField, SealedTextField
from risk.lists.values import INDEX_CONTEXT, ValueType, indexed
from risk.models.watch_list import WatchList


class OwnListMemberQuerySet(models.QuerySet["OwnListMember"]):
    def in_force(self, today: date) -> OwnListMemberQuerySet:
        """Keep those that were not taken off and whose last day has not passed."""
        return self.filter(models.Q(until=None) | models.Q(until__gte=today), removed_at=None)


class OwnListMember(models.Model):
    """Something on a list of the bank's own: an account, a customer, a name, a country, a device, a network address.

    What is on it may name a person, so it is sealed, and found by its fingerprint.

    Attributes:
        written: as somebody wrote it, for people.
        value: as it is compared (`risk.lists.values.compared`).
        owner: who answers for it being there.
        until: the last day on which it counts; null for good.

    """

    ID_PREFIX = "lme"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    watch_list = models.ForeignKey(WatchList, models.PROTECT, related_name="members", verbose_name=_("list"))
    value_type = models.CharField(_("what"), max_length=8, choices=ValueType)
    written = SealedTextField(_("value"))
    value = SealedTextField(_("as compared"))
    value_index = BlindIndexField(of="value", context=INDEX_CONTEXT, normalise=indexed)

    reason = models.CharField(_("reason"), max_length=500)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who answers for it")
    )
    until = models.DateField(_("last day"), null=True, blank=True)
    added_at = models.DateTimeField(_("added at"))
    added_by = models.CharField(_("added by"), max_length=100)
    approval_request_id = models.UUIDField(_("approval request"), editable=False)

    removed_at = models.DateTimeField(_("taken off at"), null=True)
    removed_by = models.CharField(_("taken off by"), max_length=100, blank=True)
    removed_because = models.CharField(_("why it was taken off"), max_length=500, blank=True)
    removal_request_id = models.UUIDField(_("approval request of the removal"), null=True, editable=False)

    objects = OwnListMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member of an own list")
        verbose_name_plural = _("members of own lists")
        default_permissions = ("view",)
        permissions = [("reveal_list_member", _("Can see what is on an own list in clear, with a reason"))]
        constraints = [
            # One whose last day has passed may be renewed; who is in force is renewed by nobody (`refuse_addition`).
            models.UniqueConstraint(
                fields=["watch_list", "value_type", "value_index", "until"],
                condition=models.Q(removed_at=None),
                name="member_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=models.Q(value_type__in=ValueType.values), name="member_type_known"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="member_says_why"),
            models.CheckConstraint(
                condition=models.Q(removed_at=None, removed_because="", removal_request_id=None)
                | (
                    models.Q(removed_at__isnull=False, removal_request_id__isnull=False) & ~models.Q(removed_because="")
                ),
                name="member_removal_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        """The id that people see: `lme_…`."""
        return ids.encode(self.ID_PREFIX, self.id)
