"""Limits: how much may leave an account in one go, in a day, in a month. Written by `accounts.services.limits`.

What counts against them is the business of `transactions.limits`.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


class LimitChannel(models.TextChoices):
    """The way an order comes in; a limit for all counts every way together."""

    ALL = "ALL", _("all channels together")
    STAFF = "STAFF", _("staff")
    PARTNER = "PARTNER", _("partner")
    SYSTEM = "SYSTEM", _("system")


class LimitPeriod(models.TextChoices):
    """What a limit adds up."""

    TRANSACTION = "TRANSACTION", _("per transaction")
    DAILY = "DAILY", _("daily")
    MONTHLY = "MONTHLY", _("monthly")


class AccountLimit(models.Model):
    """One limit of one account. `Account.has_limits` says whether there is any (`migrations/limit_guards.sql`).

    Attributes:
        amount: minor units of the account's currency; zero lets nothing out.

    """

    account = models.ForeignKey(
        "accounts.Account", models.PROTECT, related_name="limits", verbose_name=_("account"), db_index=False
    )
    channel = models.CharField(_("channel"), max_length=8, choices=LimitChannel)
    period = models.CharField(_("period"), max_length=12, choices=LimitPeriod)
    amount = models.BigIntegerField(_("amount"))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("limit")
        verbose_name_plural = _("limits")
        default_permissions = ()
        constraints = [
            # One figure for each; also how the limits of an account are read.
            models.UniqueConstraint(fields=["account", "channel", "period"], name="limit_once"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="limit_not_negative"),
            models.CheckConstraint(condition=models.Q(channel__in=LimitChannel.values), name="limit_channel_known"),
            models.CheckConstraint(condition=models.Q(period__in=LimitPeriod.values), name="limit_period_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_period_display()}, {self.get_channel_display()}"
