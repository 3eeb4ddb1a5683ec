"""Sending again what did not arrive. Written by `notifications.services.replays`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.models.outbox import TransactionNumber
from notifications.models.endpoint import Endpoint


class ReplayKind(models.TextChoices):
    """What is sent again."""

    DEAD = "DEAD", _("everything that failed")
    ALL = "ALL", _("everything, as to an endpoint that saw none of it")


class ReplayState(models.TextChoices):
    """How far it has come."""

    QUEUED = "QUEUED", _("queued")
    RUNNING = "RUNNING", _("running")
    DONE = "DONE", _("done")
    STOPPED = "STOPPED", _("stopped: the endpoint was disabled")


class ReplayJob(models.Model):
    """One order to send a stretch of events to one endpoint again, worked off in pieces; any worker may go on with it.

    Attributes:
        since, until: of the events' announcement; `until` is when it was asked for.
        total: how many events there were to look at when it was asked for.
        xid: its transaction's number. What a later one announced is no business of it: that is being sent anyway.
        place_xid, place: transaction and key of the last message that was looked at; the outbox is read in their order.
        asked_by: actor's id and name, of a member of staff or of a partner's credential.

    """

    ID_PREFIX = "rpl"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="replays", verbose_name=_("endpoint"))
    kind = models.CharField(_("what"), max_length=4, choices=ReplayKind.choices)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"))

    state = models.CharField(_("state"), max_length=7, choices=ReplayState.choices, default=ReplayState.QUEUED)
    total = models.PositiveIntegerField(_("events"))
    looked_at = models.PositiveIntegerField(_("looked at"), default=0)
    sent_again = models.PositiveIntegerField(_("sent again"), default=0)
    xid = models.BigIntegerField(db_default=TransactionNumber(), editable=False)
    place_xid = models.BigIntegerField(default=0, editable=False)
    place = models.BigIntegerField(default=0, editable=False)

    asked_by = models.CharField(_("asked by"), max_length=64)
    asked_by_name = models.CharField(_("asked by"), max_length=200)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("asked at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("replay")
        verbose_name_plural = _("replays")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=ReplayState.values), name="replay_state_known"),
            # One at a time for each endpoint: two would look at the same events.
            models.UniqueConstraint(
                fields=["endpoint"], condition=models.Q(finished_at=None), name="replay_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("QUEUED", "RUNNING"), finished_at=None)
                | models.Q(state__in=("DONE", "STOPPED"), finished_at__isnull=False),
                name="replay_finished_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        """The id that people and partners see: `rpl_…`."""
        return ids.encode(self.ID_PREFIX, self.id)
