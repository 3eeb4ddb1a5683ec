"""Standing orders and what became of each payment. Written by `transactions.services.standing_orders` and the bank import."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.business_days import OnHoliday
from bankops.core.money import Money
from bankops.core.sealed import SealedTextField
from transactions.models.transaction import Channel


class OrderState(models.TextChoices):
    ACTIVE = "ACTIVE", _("active")
    SUSPENDED = "SUSPENDED", _("suspended")
    ENDED = "ENDED", _("ended")
    COMPLETED = "COMPLETED", _("completed")


class Unit(models.TextChoices):
    WEEK = "WEEK", _("weeks")
    MONTH = "MONTH", _("months")


class HolidayRule(models.TextChoices):
    """`OnHoliday` in words."""

    FOLLOWING = OnHoliday.FOLLOWING.value, _("the next business day")
    MODIFIED_FOLLOWING = (
        OnHoliday.MODIFIED_FOLLOWING.value,
        _("the next business day of the same month, else the last one"),
    )


OPEN_STATES = (OrderState.ACTIVE, OrderState.SUSPENDED)


class StandingOrder(models.Model):
    """A customer's order to pay the same amount again and again, to an account here or at another bank.

    Attributes:
        every, unit: every 3 months, every 2 weeks.
        day: of the month, for months: 31 is the last day of a shorter one.
        first_date, last_date: of the schedule, both inclusive; `last_date` null for an open order.
        next_date: of the schedule: the next payment not made, retried or skipped yet; null when there is none any more. An
            active order without one waits for a last payment to be made or given up.
        next_due: the business day on which it is paid.
        retry_days: on how many business days after it is tried again before it is skipped.
        version: +1 with every change that people make; running does not count.
        channel: the way its terms came in: its payments count against the account's limits for that way as well.
        creation_key: the maker and the maker's own key; null when the order cannot repeat.
        payee_name: of a payee at another bank; null for one of ours, and of an order that was taken over without it.
        payee_lists_version: of the lists that the payee's name was last held against; null: not yet, or of another name.
        payee_looked_at: when it was last held against the lists, or could not be, or was named, whichever is latest.
        payee_failure: the name of the fault for which it could not be; it is tried again later. Else empty.
        payee_alert: what the alert about it is known by, where it met somebody on a list; else empty.

    """

    ID_PREFIX = "so"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account = models.ForeignKey(
        "accounts.Account", models.PROTECT, related_name="standing_orders", verbose_name=_("account")
    )
    state = models.CharField(_("state"), max_length=9, choices=OrderState, default=OrderState.ACTIVE)
    version = models.PositiveIntegerField(_("version"), default=1)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel, default=Channel.IMPORT, editable=False)

    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)

    payee_account = models.ForeignKey(
        "accounts.Account",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="standing_orders_in",
        verbose_name=_("payee's account"),
    )
    counterparty_bank = models.CharField(_("bank of the payee"), max_length=40, blank=True)
    counterparty_account = models.CharField(_("account of the payee"), max_length=40, blank=True)
    payee_name = SealedTextField(_("payee's name"), null=True, blank=True)
    payee_lists_version = models.BigIntegerField(_("lists it was held against"), null=True, editable=False)
    payee_looked_at = models.DateTimeField(_("looked at"), null=True, editable=False)
    payee_failure = models.CharField(_("why it failed"), max_length=100, blank=True, db_default="", editable=False)
    payee_alert = models.CharField(_("alert about it"), max_length=200, blank=True, db_default="", editable=False)
    purpose = models.CharField(_("purpose"), max_length=60, blank=True)

    every = models.PositiveSmallIntegerField(_("every"), default=1)
    unit = models.CharField(_("unit"), max_length=5, choices=Unit, default=Unit.MONTH)
    day = models.PositiveSmallIntegerField(_("day of the month"), null=True, blank=True)
    first_date = models.DateField(_("first payment"), null=True)
    last_date = models.DateField(_("last payment"), null=True, blank=True)
    on_holiday = models.CharField(_("on a holiday"), max_length=18, choices=HolidayRule, default=HolidayRule.FOLLOWING)
    retry_days = models.PositiveSmallIntegerField(_("retry on business days"), default=3)
    next_date = models.DateField(_("next payment"), null=True, editable=False)
    next_due = models.DateField(_("due on"), null=True, editable=False)

    external_reference = models.CharField(_("reference at another system"), max_length=60, blank=True)
    creation_key = models.CharField(_("creation key"), max_length=350, null=True, editable=False)  # noqa: DJ001 - unique

    class Meta:
        verbose_name = _("standing order")
        verbose_name_plural = _("standing orders")
        default_permissions = ("view",)
        permissions = [
            ("create_standing_order", _("Can create a standing order")),
            ("change_standing_order", _("Can change a standing order")),
            ("suspend_standing_order", _("Can suspend a standing order")),
            ("resume_standing_order", _("Can resume a standing order")),
            ("end_standing_order", _("Can end a standing order")),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="standing_order_amount_positive"),
            models.CheckConstraint(
                condition=models.Q(unit=Unit.MONTH, day__gte=1, day__lte=31)
                | models.Q(unit=Unit.WEEK, day__isnull=True),
                name="standing_order_day_of_month",
            ),
            models.CheckConstraint(
                condition=models.Q(every__gte=1, every__lte=60, retry_days__lte=10), name="standing_order_schedule_sane"
            ),
            models.CheckConstraint(
                condition=models.Q(on_holiday__in=HolidayRule.values), name="standing_order_holiday_rule_known"
            ),
            models.CheckConstraint(condition=models.Q(channel__in=Channel.values), name="standing_order_channel_known"),
            # One payee: an account here, or one at another bank. An order taken over without one waits for it.
            models.CheckConstraint(
                condition=models.Q(payee_account__isnull=False, counterparty_account="")
                | (models.Q(payee_account__isnull=True) & ~models.Q(counterparty_account=""))
                | (models.Q(payee_account__isnull=True, counterparty_account="") & ~models.Q(state=OrderState.ACTIVE)),
                name="standing_order_one_payee",
            ),
            models.CheckConstraint(
                condition=~models.Q(payee_account=models.F("account")), name="standing_order_two_accounts"
            ),
            # The states there are. Nothing is due after the end, or while only a last payment is tried again.
            models.CheckConstraint(
                condition=models.Q(state=OrderState.ACTIVE, next_date__isnull=False, next_due__isnull=False)
                | models.Q(state=OrderState.SUSPENDED)
                | models.Q(
                    state__in=(OrderState.ACTIVE, OrderState.ENDED, OrderState.COMPLETED),
                    next_date__isnull=True,
                    next_due__isnull=True,
                ),
                name="standing_order_due_while_active",
            ),
            # The same wish of the same maker creates one order, however often it comes in.
            models.UniqueConstraint(fields=["creation_key"], name="standing_order_creation_once"),
            # An order taken over from another system is taken over once.
            models.UniqueConstraint(
                fields=["external_reference"],
                name="standing_order_external_once",
                condition=~models.Q(external_reference=""),
            ),
        ]
        indexes = [
            # What is to be paid today.
            models.Index(
                fields=["next_due", "id"], name="standing_order_due", condition=models.Q(state=OrderState.ACTIVE)
            ),
            # Whose payee is to be held against the lists.
            models.Index(
                fields=["id", "payee_lists_version"],
                name="standing_order_payee_named",
                condition=models.Q(payee_name__isnull=False, state__in=OPEN_STATES),
            ),
        ]

    def __str__(self) -> str:
        return f"standing order {self.external_reference or self.pk}"

    @property
    def public_id(self) -> str:
        """The id people and systems know: `so_…`."""
        return ids.encode(self.ID_PREFIX, self.id)

    @property
    def money(self) -> Money:
        """What is paid each time."""
        return Money(self.amount, self.currency)


class RunState(models.TextChoices):
    PAID = "PAID", _("paid")
    RETRYING = "RETRYING", _("to be tried again")
    SKIPPED = "SKIPPED", _("skipped")


class StandingOrderRun(models.Model):
    """One payment of a standing order: made, to be tried again, or given up.

    Attributes:
        date: of the schedule.
        attempts: how many business days it was tried on; one on which risk holds it back does not count.
        next_attempt: the business day of the next one, while there is one.
        refusal: the code of the last refusal.
        transaction: the payment, once it is made.

    """

    ID_PREFIX = "sor"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    order = models.ForeignKey(
        StandingOrder, models.PROTECT, related_name="runs", verbose_name=_("standing order"), db_index=False
    )
    date = models.DateField(_("date"))
    state = models.CharField(_("state"), max_length=8, choices=RunState)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=1)
    last_attempt = models.DateField(_("last tried on"))
    next_attempt = models.DateField(_("next tried on"), null=True)
    refusal = models.CharField(_("refusal"), max_length=60, blank=True)
    transaction = models.OneToOneField(
        "transactions.Transaction",
        models.PROTECT,
        null=True,
        related_name="standing_order_run",
        verbose_name=_("transaction"),
    )

    class Meta:
        verbose_name = _("payment of a standing order")
        verbose_name_plural = _("payments of standing orders")
        default_permissions = ("view",)
        constraints = [
            # A date of the schedule is paid once.
            models.UniqueConstraint(fields=["order", "date"], name="standing_order_run_once"),
            models.CheckConstraint(
                condition=models.Q(state=RunState.PAID, transaction__isnull=False, next_attempt__isnull=True)
                | models.Q(state=RunState.RETRYING, transaction__isnull=True, next_attempt__isnull=False)
                | models.Q(state=RunState.SKIPPED, transaction__isnull=True, next_attempt__isnull=True),
                name="standing_order_run_state",
            ),
        ]
        indexes = [
            # What is to be tried again today.
            models.Index(
                fields=["next_attempt", "id"],
                name="standing_order_run_retry",
                condition=models.Q(state=RunState.RETRYING),
            ),
            # What staff should look at: what was not paid, newest first.
            models.Index(
                fields=["-last_attempt", "-id"],
                name="standing_order_run_unpaid",
                condition=~models.Q(state=RunState.PAID),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.state}"

    @property
    def public_id(self) -> str:
        """The id it has in the audit trail: `sor_…`."""
        return ids.encode(self.ID_PREFIX, self.id)
