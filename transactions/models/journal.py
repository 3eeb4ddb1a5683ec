"""The journal: entries and their postings. Written by the SQL function `ledger_post` only, through `transactions.ledger`.

Both tables are append-only, whoever asks (triggers in `migrations/ledger_guards.sql`). A mistake is reversed by a new
entry that mirrors the first and points to it, once.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core.money import Money


class Side(models.TextChoices):
    DEBIT = "D", _("debit")
    CREDIT = "C", _("credit")

    @property
    def opposite(self) -> Side:
        """The other side."""
        return Side.CREDIT if self is Side.DEBIT else Side.DEBIT


class JournalEntry(models.Model):
    """One balanced entry: for every currency, its debits equal its credits at commit.

    Attributes:
        idempotency_key: an entry with the same key and content is never written twice; null for entries that cannot repeat.
        fingerprint: SHA-256 of what was asked for under that key.
        limits_enforced: false for what has happened already (taken-over history, the bank's own charges), which the
            available balance cannot refuse any more.
        posting_count: how many postings it has; none can be added later.
        posted_xid: the database transaction that wrote it; its postings come from the same one.
        in_batch: proved at commit together with the other entries of the statement that wrote it, not on its own.

    """

    id = models.BigAutoField(primary_key=True)
    idempotency_key = models.CharField(_("idempotency key"), max_length=255, null=True, editable=False)  # noqa: DJ001 - unique
    fingerprint = models.BinaryField(max_length=32, editable=False)
    description = models.CharField(_("description"), max_length=200)
    limits_enforced = models.BooleanField(_("limits enforced"), default=True)
    posting_count = models.SmallIntegerField(_("postings"))
    posted_xid = models.BigIntegerField(editable=False)
    in_batch = models.BooleanField(default=False, db_default=False, editable=False)

    booking_date = models.DateField(_("booking date"))
    value_date = models.DateField(_("value date"))
    posted_at = models.DateTimeField(_("posted at"))

    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversed_by", verbose_name=_("reverses"), editable=False
    )

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["idempotency_key"], name="entry_key_once"),
            models.CheckConstraint(condition=models.Q(posting_count__gte=2), name="entry_two_postings"),
            models.CheckConstraint(condition=~models.Q(reverses=models.F("id")), name="entry_not_its_own_reversal"),
        ]

    def __str__(self) -> str:
        return f"entry {self.pk}"


class Posting(models.Model):
    """One line of an entry: one side of one account.

    Attributes:
        line: from 1 to the entry's `posting_count`.
        amount: minor units, always positive; the side says the rest.
        balance_after: the account's ledger balance after this posting, positive on its normal side.
        version: 1 for the account's first posting, then without gaps; the order of a statement.

    """

    pk = models.CompositePrimaryKey("entry_id", "line")
    # Both references are proved by the guard trigger, for a whole statement at once, instead of by a foreign key row by
    # row; what they point to can never be deleted (docs/adr/0003).
    entry = models.ForeignKey(
        JournalEntry, models.PROTECT, related_name="postings", db_index=False, db_constraint=False
    )
    line = models.SmallIntegerField(_("line"))
    account = models.ForeignKey(
        "accounts.Account", models.PROTECT, related_name="postings", db_index=False, db_constraint=False
    )
    side = models.CharField(_("side"), max_length=1, choices=Side)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    balance_after = models.BigIntegerField(_("balance after"))
    version = models.BigIntegerField(_("version"))

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        default_permissions = ()
        constraints = [
            # The order of an account's history; also how statements and running balances read it.
            models.UniqueConstraint(fields=["account", "version"], name="posting_version_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="posting_amount_positive"),
            models.CheckConstraint(condition=models.Q(side__in=Side.values), name="posting_side_known"),
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.money} on {self.account_id}"

    @property
    def money(self) -> Money:
        """The amount, positive."""
        return Money(self.amount, self.currency)

    @property
    def balance_after_money(self) -> Money:
        """The account's ledger balance after this posting."""
        return Money(self.balance_after, self.currency)
