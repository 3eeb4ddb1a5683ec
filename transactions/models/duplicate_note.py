"""What came in again, and what became of it. Written by `transactions.services.duplicate_notes`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from transactions.models.transaction import Transaction


class NoteAnswer(models.TextChoices):
    """What was said to it."""

    REPLAYED = "REPLAYED", _("answered as before")
    IN_FLIGHT = "IN_FLIGHT", _("told to wait, the first was being carried out")
    REFUSED = "REFUSED", _("refused")
    ABANDONED = "ABANDONED", _("given up, nothing was done")
    HELD = "HELD", _("held back")
    RELEASED = "RELEASED", _("released by the bank")
    CONFIRMED = "CONFIRMED", _("confirmed by its maker")
    CANCELLED = "CANCELLED", _("cancelled")
    EXPIRED = "EXPIRED", _("expired")


class NoteCause(models.TextChoices):
    """By what it was known."""

    SAME_KEY = "same_key", _("same key")
    OTHER_CONTENT = "other_content", _("same key, other content")
    SAME_REFERENCE = "same_reference", _("same reference")
    LOOK_ALIKE = "look_alike", _("look-alike")


class DuplicateNote(models.Model):
    """One answer to something that came in again, or the end of a payment held back. Append-only.

    Attributes:
        partner: whose system it was; null for the bank's own people.
        credential: that system's, `crd_…`; empty for the bank's own people and for what time brought about.
        record: the idempotency record it came in under, `idk_…`; empty where there was none.
        transaction: the payment that it is, or that was there before; null where there was none.
        twin: what a look-alike looks like.
        amount: of the transaction, in minor units; null where there was none.

    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    at = models.DateTimeField(_("when"))
    answer = models.CharField(_("answer"), max_length=9, choices=NoteAnswer)
    cause = models.CharField(_("cause"), max_length=14, choices=NoteCause)
    partner = models.ForeignKey(
        "partners.Partner", models.PROTECT, null=True, related_name="+", verbose_name=_("partner"), db_index=False
    )
    credential = models.CharField(_("credential"), max_length=64, blank=True)
    record = models.CharField(_("request"), max_length=64, blank=True)
    transaction = models.ForeignKey(
        Transaction, models.PROTECT, null=True, related_name="duplicate_notes", db_index=False
    )
    twin = models.ForeignKey(Transaction, models.PROTECT, null=True, related_name="+", db_index=False)
    amount = models.BigIntegerField(_("amount"), null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)

    class Meta:
        verbose_name = _("note of a duplicate")
        verbose_name_plural = _("notes of duplicates")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answer__in=NoteAnswer.values), name="duplicate_note_answer_known"
            ),
            models.CheckConstraint(condition=models.Q(cause__in=NoteCause.values), name="duplicate_note_cause_known"),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True, currency="")
                | models.Q(amount__isnull=False) & ~models.Q(currency=""),
                name="duplicate_note_amount_has_currency",
            ),
        ]
        indexes = [
            # What came in again on a day.
            models.Index(fields=["at"], name="duplicate_note_day"),
            # Whose word ended a payment held back.
            models.Index(
                fields=["transaction"],
                name="duplicate_note_ending",
                condition=models.Q(answer__in=("RELEASED", "CONFIRMED", "CANCELLED", "EXPIRED")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.answer} ({self.cause})"


class DuplicateDayReport(models.Model):
    """A business day's figures as they were when the day ended. Made again at later ends until nothing of it is open.

    Attributes:
        payments: payments received that day whose money has moved.
        second_effects: those of them that moved money under a reference or key that another one had moved money under.
        held: payments received that day that were held back; the next five say what has become of them.
        lines: the same figures for each partner, and the amounts held back by currency.
        is_settled: the day is over and nothing of it is held any more: the figures stay.

    """

    business_date = models.DateField(_("day"), primary_key=True)
    payments = models.PositiveIntegerField(_("payments"))
    second_effects = models.PositiveIntegerField(_("made twice"))
    replayed = models.PositiveIntegerField(_("answered as before"))
    in_flight = models.PositiveIntegerField(_("told to wait"))
    other_content = models.PositiveIntegerField(_("refused: other content"))
    same_reference = models.PositiveIntegerField(_("refused: same reference"))
    look_alike = models.PositiveIntegerField(_("refused: look-alike"))
    abandoned = models.PositiveIntegerField(_("given up"))
    held = models.PositiveIntegerField(_("held back"))
    still_held = models.PositiveIntegerField(_("still held"))
    released = models.PositiveIntegerField(_("released by the bank"))
    confirmed = models.PositiveIntegerField(_("confirmed by the partner"))
    cancelled = models.PositiveIntegerField(_("cancelled"))
    expired = models.PositiveIntegerField(_("expired"))
    lines = models.JSONField(_("by partner"), default=list)
    is_settled = models.BooleanField(_("settled"))
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("day of duplicates")
        verbose_name_plural = _("duplicates by day")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    held=models.F("still_held")
                    + models.F("released")
                    + models.F("confirmed")
                    + models.F("cancelled")
                    + models.F("expired")
                ),
                name="duplicate_day_adds_up",
            ),
        ]
        indexes = [
            # Days that are made again.
            models.Index(fields=["business_date"], name="duplicate_day_open", condition=models.Q(is_settled=False)),
        ]

    def __str__(self) -> str:
        return self.business_date.isoformat()
