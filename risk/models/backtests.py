"""Back-tests of drafts. Written by `risk.services.backtests` only; docs/rules.md explains."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from risk.models.rules import RuleVersion


class BacktestState(models.TextChoices):
    """How far a back-test is. Stored: values never change."""

    RUNNING = "RUNNING", _("running")
    DONE = "DONE", _("done")
    CANCELLED = "CANCELLED", _("cancelled")
    FAILED = "FAILED", _("failed")


class RuleBacktest(models.Model):
    """What a version would have done to the movements of a time, beside the version that was active when it was asked for.

    It is worked off piece by piece: what was added up so far and how far it came are written together, so that whoever goes
    on after a killed worker counts nothing twice. What has ended stays as it is (trigger).

    Attributes:
        edition, condition: what was tried; a draft may have been edited since.
        compared_number, compared_condition: of the active version; empty without one.
        since, until: the moments of the movements, the last one not included.
        total: how many stored facts there were at the beginning.
        seen: how many of them are done.
        position: where the reader goes on; empty at the beginning.
        result: `risk.rules.tally.Tally` as JSON.
        fault: why it failed, in words.

    """

    ID_PREFIX = "bkt"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="backtests", verbose_name=_("version"))
    edition = models.PositiveIntegerField(_("edition"))
    condition = models.TextField(_("condition"))
    compared_number = models.PositiveIntegerField(_("compared with version"), null=True)
    compared_condition = models.TextField(_("condition compared with"), blank=True)

    since = models.DateTimeField(_("movements from"))
    until = models.DateTimeField(_("movements until"))

    state = models.CharField(_("state"), max_length=9, choices=BacktestState, default=BacktestState.RUNNING)
    total = models.PositiveIntegerField(_("stored facts"))
    seen = models.PositiveIntegerField(_("done"), default=0)
    position = models.CharField(_("position"), max_length=100, blank=True)
    result = models.JSONField(_("result"), default=dict)
    fault = models.TextField(_("fault"), blank=True)

    requested_at = models.DateTimeField(_("asked for at"))
    requested_by_id = models.CharField(_("maker's id"), max_length=64)
    requested_by_name = models.CharField(_("asked for by"), max_length=150)
    worked_at = models.DateTimeField(_("last worked at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("back-test")
        verbose_name_plural = _("back-tests")
        default_permissions = ("view",)
        permissions = [("run_backtest", _("Can try a rule over past movements"))]
        constraints = [
            # Workers share the machine with what moves money: one version is tried once at a time.
            models.UniqueConstraint(
                fields=["version"], condition=Q(state=BacktestState.RUNNING), name="backtest_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="backtest_has_length"),
            models.CheckConstraint(
                condition=Q(state=BacktestState.RUNNING, ended_at__isnull=True)
                | (
                    Q(state__in=[BacktestState.DONE, BacktestState.CANCELLED, BacktestState.FAILED])
                    & Q(ended_at__isnull=False)
                ),
                name="backtest_state_dated",
            ),
        ]
        indexes = [
            # What is to be worked off.
            models.Index(fields=["requested_at"], condition=Q(state=BacktestState.RUNNING), name="backtest_running"),
        ]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d} – {self.until:%Y-%m-%d}"

    @property
    def public_id(self) -> str:
        """The id that the audit trail records: `bkt_…`."""
        return ids.encode(self.ID_PREFIX, self.id)

    @property
    def percent(self) -> int:
        """How much of it is done, 0 to 100."""
        return min(100, 100 * self.seen // self.total) if self.total else 100
