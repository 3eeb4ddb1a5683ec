"""What monitoring found and where it stands. Written by `risk.services.monitoring` only; docs/monitoring.md explains."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from bankops.core import ids
from bankops.core.money import Money
from risk.patterns.records import Family
from risk.patterns.wording import FAMILY_NAMES


class Pattern(models.Model):
    """Movements that make up a suspicious shape together. It grows while they go on, and never loses one.

    Attributes:
        key: of the shape, for as long as it grows.
        subject: the account that it is about; as in `MovedMoney.payer`.
        account: the same, where it is one of ours.
        accounts: in order of their first appearance.
        movements: ids of the transactions.
        amount: their sum, in minor units of the bank's base currency.
        score: 0 to 999; 500 is a shape just large enough for a bank that is not known yet.
        usual: how many new partners the subject has otherwise in so long a time; of fans and hubs only. In tenths.
        grown_at: when monitoring last added to it.

    """

    ID_PREFIX = "pat"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    key = models.CharField(_("key"), max_length=64, unique=True)

    family = models.CharField(_("family"), max_length=16, choices=[(one.value, FAMILY_NAMES[one]) for one in Family])
    subject = models.CharField(_("subject"), max_length=40)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="patterns", verbose_name=_("account"))
    accounts = ArrayField(models.CharField(max_length=40), default=list, verbose_name=_("accounts"))
    movements = ArrayField(models.UUIDField(), default=list, verbose_name=_("movements"))
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    score = models.PositiveSmallIntegerField(_("score"))
    usual = models.PositiveIntegerField(_("usual"))

    began = models.DateTimeField(_("began"))
    ended = models.DateTimeField(_("ended"))
    found_at = models.DateTimeField(_("found at"))
    grown_at = models.DateTimeField(_("grown at"))

    class Meta:
        verbose_name = _("pattern")
        verbose_name_plural = _("patterns")
        default_permissions = ("view",)
        indexes = [
            # The list, latest first.
            models.Index(fields=["-grown_at", "-id"], name="patterns_latest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended__gte=models.F("began")), name="pattern_ends_after_it_began"
            ),
            models.CheckConstraint(condition=models.Q(score__lte=999), name="pattern_score_within_bounds"),
        ]

    def __str__(self) -> str:
        return f"{self.family} {self.key}"

    @property
    def public_id(self) -> str:
        return ids.encode(self.ID_PREFIX, self.pk)

    @property
    def money(self) -> Money:
        """What moved, all together."""
        return Money(self.amount, self.currency)


class MonitorState(models.Model):
    """How far monitoring is, and what it remembers: one row, number 1.

    Attributes:
        fed_below: whatever an older database transaction wrote into `MovedMoney` has been looked at.
        fed_until: the latest moment that was looked at; None before the first.
        memory: of the monitor, compressed and encrypted; empty before the first run. Whoever cannot open it makes a new one.

    """

    id = models.SmallIntegerField(primary_key=True)
    fed_below = models.BigIntegerField(_("fed below"), default=0)
    fed_until = models.DateTimeField(_("fed until"), null=True)
    memory = models.BinaryField(_("memory"), default=b"")

    class Meta:
        verbose_name = _("state of monitoring")
        verbose_name_plural = _("state of monitoring")
        default_permissions = ()

    def __str__(self) -> str:
        return f"below {self.fed_below}"
