"""What is to be sent where, and every attempt at it. Written by `notifications.carrying` and `notifications.services.replays`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.models import OutboxMessage
from notifications.models.endpoint import Endpoint


class DeliveryState(models.TextChoices):
    """How far a delivery has come."""

    PENDING = "PENDING", _("pending")
    DELIVERED = "DELIVERED", _("delivered")
    DEAD = "DEAD", _("dead letter")


class Delivery(models.Model):
    """One event on its way to one endpoint. A receiver knows it by the event's id, the same at every attempt.

    Attributes:
        event_id, topic, subject_id, sequence, announced_at: the event's (`bankops.core.outbox.Event`), for lists and order.
        tries: attempts that had an outcome since it was first sent or last replayed: they count towards its end.
        attempts: all there ever were.
        sending_since: it is being sent, by whoever has the endpoint's lease; to the next one, that it may have arrived.
        replayed_at: when somebody last had it sent again; it waits since then, else since `created_at`.
        why: of a dead letter, the code of the reason.

    """

    ID_PREFIX = "dlv"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    endpoint = models.ForeignKey(
        Endpoint, models.PROTECT, related_name="deliveries", verbose_name=_("endpoint"), db_index=False
    )
    message = models.ForeignKey(
        OutboxMessage, models.PROTECT, related_name="+", verbose_name=_("message"), db_index=False
    )

    event_id = models.UUIDField(_("event id"))
    topic = models.CharField(_("event type"), max_length=80)
    subject_id = models.CharField(_("record id"), max_length=64)
    sequence = models.PositiveIntegerField(_("sequence"))
    announced_at = models.DateTimeField(_("announced at"))

    state = models.CharField(_("state"), max_length=9, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    why = models.CharField(_("why"), max_length=40, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)

    created_at = models.DateTimeField(_("created at"))
    replayed_at = models.DateTimeField(_("sent again at"), null=True)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True)
    sending_since = models.DateTimeField(_("being sent since"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        default_permissions = ("view",)
        permissions = [("replay_deliveries", _("Can have events sent again"))]
        constraints = [
            # An event goes to an endpoint once, whoever fans it out. Also the index of the message's foreign key.
            models.UniqueConstraint(fields=["message", "endpoint"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(state="PENDING", next_attempt_at__isnull=False, finished_at=None, why="")
                | Q(state="DELIVERED", next_attempt_at=None, finished_at__isnull=False, why="")
                | (Q(state="DEAD", next_attempt_at=None, finished_at__isnull=False) & ~Q(why="")),
                name="delivery_state_says_what_next",
            ),
        ]
        indexes = [
            # The sender's work list.
            models.Index(
                fields=["endpoint", "next_attempt_at", "id"], name="delivery_due", condition=Q(state="PENDING")
            ),
            # Whether anything waits too long, and since when the oldest waits.
            models.Index(
                "endpoint", Coalesce("replayed_at", "created_at"), name="delivery_waiting", condition=Q(state="PENDING")
            ),
            # What a sender that died may have sent.
            models.Index(fields=["endpoint"], name="delivery_sending", condition=Q(sending_since__isnull=False)),
            # Lists: of an endpoint, of what is in a state, of a type, and of an endpoint's dead letters by age.
            models.Index(fields=["endpoint", "-id"], name="delivery_of_endpoint"),
            models.Index(fields=["state", "-id"], name="delivery_in_state"),
            models.Index(fields=["topic", "-id"], name="delivery_of_type"),
            models.Index(fields=["endpoint", "announced_at"], name="delivery_dead", condition=Q(state="DEAD")),
            # Where an event went.
            models.Index(fields=["event_id"], name="delivery_of_event"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.public_id}"

    @property
    def public_id(self) -> str:
        """The id that the partner sees: `dlv_…`."""
        return ids.encode(self.ID_PREFIX, self.id)

    @property
    def public_event_id(self) -> str:
        """The event's id, which is sent as `webhook-id`: `evt_…`."""
        return ids.encode(OutboxMessage.ID_PREFIX, self.event_id)


class Outcome(models.TextChoices):
    """What came of an attempt."""

    DELIVERED = "DELIVERED", _("delivered")
    REFUSED = "REFUSED", _("answered with an error")  # any status but 2xx, redirects among them
    TIMED_OUT = "TIMED_OUT", _("timed out")
    UNREACHABLE = "UNREACHABLE", _("could not be reached")
    TLS_FAILED = "TLS_FAILED", _("TLS failed")
    FORBIDDEN_ADDRESS = "FORBIDDEN_ADDRESS", _("its address is not a public one")
    BROKEN_ANSWER = "BROKEN_ANSWER", _("its answer could not be read")
    INTERRUPTED = "INTERRUPTED", _("interrupted: it may have arrived")  # the sender died; no fault of the receiver's


class Attempt(models.Model):
    """One request to an endpoint and its answer. Signatures are masked; headers and body are dropped after a time.

    Attributes:
        number: the how-manieth of its delivery, from 1.
        request_headers, answer_headers: as sent and as received; signatures masked.
        answer: the first bytes of the answer's body, as text.
        error: what the library or the network said, where there was no answer.

    """

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="history", verbose_name=_("delivery"))
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="+", verbose_name=_("endpoint"), db_index=False)
    number = models.PositiveIntegerField(_("number"))
    started_at = models.DateTimeField(_("started at"))
    duration_ms = models.PositiveIntegerField(_("milliseconds"))

    outcome = models.CharField(_("outcome"), max_length=17, choices=Outcome.choices)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    error = models.CharField(_("error"), max_length=200, blank=True)
    next_attempt_at = models.DateTimeField(_("next attempt then planned"), null=True)

    request_headers = models.JSONField(_("headers sent"), default=dict)
    answer_headers = models.JSONField(_("headers received"), default=dict)
    answer = models.TextField(_("answer"), blank=True)
    dropped_at = models.DateTimeField(_("headers and answer dropped at"), null=True)

    class Meta:
        verbose_name = _("delivery attempt")
        verbose_name_plural = _("delivery attempts")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="attempt_outcome_known"),
        ]
        indexes = [
            # Lists: of an endpoint, and of what went wrong there. The list of all goes by key.
            models.Index(fields=["endpoint", "-id"], name="attempt_of_endpoint"),
            models.Index(fields=["endpoint", "-id"], name="attempt_failed", condition=~Q(outcome="DELIVERED")),
            models.Index(fields=["outcome", "-id"], name="attempt_with_outcome", condition=~Q(outcome="DELIVERED")),
            # What is old enough for its headers and answer to be dropped.
            models.Index(fields=["started_at"], name="attempt_undropped", condition=Q(dropped_at=None)),
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk}"
