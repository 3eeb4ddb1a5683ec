"""What a person has to look after. Written by `notifications.services.incidents`."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from notifications.models.endpoint import Endpoint


class IncidentKind(models.TextChoices):
    """What went wrong."""

    ENDPOINT_DOWN = "ENDPOINT_DOWN", _("a webhook endpoint does not take events")
    ENDPOINT_GONE = "ENDPOINT_GONE", _("a webhook endpoint said that it is gone")


class Incident(models.Model):
    """One thing that went wrong, however many events it holds up; at most one open for each endpoint and kind.

    Attributes:
        owner: who looks after it.
        told: facts for people, as JSON primitives: waiting events, last failure.

    """

    ID_PREFIX = "inc"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="incidents", verbose_name=_("endpoint"))
    kind = models.CharField(_("what"), max_length=13, choices=IncidentKind.choices)
    told = models.JSONField(_("facts"), default=dict)

    opened_at = models.DateTimeField(_("opened at"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("owner")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_because = models.CharField(_("closed because"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        default_permissions = ("view",)
        permissions = [("work_incident", _("Can take over and close an incident"))]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=IncidentKind.values), name="incident_kind_known"),
            models.UniqueConstraint(
                fields=["endpoint", "kind"], condition=models.Q(closed_at=None), name="incident_open_once"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None, closed_because="")
                | (models.Q(closed_at__isnull=False) & ~models.Q(closed_because="")),
                name="incident_closed_says_why",
            ),
        ]
        indexes = [
            # The list of what is open, and the sweep over it.
            models.Index(fields=["-opened_at"], name="incident_open", condition=models.Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        """The id that people see: `inc_…`."""
        return ids.encode(self.ID_PREFIX, self.id)
