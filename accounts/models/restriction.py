"""Restrictions: why an account is blocked, since when and until when. Written by `accounts.services.restricting`.

Several may stand on one account at once, for instance a court's order beside the bank's own suspicion. What
`Account.restriction` says is the strictest union of the open ones, whoever writes either (triggers in
`migrations/restriction_guards.sql`): lifting one lifts no other.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Restriction
from bankops.core import ids

BLOCKING = (Restriction.BLOCK_DEBIT, Restriction.BLOCK_CREDIT, Restriction.BLOCK_ALL)


class RestrictionReason(models.TextChoices):
    """Why an account is blocked, in a word that can be counted."""

    COURT_ORDER = "COURT_ORDER", _("order of a court or authority")
    SUSPECTED_FRAUD = "SUSPECTED_FRAUD", _("suspected fraud")
    DECEASED = "DECEASED", _("holder deceased")
    CUSTOMER_REQUEST = "CUSTOMER_REQUEST", _("customer's request")
    DOCUMENT_EXPIRED = "DOCUMENT_EXPIRED", _("identity document expired")
    SANCTIONS = "SANCTIONS", _("sanctions")
    OTHER = "OTHER", _("other")

    @classmethod
    def of_people(cls) -> list[RestrictionReason]:
        """Return what a person can freeze for; the watch over identity documents places and lifts its own blocks."""
        return [reason for reason in cls if reason != cls.DOCUMENT_EXPIRED]


class RestrictionEnding(models.TextChoices):
    """How a restriction came to its end."""

    LIFTED = "LIFTED", _("lifted")
    EXPIRED = "EXPIRED", _("reached its end")


class OpenRestrictions(models.QuerySet["AccountRestriction"]):
    def standing(self) -> OpenRestrictions:
        """Keep those that still block."""
        return self.filter(ended_at__isnull=True)


class AccountRestriction(models.Model):
    """One block on one account, from its placing to its end. Append-only but for its ending, which comes once.

    Attributes:
        legal_reference: file number of the order; a court's order has one.
        ends_at: when it ends by itself; null for open end.
        placed_by_kind, placed_by_id, placed_by_name: who placed it, as they were then.
        approval_request_id: the request (`apr_…`) under which it was placed; empty when it needed none.
        order_key: the idempotency key of the order to place it, so that one click is one restriction.

    """

    ID_PREFIX = "rst"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account = models.ForeignKey(
        "accounts.Account", models.PROTECT, related_name="restrictions", verbose_name=_("account"), db_index=False
    )
    kind = models.CharField(_("what is blocked"), max_length=12, choices=[(one.value, one.label) for one in BLOCKING])
    reason_code = models.CharField(_("reason code"), max_length=20, choices=RestrictionReason)
    legal_reference = models.CharField(_("legal reference"), max_length=120, blank=True)
    reason = models.CharField(_("reason"), max_length=500)

    starts_at = models.DateTimeField(_("since"))
    ends_at = models.DateTimeField(_("until"), null=True)
    placed_by_kind = models.CharField(max_length=10)
    placed_by_id = models.CharField(max_length=64)
    placed_by_name = models.CharField(_("placed by"), max_length=150)
    approval_request_id = models.CharField(_("approval request"), max_length=64, blank=True)
    order_key = models.CharField(max_length=255, null=True, editable=False)  # noqa: DJ001 - unique

    ending = models.CharField(_("how it ended"), max_length=8, choices=RestrictionEnding, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_by_id = models.CharField(max_length=64, blank=True)
    ended_by_name = models.CharField(_("ended by"), max_length=150, blank=True)
    end_reason = models.CharField(_("why it ended"), max_length=500, blank=True)

    objects = OpenRestrictions.as_manager()

    class Meta:
        verbose_name = _("restriction")
        verbose_name_plural = _("restrictions")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=[one.value for one in BLOCKING]), name="restriction_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(reason_code__in=RestrictionReason.values), name="restriction_reason_known"
            ),
            # A court's order that nobody can find again is none.
            models.CheckConstraint(
                condition=~models.Q(reason_code=RestrictionReason.COURT_ORDER, legal_reference=""),
                name="restriction_order_has_reference",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=models.F("starts_at")),
                name="restriction_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ending="")
                | models.Q(ended_at__isnull=False, ending__in=RestrictionEnding.values),
                name="restriction_ended_somehow",
            ),
            # The same order to freeze, sent twice, places one restriction.
            models.UniqueConstraint(fields=["account", "order_key"], name="restriction_order_once"),
        ]
        indexes = [
            # What blocks an account now: its page, and the guard that forms the union.
            models.Index(fields=["account"], name="restriction_open", condition=models.Q(ended_at__isnull=True)),
            # What ends by itself, the next first.
            models.Index(
                fields=["ends_at", "id"],
                name="restriction_ending",
                condition=models.Q(ended_at__isnull=True, ends_at__isnull=False),
            ),
            # Everything that ever blocked an account, for its page.
            models.Index(fields=["account", "starts_at"], name="restriction_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_reason_code_display()})"

    @property
    def public_id(self) -> str:
        """The id the audit trail and operations name it by: `rst_…`."""
        return ids.encode(self.ID_PREFIX, self.id)

    @property
    def is_open(self) -> bool:
        """Whether it still blocks."""
        return self.ended_at is None
