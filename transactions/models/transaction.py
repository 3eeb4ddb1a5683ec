"""Transactions: what the bank was asked to do, and where it stands. Written by `transactions.services`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.money import Money


class Kind(models.TextChoices):
    DEPOSIT = "DEPOSIT", _("deposit")
    WITHDRAWAL = "WITHDRAWAL", _("withdrawal")
    TRANSFER = "TRANSFER", _("transfer")
    FEE = "FEE", _("fee")
    INTEREST = "INTEREST", _("interest")
    PAYMENT_IN = "PAYMENT_IN", _("payment from another bank")
    PAYMENT_OUT = "PAYMENT_OUT", _("payment to another bank")
    REVERSAL = "REVERSAL", _("reversal")
    REFUND = "REFUND", _("refund")


class State(models.TextChoices):
    """Where a transaction stands; `transactions.states` has the table of allowed transitions."""

    RECEIVED = "RECEIVED", _("received")
    ASSESSED = "ASSESSED", _("assessed")
    AWAITING_APPROVAL = "AWAITING_APPROVAL", _("awaiting approval")
    HELD = "HELD", _("held")
    POSTED = "POSTED", _("posted")
    REVERSED = "REVERSED", _("reversed")
    DECLINED = "DECLINED", _("declined")
    REJECTED = "REJECTED", _("rejected")
    EXPIRED = "EXPIRED", _("expired")
    FAILED = "FAILED", _("failed")


class Channel(models.TextChoices):
    STAFF = "STAFF", _("staff")
    PARTNER = "PARTNER", _("partner")
    SYSTEM = "SYSTEM", _("system")
    IMPORT = "IMPORT", _("taken over")


class HeldBecause(models.TextChoices):
    """Why a transaction is held back."""

    POSSIBLE_DUPLICATE = "possible_duplicate", _("possible duplicate")
    RISK_REVIEW = "risk_review", _("to be looked at by risk")
    BOTH = "duplicate_and_risk", _("possible duplicate, and to be looked at by risk")


BOOKED = (State.POSTED, State.REVERSED)
"""The states in which money has moved: exactly these have a journal entry."""

HELD_AS_DUPLICATE = (HeldBecause.POSSIBLE_DUPLICATE, HeldBecause.BOTH)
HELD_BY_RISK = (HeldBecause.RISK_REVIEW, HeldBecause.BOTH)
"""What each cause asks for before the money moves: somebody's word that it is no duplicate; two people's, for risk."""

STANDING = (State.POSTED, State.AWAITING_APPROVAL, State.HELD)
"""The states in which a transaction has moved its money, or still may: what look-alikes and refunds are counted among."""


class Transaction(models.Model):
    """One instruction: debit one account, credit another.

    Attributes:
        amount: minor units, positive.
        debit_account, credit_account: the two sides as the journal books them; on a customer's account a debit is money out.
        idempotency_key: the maker's own; the same key and content from the same maker is the same transaction.
            Null for one that waits for approval: there the key belongs to the request.
        fingerprint: SHA-256 of what was asked for under that key.
        approval_request: the request it waits in, or was consented to; null when it needed none.
        partner: whose system ordered it; null for the bank's own people.
        refunds: the transfer whose money it gives back, in part or whole.
        held_because: why it was held back; stays when it no longer is.
        ordinal: which one of its like it was when it was held back: 2 for the second, and so on; null where it was not.
            Among its partner's own, because its partner reads it.
        twin: the newest transaction that looked the same when this one was held back, or asked reviewers.
        confirmed_genuine_at: when somebody said that it is no duplicate. From then on it is no reason to hold another back.
        risk_decided_at: when what risk had held back was released or declined.
        risk_release: the request in which two people agreed to release it.
        booking_date, value_date: while it waits, those of the day it was asked for; set once more when it is posted.

    """

    ID_PREFIX = "tr"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    reference = models.CharField(_("reference"), max_length=20)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)

    state = models.CharField(_("state"), max_length=18, choices=State)

    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)

    narrative = models.CharField(_("narrative"), max_length=200, blank=True)
    counterparty = models.CharField(_("counterparty"), max_length=100, blank=True)
    external_reference = models.CharField(_("external reference"), max_length=100, blank=True)

    booking_date = models.DateField(_("booking date"))
    value_date = models.DateField(_("value date"))
    created_at = models.DateTimeField(_("received at"))

    # Without constraints of the database's own, as `partner`: a trigger looks at all rows at once (rows_known.sql).
    debit_account = models.ForeignKey(
        "accounts.Account",
        models.PROTECT,
        related_name="+",
        verbose_name=_("debit account"),
        db_index=False,
        db_constraint=False,
    )
    credit_account = models.ForeignKey(
        "accounts.Account",
        models.PROTECT,
        related_name="+",
        verbose_name=_("credit account"),
        db_index=False,
        db_constraint=False,
    )
    entry = models.OneToOneField(
        "transactions.JournalEntry",
        models.PROTECT,
        null=True,
        related_name="transaction",
        verbose_name=_("journal entry"),
    )
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversed_by", verbose_name=_("reverses"), editable=False
    )
    refunds = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="refunded_by",
        verbose_name=_("refunds"),
        db_index=False,
        editable=False,
    )
    approval_request = models.ForeignKey(
        "approvals.ApprovalRequest",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("approval request"),
        db_index=False,
        editable=False,
    )

    partner = models.ForeignKey(
        "partners.Partner",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("partner"),
        db_index=False,
        db_constraint=False,
        editable=False,
    )
    held_because = models.CharField(
        _("held because"), max_length=20, choices=HeldBecause, blank=True, default="", db_default="", editable=False
    )
    twin = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("looks like"),
        db_index=False,
        editable=False,
    )
    ordinal = models.PositiveIntegerField(_("ordinal among its like"), null=True, editable=False)
    confirmed_genuine_at = models.DateTimeField(_("confirmed as no duplicate at"), null=True, editable=False)
    risk_decided_at = models.DateTimeField(_("decided by risk at"), null=True, editable=False)
    risk_release = models.ForeignKey(
        "approvals.ApprovalRequest",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("released by"),
        db_index=False,
        editable=False,
    )

    maker_kind = models.CharField(_("maker kind"), max_length=10)
    maker_id = models.CharField(_("maker id"), max_length=64)
    maker_name = models.CharField(_("maker"), max_length=150)
    idempotency_key = models.CharField(_("idempotency key"), max_length=255, null=True, editable=False)  # noqa: DJ001 - unique
    fingerprint = models.BinaryField(max_length=32, editable=False)

    class Meta:
        verbose_name = _("transaction")
        verbose_name_plural = _("transactions")
        default_permissions = ("view",)
        permissions = [
            ("deposit", _("Can take a deposit")),
            ("withdraw", _("Can pay out a withdrawal")),
            ("transfer", _("Can transfer between accounts")),
            ("charge_fee", _("Can charge a fee")),
            ("reverse", _("Can reverse a transaction")),
            ("refund", _("Can refund a transfer")),
            ("release", _("Can release a payment held as a possible duplicate")),
            ("cancel_held", _("Can cancel a payment that is held back")),
            ("release_risk_held", _("Can ask for the release of a payment held by risk")),
            ("decline_risk_held", _("Can decline a payment held by risk")),
            ("view_trial_balance", _("Can view the trial balance")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="transaction_reference_once"),
            # A key is its maker's own: nobody can use up somebody else's.
            models.UniqueConstraint(fields=["maker_kind", "maker_id", "idempotency_key"], name="transaction_key_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="transaction_amount_positive"),
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="transaction_kind_known"),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="transaction_state_known"),
            models.CheckConstraint(condition=models.Q(channel__in=Channel.values), name="transaction_channel_known"),
            models.CheckConstraint(
                condition=~models.Q(debit_account=models.F("credit_account")), name="transaction_two_accounts"
            ),
            # "Posted" and "has moved money" are the same thing.
            models.CheckConstraint(
                condition=models.Q(state__in=BOOKED, entry__isnull=False)
                | (~models.Q(state__in=BOOKED) & models.Q(entry__isnull=True)),
                name="transaction_booked_has_entry",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=Kind.REVERSAL, reverses__isnull=False)
                | (~models.Q(kind=Kind.REVERSAL) & models.Q(reverses__isnull=True)),
                name="transaction_reversal_names_original",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=Kind.REFUND, refunds__isnull=False)
                | (~models.Q(kind=Kind.REFUND) & models.Q(refunds__isnull=True)),
                name="transaction_refund_names_original",
            ),
            # What is held back says why.
            models.CheckConstraint(
                condition=~models.Q(state=State.HELD) | models.Q(held_because__in=HeldBecause.values),
                name="transaction_held_says_why",
            ),
            # What was held back moves money only after somebody said that it is no duplicate.
            models.CheckConstraint(
                condition=~models.Q(state__in=BOOKED)
                | ~models.Q(held_because__in=HELD_AS_DUPLICATE)
                | models.Q(confirmed_genuine_at__isnull=False),
                name="transaction_held_is_confirmed",
            ),
            # What risk held back moves money only after two people released it.
            models.CheckConstraint(
                condition=~models.Q(state__in=BOOKED)
                | ~models.Q(held_because__in=HELD_BY_RISK)
                | models.Q(risk_release__isnull=False),
                name="transaction_risk_held_is_released",
            ),
            # Risk decides about what it held back, and a release says when.
            models.CheckConstraint(
                condition=models.Q(risk_decided_at__isnull=True, risk_release__isnull=True)
                | models.Q(risk_decided_at__isnull=False, held_because__in=HELD_BY_RISK),
                name="transaction_risk_decides_of_held",
            ),
            # What two people agreed to releases one payment.
            models.UniqueConstraint(
                fields=["risk_release"],
                name="transaction_risk_release_once",
                condition=models.Q(risk_release__isnull=False),
            ),
            # A partner's reference names one payment, for ever: the second one is refused whatever its key.
            models.UniqueConstraint(
                fields=["partner", "external_reference"],
                name="transaction_reference_once_per_partner",
                condition=models.Q(partner__isnull=False) & ~models.Q(external_reference=""),
            ),
            # Nothing waits for an approval that nobody was asked for.
            models.CheckConstraint(
                condition=~models.Q(state=State.AWAITING_APPROVAL) | models.Q(approval_request__isnull=False),
                name="transaction_parked_has_request",
            ),
            # A request waits for one transaction at a time; also how it is found when reviewers have decided.
            models.UniqueConstraint(
                fields=["approval_request"],
                name="transaction_parked_once",
                condition=models.Q(state=State.AWAITING_APPROVAL),
            ),
            # What was consented to once is posted once.
            models.UniqueConstraint(
                fields=["approval_request"],
                name="transaction_consent_used_once",
                condition=models.Q(state__in=BOOKED, approval_request__isnull=False),
            ),
        ]
        indexes = [
            # The list of transactions, newest first.
            models.Index(fields=["-created_at", "-id"], name="transaction_newest"),
            # What left an account in a day or month (its limits), and since when nothing did (dormancy); also its transactions.
            models.Index(fields=["debit_account", "booking_date"], name="transaction_debited_on"),
            models.Index(fields=["credit_account", "booking_date"], name="transaction_credited_on"),
            # Search by the reference a customer or another bank knows.
            models.Index(
                fields=["external_reference"],
                name="transaction_by_external",
                condition=~models.Q(external_reference=""),
            ),
            # Look-alikes of a payment: the same payer, payee and about the same amount, of late.
            models.Index(fields=["debit_account", "credit_account", "amount", "created_at"], name="transaction_alike"),
            # A partner's own transactions, newest first.
            models.Index(
                fields=["partner", "-created_at", "-id"],
                name="transaction_of_partner",
                condition=models.Q(partner__isnull=False),
            ),
            # What a transfer has given back.
            models.Index(fields=["refunds"], name="transaction_refunds", condition=models.Q(refunds__isnull=False)),
            # What is held back now, the oldest first: the list, and what expires.
            models.Index(fields=["created_at"], name="transaction_held", condition=models.Q(state=State.HELD)),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def public_id(self) -> str:
        """The id partners see: `tr_…`."""
        return ids.encode(self.ID_PREFIX, self.id)

    @property
    def money(self) -> Money:
        """The amount."""
        return Money(self.amount, self.currency)

    @property
    def waits_for_word(self) -> bool:
        """Whether it is held back until somebody says that it is no duplicate."""
        held = self.state == State.HELD and self.held_because in HELD_AS_DUPLICATE
        return held and self.confirmed_genuine_at is None

    @property
    def waits_for_risk(self) -> bool:
        """Whether it is held back until risk has decided."""
        return self.state == State.HELD and self.held_because in HELD_BY_RISK and self.risk_decided_at is None

    @property
    def is_declined_by_risk(self) -> bool:
        """Whether it was held back and risk has declined it, which is not the same as cancelled."""
        return self.state == State.DECLINED and self.risk_decided_at is not None and self.risk_release_id is None

    def where_it_stands(self) -> str:
        """Return its state in words; why, when it is held back."""
        state = str(State(self.state).label)
        return f"{state}: {self.held_for().label}" if self.state == State.HELD else state

    def held_for(self) -> HeldBecause:
        """Return what still holds it back, of what it was held back for."""
        if self.waits_for_word and self.waits_for_risk:
            return HeldBecause.BOTH
        return HeldBecause.RISK_REVIEW if self.waits_for_risk else HeldBecause.POSSIBLE_DUPLICATE


class TransactionEvent(models.Model):
    """One transition of a transaction: what its page shows as a timeline. Append-only."""

    # Without a constraint of the database's own: a trigger looks at all rows at once (rows_known.sql).
    transaction = models.ForeignKey(Transaction, models.PROTECT, related_name="events", db_constraint=False)
    from_state = models.CharField(_("from"), max_length=18, choices=State, blank=True)
    to_state = models.CharField(_("to"), max_length=18, choices=State)
    actor_id = models.CharField(_("actor id"), max_length=64)
    actor_name = models.CharField(_("who"), max_length=150)
    reason = models.TextField(_("reason"), blank=True)
    occurred_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("transaction event")
        verbose_name_plural = _("transaction events")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.from_state or '·'} → {self.to_state}"
