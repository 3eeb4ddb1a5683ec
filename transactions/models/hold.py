"""Holds: money that stays on an account but cannot be spent. Written by `transactions.services.holds`.

The two-phase transfer of TigerBeetle (https://docs.tigerbeetle.com/coding/two-phase-transfers/): a pending amount is
posted, voided, or expires, once. `accounts.Balance.held` is the sum of the account's pending holds, whoever writes
either (triggers in `migrations/hold_guards.sql`).
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.money import Money


class HoldState(models.TextChoices):
    PENDING = "PENDING", _("pending")
    POSTED = "POSTED", _("posted")
    VOIDED = "VOIDED", _("voided")
    EXPIRED = "EXPIRED", _("expired")


class HoldPurpose(models.TextChoices):
    """What the money is kept for."""

    APPROVAL = "APPROVAL", _("payment that waits for approval")
    MANUAL = "MANUAL", _("set aside by the bank")
    PAYMENT = "PAYMENT", _("payment announced, to be captured")


class Hold(models.Model):
    """One amount reserved on one account. Only a pending one counts; the others say what became of it.

    Attributes:
        amount: minor units of the account's currency, positive.
        payee: whom an announced payment is for; only such a hold can be captured.
        captured: minor units of what was captured, at most `amount`; the rest was given back. Null: the whole, or nothing
            where it was not posted.
        transaction: what the money is kept for, where that is a transaction; its posting is what makes the hold POSTED.
            An announced payment gets one when it is captured.
        approval_request_id: the request (`apr_…`) under which it was placed; empty when there was none.
        order_key: who ordered it and under which key of theirs; null for one that cannot repeat.
        ends_at: when it should be given back at the latest; null for open end.
        partner: whose system placed it; null for the bank's own people.
        confirmed_genuine_at: when its partner said that it is no duplicate. It is no reason to hold another back, and neither
            is what captures it.
        payee_as_written: the account number that the partner named its payee by; empty when it named it by id.

    """

    ID_PREFIX = "hold"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account = models.ForeignKey(
        "accounts.Account", models.PROTECT, related_name="holds", verbose_name=_("account"), db_index=False
    )
    state = models.CharField(_("state"), max_length=8, choices=HoldState, default=HoldState.PENDING)

    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)

    purpose = models.CharField(_("purpose"), max_length=10, choices=HoldPurpose)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    payee = models.ForeignKey(
        "accounts.Account", models.PROTECT, related_name="+", null=True, verbose_name=_("payee"), db_index=False
    )
    external_reference = models.CharField(_("external reference"), max_length=100, blank=True, db_default="")
    captured = models.BigIntegerField(_("captured"), null=True)
    order_key = models.CharField(_("order key"), max_length=400, null=True, editable=False)  # noqa: DJ001 - unique
    transaction = models.ForeignKey(
        "transactions.Transaction", models.PROTECT, related_name="holds", null=True, verbose_name=_("transaction")
    )
    approval_request_id = models.CharField(_("approval request"), max_length=64, blank=True)
    partner = models.ForeignKey(
        "partners.Partner",
        models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("partner"),
        db_index=False,
        editable=False,
    )
    payee_as_written = models.CharField(_("payee as written"), max_length=40, blank=True, default="", db_default="")

    confirmed_genuine_at = models.DateTimeField(_("confirmed as no duplicate at"), null=True, editable=False)

    placed_at = models.DateTimeField(_("placed at"))
    ends_at = models.DateTimeField(_("ends at"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        default_permissions = ("view",)
        permissions = [
            ("place_hold", _("Can hold money on an account")),
            ("capture_hold", _("Can pay held money out")),
            ("void_hold", _("Can give held money back")),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="hold_amount_positive"),
            models.CheckConstraint(condition=models.Q(state__in=HoldState.values), name="hold_state_known"),
            models.CheckConstraint(condition=models.Q(purpose__in=HoldPurpose.values), name="hold_purpose_known"),
            models.CheckConstraint(
                condition=models.Q(state=HoldState.PENDING, closed_at__isnull=True)
                | (~models.Q(state=HoldState.PENDING) & models.Q(closed_at__isnull=False)),
                name="hold_closed_when",
            ),
            # What was posted was posted by something.
            models.CheckConstraint(
                condition=~models.Q(state=HoldState.POSTED) | models.Q(transaction__isnull=False),
                name="hold_posted_by_transaction",
            ),
            # No more is captured than was held, and only by what posted the hold.
            models.CheckConstraint(
                condition=models.Q(captured__isnull=True)
                | models.Q(state=HoldState.POSTED, captured__gt=0, captured__lte=models.F("amount")),
                name="hold_captured_within",
            ),
            # An announced payment says to whom, and nothing else is captured.
            models.CheckConstraint(
                condition=models.Q(purpose=HoldPurpose.PAYMENT, payee__isnull=False)
                | (~models.Q(purpose=HoldPurpose.PAYMENT) & models.Q(payee__isnull=True, captured__isnull=True)),
                name="hold_payment_has_payee",
            ),
            # A partner announces payments, each under a reference of its own; it sets nothing else aside.
            models.CheckConstraint(
                condition=models.Q(partner__isnull=True)
                | (models.Q(purpose=HoldPurpose.PAYMENT) & ~models.Q(external_reference="")),
                name="hold_partner_announces_payment",
            ),
            # A partner's reference names one hold, for ever.
            models.UniqueConstraint(
                fields=["partner", "external_reference"],
                name="hold_reference_once_per_partner",
                condition=models.Q(partner__isnull=False),
            ),
            # The same order, sent twice, holds the money once.
            models.UniqueConstraint(fields=["order_key"], name="hold_order_once"),
            # A transaction keeps its money once.
            models.UniqueConstraint(
                fields=["transaction"], name="hold_once_per_transaction", condition=models.Q(state=HoldState.PENDING)
            ),
        ]
        indexes = [
            # What is held on an account now: its page, and the guard that adds it up.
            models.Index(fields=["account"], name="hold_pending", condition=models.Q(state=HoldState.PENDING)),
            # What is due to be given back: the sweep that does.
            models.Index(
                fields=["ends_at"],
                name="hold_due",
                condition=models.Q(state=HoldState.PENDING, ends_at__isnull=False),
            ),
            # The list of holds, newest first.
            models.Index(fields=["-placed_at", "-id"], name="hold_newest"),
            # What a payment may look like: held by a partner for the same payee, about the same amount.
            models.Index(
                fields=["account", "payee", "amount"],
                name="hold_alike",
                condition=models.Q(state=HoldState.PENDING, partner__isnull=False),
            ),
            # A partner's own holds, newest first.
            models.Index(
                fields=["partner", "-placed_at", "-id"],
                name="hold_of_partner",
                condition=models.Q(partner__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"hold of {self.money}"

    @property
    def public_id(self) -> str:
        """The id partners see: `hold_…`."""
        return ids.encode(self.ID_PREFIX, self.id)

    @property
    def captured_money(self) -> Money | None:
        """What was paid out of it; None while nothing was."""
        if self.state != HoldState.POSTED:
            return None
        return Money(self.amount if self.captured is None else self.captured, self.currency)

    @property
    def money(self) -> Money:
        """The amount, positive."""
        return Money(self.amount, self.currency)
