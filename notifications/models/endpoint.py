"""Where a partner wants to be told, and the secrets it knows us by. Written by `notifications.services.endpoints`."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from bankops.core import ids
from bankops.core.sealed import SealedTextField
from partners.models import Partner

DEFAULT_WAITS = (60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200)
"""Seconds before each further try: 1, 5, 10 and 30 minutes, 1, 3, 6 and 12 hours."""


def default_waits() -> list[int]:
    """Return the waits of an endpoint for which nobody said otherwise."""
    return list(DEFAULT_WAITS)


class EndpointState(models.TextChoices):
    """Whether events are sent to an endpoint."""

    AWAITING_PICKUP = "AWAITING_PICKUP", _("awaiting pick-up of its secret")
    ENABLED = "ENABLED", _("enabled")
    PAUSED = "PAUSED", _("paused")  # events wait for it
    DISABLED = "DISABLED", _("disabled")  # events are not kept for it


class Endpoint(models.Model):
    """An address of a partner's to which events are sent.

    Attributes:
        event_types: which events; empty for all, also those there will be.
        waits: seconds before the second try, the third, and so on; after the last the delivery is dead.
        max_in_flight: how many of our requests it has to stand at once.
        timeout_seconds: how long one request may take, from the first byte of it to the last of its answer.

    """

    ID_PREFIX = "wep"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+", verbose_name=_("partner"))
    url = models.CharField(_("address"), max_length=500)
    description = models.CharField(_("description"), max_length=200, blank=True)
    event_types = models.JSONField(_("event types"), default=list, blank=True)

    state = models.CharField(
        _("state"), max_length=15, choices=EndpointState.choices, default=EndpointState.AWAITING_PICKUP
    )
    state_reason = models.CharField(_("why"), max_length=300, blank=True)

    waits = models.JSONField(_("waits"), default=default_waits)
    max_in_flight = models.PositiveSmallIntegerField(_("requests at once"), default=4)
    timeout_seconds = models.PositiveSmallIntegerField(_("time-out in seconds"), default=15)

    added_at = models.DateTimeField(_("added at"))

    # A secret that was agreed to and not made yet: who may pick it up, until when, and how long the old one then lives on.
    pickup_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("picks up")
    )
    pickup_until = models.DateTimeField(_("pick up until"), null=True, blank=True)
    pickup_overlap = models.DurationField(_("old secret lives on for"), null=True, blank=True)
    # Of the last consent to a secret, and of the last one to the address and what is sent to it. Ids, because approvals stand
    # above; their migration holds them to be true.
    approval_request_id = models.UUIDField(_("approval request"))
    terms_request_id = models.UUIDField(_("approval request of the terms"))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        default_permissions = ("view",)
        permissions = [
            ("add_endpoint", _("Can add a webhook endpoint to a partner")),
            ("change_endpoint", _("Can change a webhook endpoint")),
            ("resume_endpoint", _("Can let events be sent to a webhook endpoint again")),
            ("pause_endpoint", _("Can let events wait for a webhook endpoint")),
            ("disable_endpoint", _("Can disable a webhook endpoint")),
            ("reopen_endpoint", _("Can close the breaker of a webhook endpoint by hand")),
            ("send_test_event", _("Can send a test event to a webhook endpoint")),
            ("rotate_endpoint_secret", _("Can have a webhook endpoint's secret replaced")),
            ("pick_up_endpoint_secret", _("Can pick up a webhook endpoint's secret that was agreed to")),
        ]
        indexes = [
            # Whom an event of a partner's goes to, and the partner's own list.
            models.Index(fields=["partner", "id"], name="endpoint_of_partner"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=EndpointState.values), name="endpoint_state_known"),
            models.CheckConstraint(
                condition=models.Q(max_in_flight__gte=1, max_in_flight__lte=16), name="endpoint_in_flight_bounded"
            ),
            models.CheckConstraint(
                condition=models.Q(timeout_seconds__gte=1, timeout_seconds__lte=30), name="endpoint_timeout_bounded"
            ),
            models.CheckConstraint(
                condition=models.Q(pickup_by=None, pickup_until=None)
                | models.Q(pickup_by__isnull=False, pickup_until__isnull=False),
                name="endpoint_pickup_says_who",
            ),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def public_id(self) -> str:
        """The id that the partner sees: `wep_…`."""
        return ids.encode(self.ID_PREFIX, self.id)


class EndpointSecret(models.Model):
    """A secret with which what is sent to an endpoint is signed. It is needed as it is, so it is sealed and not hashed.

    At most two live at a time (`guards.sql`): each signs, so that the receiver can change over when it likes.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="secrets", verbose_name=_("endpoint"))
    secret = SealedTextField(_("secret"))
    hint = models.CharField(_("ends in"), max_length=4)
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    picked_up_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("picked up by")
    )
    approval_request_id = models.UUIDField(_("approval request"))

    class Meta:
        verbose_name = _("secret of a webhook endpoint")
        verbose_name_plural = _("secrets of webhook endpoints")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["approval_request_id"], name="endpoint_secret_once_per_consent"),
        ]

    def __str__(self) -> str:
        return f"…{self.hint}"
