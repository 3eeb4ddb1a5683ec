"""How an endpoint fares: who sends to it now, whether its breaker lets anything through, and what came of each minute.

Written by `notifications.carrying` and `notifications.services.health`. Apart from the endpoint, because it changes all the time.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.models.endpoint import Endpoint


class BreakerState(models.TextChoices):
    """Whether deliveries go through."""

    CLOSED = "CLOSED", _("closed: everything is sent")
    OPEN = "OPEN", _("open: nothing is sent")
    HALF_OPEN = "HALF_OPEN", _("half open: a few are sent as probes")


class EndpointHealth(models.Model):
    """One row for each endpoint, and its lock: whoever has the lease is the only one to send to it.

    Attributes:
        lease_token, lease_until, leased_by: the process that sends now. After `lease_until` another may take over.
        last_leased_at: those that waited longest are served first.
        not_before: the receiver asked for quiet (429, 503 with `Retry-After`).
        breaker_since: when the breaker came to its state.
        opened_in_a_row: how often it opened without having been closed by a real success rate in between.
        probe_at: when, while it is open, probes may be sent.
        probes_sent, probes_good: of the half-open round at hand.

    """

    endpoint = models.OneToOneField(
        Endpoint, models.PROTECT, primary_key=True, related_name="health", verbose_name=_("endpoint")
    )

    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(_("leased until"), null=True)
    leased_by = models.CharField(_("leased by"), max_length=64, blank=True)
    last_leased_at = models.DateTimeField(_("last served at"), null=True)
    not_before = models.DateTimeField(_("not before"), null=True)

    breaker = models.CharField(_("breaker"), max_length=9, choices=BreakerState.choices, default=BreakerState.CLOSED)
    breaker_since = models.DateTimeField(_("breaker since"), null=True)
    opened_in_a_row = models.PositiveSmallIntegerField(_("openings in a row"), default=0)
    probe_at = models.DateTimeField(_("probe at"), null=True)
    probes_sent = models.PositiveSmallIntegerField(_("probes sent"), default=0)
    probes_good = models.PositiveSmallIntegerField(_("probes that succeeded"), default=0)

    last_success_at = models.DateTimeField(_("last success"), null=True)
    last_failure_at = models.DateTimeField(_("last failure"), null=True)
    last_failure = models.CharField(_("last failure was"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("health record of a webhook endpoint")
        verbose_name_plural = _("health records of webhook endpoints")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=models.Q(breaker__in=BreakerState.values), name="breaker_state_known"),
            models.CheckConstraint(
                condition=models.Q(lease_token=None, lease_until=None)
                | models.Q(lease_token__isnull=False, lease_until__isnull=False),
                name="lease_says_until_when",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class EndpointMinute(models.Model):
    """What came of one minute's attempts at an endpoint: the breaker's window, and the cockpit's chart."""

    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="+", verbose_name=_("endpoint"))
    minute = models.DateTimeField(_("minute"))
    delivered = models.PositiveIntegerField(_("delivered"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    total_ms = models.BigIntegerField(_("milliseconds altogether"), default=0)
    slowest_ms = models.PositiveIntegerField(_("slowest in milliseconds"), default=0)

    class Meta:
        verbose_name = _("minute of a webhook endpoint")
        verbose_name_plural = _("minutes of webhook endpoints")
        default_permissions = ()
        constraints = [
            # One row a minute; also how the window and the chart are read.
            models.UniqueConstraint(fields=["endpoint", "minute"], name="endpoint_minute_once"),
        ]
        indexes = [
            # What is old enough to be forgotten.
            models.Index(fields=["minute"], name="endpoint_minute_old"),
        ]

    def __str__(self) -> str:
        return f"{self.minute:%Y-%m-%d %H:%M}"
