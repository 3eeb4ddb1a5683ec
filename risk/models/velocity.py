"""What moved before, counted by whom it concerns. Written by `risk.velocity` only; docs/velocity.md explains.

A movement leaves rows in the tail, in its own transaction and without waiting for anybody. A moment later the folder adds
them to the counters and takes them away. Readers look at both, so a movement counts once and from its commit on.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core.models.outbox import TransactionNumber


class VelocityKind(models.TextChoices):
    """Whose movements a counter counts."""

    PAYER = "payer", _("the account that pays")
    PAYEE = "payee", _("whoever is paid")
    CUSTOMER = "customer", _("the customer whose movement it is")
    DEVICE = "device", _("the device it is ordered from")
    PAIR = "pair", _("an account that pays and whom it pays")
    CUSTOMER_DEVICE = "cust_device", _("a customer and a device")
    CUSTOMER_COUNTRY = "cust_country", _("a customer and a country of its network")
    CASH = "cash", _("the cash of a customer")
    REFUNDED = "refunded", _("whoever gets money back")


class VelocityTail(models.Model):
    """A movement and one it concerns, until the folder has counted it.

    Attributes:
        key: whom it concerns, as a digest (`risk.velocity.subjects`): the counter's key.
        xid: its transaction. Readers pass over what is older than `VelocityFold.folded_below`.
        slot: the five seconds of its moment, counted from 1970.
        amount: in minor units of the bank's base currency.
        payee, payer: digests of the two sides, where the counter tells different ones apart.
        country: where it was ordered from, for the customer's row.

    """

    key = models.UUIDField(_("key"))
    kind = models.CharField(_("kind"), max_length=12, choices=VelocityKind)
    xid = models.BigIntegerField(db_default=TransactionNumber(), editable=False)

    moment = models.DateTimeField(_("moment"))
    slot = models.IntegerField(_("slot"))
    amount = models.BigIntegerField(_("amount"))
    payee = models.BigIntegerField(_("payee"), null=True)
    payer = models.BigIntegerField(_("payer"), null=True)
    country = models.CharField(_("country"), max_length=2, blank=True)

    class Meta:
        verbose_name = _("movement to be counted")
        verbose_name_plural = _("movements to be counted")
        default_permissions = ()
        indexes = [
            # A reader finds what is not folded yet of one key, whatever dead rows lie before.
            models.Index(fields=["key", "xid"], name="velocity_tail_of_key"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="velocity_amount_not_negative"),
            models.CheckConstraint(condition=models.Q(kind__in=VelocityKind.values), name="velocity_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class VelocityCounter(models.Model):
    """All that is counted of one whom movements concern, as far as it is folded.

    Time is kept in slots of five seconds since 1970. The older an entry, the coarser: five seconds, a minute, an hour, a
    day (UTC). `slots`, `counts` and `sums` belong together element by element, and so do the others and their times.

    Attributes:
        slots, counts, sums: when, how many, how much (minor units of the base currency; never more than fits a bigint).
        payees, payees_at, payers, payers_at: different ones and when each was last seen; the latest thousand.
        country, country_at: where the latest movement that tells was ordered from.

    """

    key = models.UUIDField(_("key"), primary_key=True)
    kind = models.CharField(_("kind"), max_length=12, choices=VelocityKind)

    first_seen = models.DateTimeField(_("first seen"))
    last_seen = models.DateTimeField(_("last seen"))
    country = models.CharField(_("country"), max_length=2, blank=True)
    country_at = models.DateTimeField(_("country seen"), null=True)

    slots = ArrayField(models.IntegerField(), verbose_name=_("slots"))
    counts = ArrayField(models.IntegerField(), verbose_name=_("counts"))
    sums = ArrayField(models.BigIntegerField(), verbose_name=_("sums"))
    payees = ArrayField(models.BigIntegerField(), verbose_name=_("payees"))
    payees_at = ArrayField(models.IntegerField(), verbose_name=_("payees seen"))
    payers = ArrayField(models.BigIntegerField(), verbose_name=_("payers"))
    payers_at = ArrayField(models.IntegerField(), verbose_name=_("payers seen"))

    class Meta:
        verbose_name = _("counter of movements")
        verbose_name_plural = _("counters of movements")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class VelocityFold(models.Model):
    """How far the folder is: one row, number 1.

    Attributes:
        folded_below: whatever a transaction with a lower number left in the tail is in the counters.

    """

    id = models.SmallIntegerField(primary_key=True)
    folded_below = models.BigIntegerField(_("folded below"))

    class Meta:
        verbose_name = _("state of the folder")
        verbose_name_plural = _("state of the folder")
        default_permissions = ()

    def __str__(self) -> str:
        return f"below {self.folded_below}"
