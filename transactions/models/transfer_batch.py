"""Many transfers that a partner asks for in one request. Written by `transactions.services.transfer_batches`.

What was asked for never changes. Where an item stands is said by the transfer it became, by the reason it was refused for,
or, while it has neither, by its batch.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.money import Money
from risk.origin import ADDRESS_MAX, DEVICE_MAX

REFERENCE_MAX = 35
"""Characters of an end-to-end identification (ISO 20022, Max35Text): of a partner's reference, whatever it names."""


class BatchState(models.TextChoices):
    RECEIVED = "RECEIVED", _("received")
    CARRIED_OUT = "CARRIED_OUT", _("carried out")
    AWAITING_APPROVAL = "AWAITING_APPROVAL", _("awaiting approval")
    REJECTED = "REJECTED", _("rejected")
    CANCELLED = "CANCELLED", _("cancelled")
    EXPIRED = "EXPIRED", _("expired")
    FAILED = "FAILED", _("failed")


class TransferBatch(models.Model):
    """One request for many transfers in one currency, and how far it got.

    Attributes:
        reference: the partner's own, used once for a batch, for ever.
        all_or_nothing: it is carried out whole or not at all.
        item_count, total: of all items asked for; `total` in minor units.
        content_hash: SHA-256 of the items as they were asked for: what reviewers agree to.
        approval_request: the request it waits in or was consented to; null when it needed none.
        business_date: the day on whose allowance it is.

    """

    ID_PREFIX = "bat"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    partner = models.ForeignKey(
        "partners.Partner", models.PROTECT, related_name="+", verbose_name=_("partner"), db_index=False
    )
    reference = models.CharField(_("reference"), max_length=REFERENCE_MAX)
    state = models.CharField(_("state"), max_length=17, choices=BatchState)

    currency = models.CharField(_("currency"), max_length=3)
    total = models.BigIntegerField(_("total"))
    item_count = models.PositiveSmallIntegerField(_("transfers"))
    all_or_nothing = models.BooleanField(_("all or nothing"))
    content_hash = models.BinaryField(max_length=32, editable=False)
    metadata = models.JSONField(_("metadata"), default=dict)

    approval_request = models.ForeignKey(
        "approvals.ApprovalRequest",
        models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("approval request"),
        db_index=False,
    )
    business_date = models.DateField(_("business date"))
    created_at = models.DateTimeField(_("received at"))
    closed_at = models.DateTimeField(_("closed at"), null=True)
    maker_id = models.CharField(_("maker id"), max_length=64)
    maker_name = models.CharField(_("made by"), max_length=150)

    class Meta:
        verbose_name = _("transfer batch")
        verbose_name_plural = _("transfer batches")
        default_permissions = ("view",)
        constraints = [
            # A partner's reference names one batch, for ever.
            models.UniqueConstraint(fields=["partner", "reference"], name="transfer_batch_reference_once"),
            models.CheckConstraint(condition=models.Q(state__in=BatchState.values), name="transfer_batch_state_known"),
            models.CheckConstraint(
                condition=models.Q(item_count__gte=1, item_count__lte=1000, total__gt=0), name="transfer_batch_sane"
            ),
            # Nothing waits for an approval that nobody was asked for, and what waits has not ended.
            models.CheckConstraint(
                condition=~models.Q(state=BatchState.AWAITING_APPROVAL)
                | models.Q(approval_request__isnull=False, closed_at__isnull=True),
                name="transfer_batch_parked_has_request",
            ),
            # A request is about one batch; also how it is found when reviewers have decided.
            models.UniqueConstraint(
                fields=["approval_request"],
                name="transfer_batch_request_once",
                condition=models.Q(approval_request__isnull=False),
            ),
        ]
        indexes = [
            # A partner's batches, newest first.
            models.Index(fields=["partner", "-created_at", "-id"], name="transfer_batch_of_partner"),
            # The staff's list, newest first.
            models.Index(fields=["-created_at", "-id"], name="transfer_batch_newest"),
            # What waits now: compared with what comes in.
            models.Index(
                fields=["created_at"],
                name="transfer_batch_waiting",
                condition=models.Q(state=BatchState.AWAITING_APPROVAL),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def public_id(self) -> str:
        """The id partners see: `bat_…`."""
        return ids.encode(self.ID_PREFIX, self.id)

    @property
    def money(self) -> Money:
        """What was asked for altogether."""
        return Money(self.total, self.currency)

    def where_it_stands(self) -> str:
        """Return its state in words."""
        return str(BatchState(self.state).label)


class TransferBatchItem(models.Model):
    """One transfer of a batch, as it was asked for and what became of it.

    Attributes:
        position: from 0, as in the request.
        payer_named, payee_named: what the request named them: an id, or for a payee a number.
        payer, payee: the accounts; null where the partner may not use them, or there are none.
        amount: minor units of the batch's currency.
        transaction: what it became: posted, or held back as a possible duplicate.
        code: why it was refused: the code that a single transfer would have been refused with.
        blamed: the field that is to blame for it, or empty.
        device_id, ip_address, country: where the customer was who ordered it, for risk; empty where nobody said. Kept with it.

    """

    # No constraints of the database's own: a trigger looks at all items at once (rows_known.sql).
    batch = models.ForeignKey(
        TransferBatch,
        models.PROTECT,
        related_name="items",
        verbose_name=_("batch"),
        db_index=False,
        db_constraint=False,
    )
    position = models.PositiveSmallIntegerField(_("position"))
    payer_named = models.CharField(_("payer, as named"), max_length=40)
    payee_named = models.CharField(_("payee, as named"), max_length=40)
    payer = models.ForeignKey(
        "accounts.Account",
        models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("payer"),
        db_index=False,
        db_constraint=False,
    )
    payee = models.ForeignKey(
        "accounts.Account",
        models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("payee"),
        db_index=False,
        db_constraint=False,
    )
    amount = models.BigIntegerField(_("amount"))
    reference = models.CharField(_("reference"), max_length=REFERENCE_MAX)
    narrative = models.CharField(_("narrative"), max_length=200, blank=True)

    transaction = models.ForeignKey(
        "transactions.Transaction",
        models.PROTECT,
        related_name="batch_items",
        null=True,
        verbose_name=_("transaction"),
        db_index=False,
        db_constraint=False,
    )
    code = models.CharField(_("refused because"), max_length=40, blank=True)
    blamed = models.CharField(_("field to blame"), max_length=12, blank=True)
    device_id = models.CharField(_("device"), max_length=DEVICE_MAX, blank=True, db_default="", editable=False)
    ip_address = models.CharField(
        _("network address"), max_length=ADDRESS_MAX, blank=True, db_default="", editable=False
    )
    country = models.CharField(_("country"), max_length=2, blank=True, db_default="", editable=False)

    class Meta:
        verbose_name = _("transfer of a batch")
        verbose_name_plural = _("transfers of a batch")
        default_permissions = ()
        constraints = [
            # A batch's items in their order; also how they are read.
            models.UniqueConstraint(fields=["batch", "position"], name="batch_item_position_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="batch_item_amount_positive"),
            # What became a transfer was not refused, and what names no accounts became none.
            models.CheckConstraint(
                condition=models.Q(transaction__isnull=True)
                | models.Q(code="", payer__isnull=False, payee__isnull=False),
                name="batch_item_one_outcome",
            ),
            # A transfer is one item's; also how its batch is found.
            models.UniqueConstraint(
                fields=["transaction"],
                name="batch_item_transaction_once",
                condition=models.Q(transaction__isnull=False),
            ),
        ]
        indexes = [
            # References that wait, or waited in vain: they are used, too.
            models.Index(
                fields=["reference"],
                name="batch_item_reserved",
                condition=models.Q(transaction__isnull=True, code=""),
            ),
            # Between whom so much waits: compared with what comes in.
            models.Index(
                fields=["payer", "payee", "amount"],
                name="batch_item_alike",
                condition=models.Q(transaction__isnull=True, code=""),
            ),
        ]

    def __str__(self) -> str:
        return self.reference
