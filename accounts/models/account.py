"""Accounts: the customers' and the bank's own, in one chart. Written by `accounts.services`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models.chart import Category
from bankops.core import ids


class AccountStatus(models.TextChoices):
    """Where an account is in its life. Whether money may move is `Restriction`'s business too."""

    PENDING = "PENDING", _("pending")
    ACTIVE = "ACTIVE", _("active")
    DORMANT = "DORMANT", _("dormant")
    CLOSED = "CLOSED", _("closed")


class Restriction(models.TextChoices):
    """Which side of an account is blocked, by order of the bank or of a court."""

    NONE = "NONE", _("none")
    BLOCK_DEBIT = "BLOCK_DEBIT", _("debits blocked")
    BLOCK_CREDIT = "BLOCK_CREDIT", _("credits blocked")
    BLOCK_ALL = "BLOCK_ALL", _("all movements blocked")


class NumberElsewhere(models.Func):
    """The number within a reference to another system: `576` of `berka:576`."""

    template = "split_part(%(expressions)s, ':', 2)"
    output_field = models.TextField()


class Account(models.Model):
    """One account of the ledger.

    A customer's account has a customer and a product; the bank's own have neither. Currency and category never change
    (a trigger refuses it): the postings made under them would change their meaning.

    Attributes:
        restriction: the strictest union of the account's open `AccountRestriction`s, proved by a trigger.
        has_limits: whether it has any `AccountLimit`, proved by a trigger, so that the others cost nobody a look.
        woken_date: when it was last woken from dormancy or reopened; counts as its customer's activity.

    """

    ID_PREFIX = "acc"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    number = models.CharField(_("account number"), max_length=20)
    name = models.CharField(_("name"), max_length=200)

    category = models.CharField(_("category"), max_length=10, choices=Category)
    chart_line = models.ForeignKey(
        "accounts.ChartLine", models.PROTECT, related_name="accounts", verbose_name=_("chart line")
    )
    product = models.ForeignKey(
        "accounts.Product", models.PROTECT, related_name="accounts", verbose_name=_("product"), null=True, blank=True
    )
    customer = models.ForeignKey(
        "accounts.Customer", models.PROTECT, related_name="accounts", verbose_name=_("customer"), null=True, blank=True
    )
    branch = models.ForeignKey(
        "staff.Branch", models.PROTECT, related_name="accounts", verbose_name=_("branch"), null=True, blank=True
    )

    status = models.CharField(_("status"), max_length=8, choices=AccountStatus)
    restriction = models.CharField(_("restriction"), max_length=12, choices=Restriction, default=Restriction.NONE)
    is_confidential = models.BooleanField(
        _("confidential"), default=False, help_text=_("Seen only by those to whom it was granted.")
    )

    currency = models.CharField(_("currency"), max_length=3)
    overdraft_limit = models.BigIntegerField(
        _("overdraft limit"),
        null=True,
        blank=True,
        help_text=_("In minor units. Empty: no limit, for the bank's own accounts only."),
    )
    has_limits = models.BooleanField(_("has limits"), default=False, db_default=False, editable=False)

    opened_date = models.DateField(_("opened on"))
    closed_date = models.DateField(_("closed on"), null=True, blank=True)
    woken_date = models.DateField(_("woken on"), null=True, blank=True)
    opening_key = models.CharField(_("opening key"), max_length=64, null=True, editable=False)  # noqa: DJ001 - unique
    external_reference = models.CharField(_("reference at another system"), max_length=60, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        default_permissions = ("view",)
        permissions = [
            ("open_account", _("Can open an account")),
            ("close_account", _("Can close an account")),
            ("freeze_account", _("Can freeze an account")),
            ("release_account", _("Can release a frozen account")),
            ("mark_dormant", _("Can mark an account dormant")),
            ("wake_account", _("Can wake a dormant account")),
            ("set_overdraft", _("Can set an account's overdraft limit")),
            ("set_limits", _("Can set an account's limits")),
            ("reopen_account", _("Can reopen a closed account")),
            ("view_general_ledger", _("Can view the bank's own accounts")),
            ("view_all_branches", _("Can view customers and accounts of every branch")),
            ("view_confidential_account", _("Can view this confidential account")),
            ("set_confidential", _("Can make an account confidential, and open to all again")),
            ("grant_access", _("Can grant access to a confidential account")),
            ("revoke_access", _("Can revoke access to a confidential account")),
            # A partner's rights to one account, given to its group; no role holds them (accounts.partner_access).
            ("partner_read", _("Can read this account as a partner")),
            ("partner_debit", _("Can debit this account as a partner")),
            ("partner_credit", _("Can credit this account as a partner")),
            ("partner_float", _("Can use this account as an agent's own")),
            ("grant_partner_access", _("Can give a partner rights to an account")),
            ("revoke_partner_access", _("Can take a partner's rights to an account")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="account_number_once"),
            # The same request to open an account for a customer opens one, however often it comes in.
            models.UniqueConstraint(fields=["customer", "opening_key"], name="account_opening_once"),
            # An account taken over from another system is taken over once.
            models.UniqueConstraint(
                fields=["external_reference"], name="account_external_once", condition=~models.Q(external_reference="")
            ),
            models.CheckConstraint(condition=models.Q(category__in=Category.values), name="account_category_known"),
            models.CheckConstraint(condition=models.Q(status__in=AccountStatus.values), name="account_status_known"),
            models.CheckConstraint(
                condition=models.Q(restriction__in=Restriction.values), name="account_restriction_known"
            ),
            models.CheckConstraint(condition=models.Q(currency__regex="^[A-Z]{3}$"), name="account_currency_code"),
            # Only the bank itself may go below every limit.
            models.CheckConstraint(
                condition=models.Q(customer__isnull=True)
                | models.Q(overdraft_limit__isnull=False, overdraft_limit__gte=0, product__isnull=False),
                name="account_customer_limited",
            ),
            models.CheckConstraint(
                condition=models.Q(status=AccountStatus.CLOSED, closed_date__isnull=False)
                | (~models.Q(status=AccountStatus.CLOSED) & models.Q(closed_date__isnull=True)),
                name="account_closed_has_date",
            ),
        ]
        indexes = [
            # Search by the beginning of a number; in a database with a language's own order too.
            models.Index(fields=["number"], name="account_by_number", opclasses=["varchar_pattern_ops"]),
            # Search by the number somebody had at another bank.
            models.Index(
                NumberElsewhere("external_reference"),
                name="account_by_number_elsewhere",
                condition=~models.Q(external_reference=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def public_id(self) -> str:
        """The id partners see: `acc_…`."""
        return ids.encode(self.ID_PREFIX, self.id)

    @property
    def is_customer_account(self) -> bool:
        """Whether the money is a customer's, not the bank's own."""
        return self.customer_id is not None
