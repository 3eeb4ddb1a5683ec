"""Alerts: what somebody must look at, one queue for all kinds. Written by `risk.services.alerts` and `risk.services.alert_work`.

Why it was raised, whom and what it is about and who may not work it stand in rows of their own, which are never changed.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.money import Money
from risk.bands import SCORE_MAX, Band


class AlertKind(models.TextChoices):
    """What raised it."""

    TRANSACTION = "TRANSACTION", _("movement of money")
    SCREENING = "SCREENING", _("name on a list")
    MONITORING = "MONITORING", _("pattern seen afterwards")


class AlertState(models.TextChoices):
    NEW = "NEW", _("waiting")
    ASSIGNED = "ASSIGNED", _("being worked")
    IN_CASE = "IN_CASE", _("part of a case")
    CLOSED = "CLOSED", _("closed")


OPEN_ALERT = (AlertState.NEW, AlertState.ASSIGNED, AlertState.IN_CASE)
"""The states of alerts that are not decided yet. Of these there is one at most about the same thing."""

IN_QUEUE = (AlertState.NEW, AlertState.ASSIGNED)
"""The states of alerts that stand in the queue; those in a case are worked there."""


class AlertOutcome(models.TextChoices):
    """What it came to. A case knows the same three."""

    CONFIRMED = "CONFIRMED", _("confirmed")
    FALSE_POSITIVE = "FALSE_POSITIVE", _("false positive")
    REPORTED = "REPORTED", _("reported to the authority")


class Alert(models.Model):
    """Something to be looked at by a person. While it is open, what is raised about the same thing again is counted here.

    Attributes:
        score: 0 to 1000, the highest it was raised with; `priority` is its band.
        urgent_since: the queue's order, the earliest first: the moment it was raised, put back by so many minutes for each
            point of the score (`risk.services.urgency`). So the risky ones go first, and none waits for ever.
        due_at: the end of the business day by which it must be decided.
        dedupe_key: what it is about, in the words of who raised it; one open alert has it.
        movement_id, movement_reference: the movement it is about (`tr_…`, `TR-2026-000123`), where there is one.
        amount: in minor units, where the money at stake is known.
        stopped: whether that money was kept from moving.
        assessment_id: the assessment that raised it.
        raised_count: how often it was raised; `last_raised_at` is the latest time.
        reminded_at, escalated_at: when its assignee, and then the head of risk, were told that it is overdue.

    """

    ID_PREFIX = "alr"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    reference = models.CharField(_("reference"), max_length=20)
    kind = models.CharField(_("kind"), max_length=12, choices=AlertKind)
    dedupe_key = models.CharField(_("about the same as"), max_length=200)

    score = models.PositiveSmallIntegerField(_("score"))
    priority = models.CharField(_("priority"), max_length=6, choices=Band)
    state = models.CharField(_("state"), max_length=8, choices=AlertState, default=AlertState.NEW)
    outcome = models.CharField(_("outcome"), max_length=14, choices=AlertOutcome, blank=True)

    movement_id = models.CharField(_("movement id"), max_length=64, blank=True)
    movement_reference = models.CharField(_("movement"), max_length=20, blank=True)
    assessment_id = models.UUIDField(_("assessment"), null=True)
    amount = models.BigIntegerField(_("amount"), null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    stopped = models.BooleanField(_("money was stopped"), default=False)
    branch = models.ForeignKey("staff.Branch", models.PROTECT, null=True, related_name="+", verbose_name=_("branch"))

    raised_at = models.DateTimeField(_("raised at"))
    last_raised_at = models.DateTimeField(_("last raised at"))
    raised_count = models.PositiveIntegerField(_("times raised"), default=1)
    urgent_since = models.DateTimeField(_("place in the queue"))
    due_at = models.DateTimeField(_("due"))
    reminded_at = models.DateTimeField(_("assignee reminded at"), null=True)
    escalated_at = models.DateTimeField(_("head of risk told at"), null=True)

    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("worked by"),
        db_index=False,  # `alert_of_assignee`
    )
    assigned_at = models.DateTimeField(_("taken at"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closed_by_id = models.CharField(max_length=64, blank=True)
    closed_by_name = models.CharField(_("closed by"), max_length=150, blank=True)
    close_reason = models.CharField(_("why"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        default_permissions = ("view",)
        permissions = [
            ("work_alert", _("Can take, hand back and close alerts")),
            ("reassign_alert", _("Can hand an alert to somebody else")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="alert_reference_once"),
            # What is raised about the same thing again is the same alert, until it is decided.
            models.UniqueConstraint(
                fields=["dedupe_key"], name="alert_open_once", condition=models.Q(state__in=list(OPEN_ALERT))
            ),
            models.CheckConstraint(condition=models.Q(kind__in=AlertKind.values), name="alert_kind_known"),
            models.CheckConstraint(condition=models.Q(state__in=AlertState.values), name="alert_state_known"),
            models.CheckConstraint(condition=models.Q(priority__in=Band.values), name="alert_priority_known"),
            models.CheckConstraint(condition=models.Q(score__lte=SCORE_MAX), name="alert_score_within"),
            models.CheckConstraint(condition=~models.Q(dedupe_key=""), name="alert_is_about_something"),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True, currency="")
                | models.Q(amount__isnull=False, amount__gte=0) & ~models.Q(currency=""),
                name="alert_amount_has_currency",
            ),
            # Somebody works it, or it waits: never half of it.
            models.CheckConstraint(
                condition=models.Q(state=AlertState.NEW, assignee=None, assigned_at=None)
                | models.Q(state=AlertState.ASSIGNED, assignee__isnull=False, assigned_at__isnull=False)
                | models.Q(state__in=[AlertState.IN_CASE, AlertState.CLOSED]),
                name="alert_assigned_to_somebody",
            ),
            # Decided is: what it came to, when and by whom.
            models.CheckConstraint(
                condition=models.Q(state=AlertState.CLOSED, outcome__in=AlertOutcome.values, closed_at__isnull=False)
                & ~models.Q(closed_by_id="")
                | ~models.Q(state=AlertState.CLOSED) & models.Q(outcome="", closed_at=None, closed_by_id=""),
                name="alert_closed_with_outcome",
            ),
        ]
        indexes = [
            # Take-next and the queue: what nobody works, the most urgent first.
            models.Index(
                fields=["urgent_since", "id"], name="alert_queue", condition=models.Q(state=AlertState.NEW.value)
            ),
            # Somebody's own, the most urgent first.
            models.Index(
                fields=["assignee", "urgent_since", "id"],
                name="alert_of_assignee",
                condition=models.Q(state=AlertState.ASSIGNED.value),
            ),
            # The list of what is open, the most urgent first.
            models.Index(
                fields=["urgent_since", "id"],
                name="alert_open",
                condition=models.Q(state__in=[state.value for state in IN_QUEUE]),
            ),
            # Reminders: what is late, the latest first.
            models.Index(
                fields=["due_at", "id"],
                name="alert_due",
                condition=models.Q(state__in=[state.value for state in IN_QUEUE]),
            ),
            # The daily report and the tuning view: what came in, and what was decided, over a range of time.
            models.Index(fields=["raised_at", "id"], name="alert_by_time"),
            models.Index(
                fields=["closed_at", "id"], name="alert_by_closing", condition=models.Q(closed_at__isnull=False)
            ),
            # A movement's alerts, on its page.
            models.Index(fields=["movement_id"], name="alert_of_movement", condition=~models.Q(movement_id="")),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def public_id(self) -> str:
        """The id the audit trail names it by: `alr_…`."""
        return ids.encode(self.ID_PREFIX, self.id)

    @property
    def money(self) -> Money | None:
        """The money at stake, where it is known."""
        return None if self.amount is None else Money(self.amount, self.currency)

    @property
    def is_open(self) -> bool:
        """Whether it is still to be decided."""
        return self.state in OPEN_ALERT


class AlertReason(models.Model):
    """One reason of an alert: a code to count by, and words for people. Append-only.

    Attributes:
        code: of a rule, of a list's hit or of a pattern.
        text: what it says, where no sentence is declared for the code (`risk.reason_words`).
        values: what the declared sentence fills in; JSON primitives.
        weight: how much it weighs in the score.

    """

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="reasons", db_index=False)
    code = models.CharField(_("reason code"), max_length=80)
    text = models.CharField(_("reason"), max_length=500)
    values = models.JSONField(default=dict)
    weight = models.PositiveSmallIntegerField(_("weight"), default=0)
    added_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("reason of an alert")
        verbose_name_plural = _("reasons of alerts")
        default_permissions = ()
        constraints = [
            # An alert gives a reason once, however often it is raised; also how a page reads them.
            models.UniqueConstraint(fields=["alert", "code"], name="alert_reason_once"),
        ]
        indexes = [
            # The tuning view: what a rule raised, over a range of time.
            models.Index(fields=["code", "added_at", "alert"], name="alert_reason_by_code"),
        ]

    def __str__(self) -> str:
        return self.code


class AlertCustomer(models.Model):
    """A customer an alert is about. Append-only."""

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="about_customers", db_index=False)
    customer = models.ForeignKey("accounts.Customer", models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("customer of an alert")
        verbose_name_plural = _("customers of alerts")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["alert", "customer"], name="alert_customer_once")]
        indexes = [
            # A customer's alerts, the newest first: keys rise with time.
            models.Index(fields=["customer", "-alert"], name="alert_by_customer"),
        ]

    def __str__(self) -> str:
        return f"customer {self.customer_id} of alert {self.alert_id}"


class AlertAccount(models.Model):
    """An account an alert is about. Append-only."""

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="about_accounts", db_index=False)
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("account of an alert")
        verbose_name_plural = _("accounts of alerts")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["alert", "account"], name="alert_account_once")]
        indexes = [
            # An account's alerts, the newest first.
            models.Index(fields=["account", "-alert"], name="alert_by_account"),
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} of alert {self.alert_id}"


class ConflictCause(models.TextChoices):
    """Why somebody may not work an alert."""

    MADE_IT = "MADE_IT", _("ordered or approved what it is about")
    ABOUT_THEM = "ABOUT_THEM", _("it is about them")
    DECLARED = "DECLARED", _("said so themselves")


class AlertConflict(models.Model):
    """Somebody who may not work an alert (trigger `alert_worked_by_nobody_concerned`). Append-only."""

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="conflicts", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    cause = models.CharField(_("why"), max_length=10, choices=ConflictCause)
    noted_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("conflict of interest")
        verbose_name_plural = _("conflicts of interest")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["alert", "user"], name="alert_conflict_once"),
            models.CheckConstraint(condition=models.Q(cause__in=ConflictCause.values), name="alert_conflict_known"),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} and alert {self.alert_id}"
