"""Interest on savings: rates, what accrues every day, what is posted every month.

Written by `transactions.services.interest` and `interest_posting`.
Amounts of accrued interest are exact: whole numbers of units of one 26,280,000,000th of a minor unit (`transactions.interest`).
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from transactions.models.turnover import WholeNumberField


class DayCount(models.TextChoices):
    """What a year is (ISDA 2006 Definitions, 4.16)."""

    ACT_365 = "ACT_365", _("actual/365 fixed")
    ACT_360 = "ACT_360", _("actual/360")


class InterestRate(models.Model):
    """What a product pays in a currency from a day on, until the next rate's day. Append-only.

    Attributes:
        rate: millionths per year: 27,500 is 2.75 % p.a.

    """

    ID_PREFIX = "ir"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    product = models.ForeignKey(
        "accounts.Product", models.PROTECT, related_name="+", verbose_name=_("product"), db_index=False
    )
    currency = models.CharField(_("currency"), max_length=3)
    rate = models.PositiveIntegerField(_("rate"))
    day_count = models.CharField(_("day count"), max_length=7, choices=DayCount)
    valid_from = models.DateField(_("valid from"))
    created_at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("interest rate")
        verbose_name_plural = _("interest rates")
        default_permissions = ("view",)
        permissions = [("set_interest_rate", _("Can set an interest rate"))]
        constraints = [
            # The rate of a day is one; also how it is found.
            models.UniqueConstraint(fields=["product", "currency", "valid_from"], name="interest_rate_once"),
            models.CheckConstraint(condition=models.Q(rate__lte=1_000_000), name="interest_rate_at_most_100_percent"),
            models.CheckConstraint(condition=models.Q(day_count__in=DayCount.values), name="interest_day_count_known"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.currency} from {self.valid_from}"

    @property
    def public_id(self) -> str:
        """The id it has in the audit trail: `ir_…`."""
        return ids.encode(self.ID_PREFIX, self.id)


class InterestAccrual(models.Model):
    """The interest of one account for one day, as the books stood at one version of its balance. Append-only.

    A booking for a day that had its interest already leads to one more row for that day: the difference.

    Attributes:
        version: the newest posting of the account that the row knows of.
        balance: at the end of the day in minor units, nothing where it was below zero; without interest credited that day,
            which earns from the next day on.
        rate: millionths per year.
        units: the day's interest; of a correction, what is added to the rows before it, or taken away.
        run_date: the end of day that wrote it.

    """

    pk = models.CompositePrimaryKey("account_id", "date", "version")
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+", db_index=False)
    date = models.DateField(_("date"))
    version = models.BigIntegerField(_("version"))
    balance = models.BigIntegerField(_("balance"))
    rate = models.PositiveIntegerField(_("rate"))
    day_count = models.CharField(_("day count"), max_length=7, choices=DayCount)
    units = WholeNumberField(_("interest"))
    is_correction = models.BooleanField(_("correction"))
    run_date = models.DateField(_("accrued at the end of"))

    class Meta:
        verbose_name = _("accrued interest of a day")
        verbose_name_plural = _("accrued interest by day")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=models.Q(balance__gte=0), name="accrual_balance_not_negative"),
            # Only a correction takes back.
            models.CheckConstraint(
                condition=models.Q(is_correction=True) | models.Q(units__gt=0), name="accrual_units_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"interest of {self.account_id} for {self.date}"


class AccruedInterest(models.Model):
    """What an account has earned and not been paid yet: its accruals less its postings, to the unit.

    Attributes:
        since, through: the first and the last day that accrued.
        version: the newest posting of the account that accruals know of.

    """

    account = models.OneToOneField("accounts.Account", models.PROTECT, primary_key=True, related_name="+")
    since = models.DateField(_("since"))
    through = models.DateField(_("through"))
    version = models.BigIntegerField(_("version"))
    units = WholeNumberField(_("accrued and not posted"))

    class Meta:
        verbose_name = _("accrued interest")
        verbose_name_plural = _("accrued interest")
        default_permissions = ()

    def __str__(self) -> str:
        return f"accrued interest of {self.account_id}"


class InterestPosting(models.Model):
    """The interest of one account for one month, or until it was closed, credited to it. Append-only.

    Attributes:
        month: its first day; of what was credited at a closing, the day of that.
        posted_on: the business date on which it was credited.
        accrued: units before.
        amount: minor units.
        carried: units after: carried into the next month.

    """

    pk = models.CompositePrimaryKey("account_id", "month")
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+", db_index=False)
    month = models.DateField(_("month"))
    posted_on = models.DateField(_("posted on"))
    accrued = WholeNumberField(_("accrued"))
    amount = models.BigIntegerField(_("amount"))
    carried = WholeNumberField(_("carried forward"))
    transaction = models.OneToOneField(
        "transactions.Transaction", models.PROTECT, related_name="interest_posting", verbose_name=_("transaction")
    )

    class Meta:
        verbose_name = _("posted interest")
        verbose_name_plural = _("posted interest")
        default_permissions = ()
        constraints = [
            # That nothing is lost (accrued = posted + carried) is a check in migrations/interest_guards.sql.
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="interest_posting_positive"),
        ]

    def __str__(self) -> str:
        return f"interest of {self.account_id} for {self.month}"
