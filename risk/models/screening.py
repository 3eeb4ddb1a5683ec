"""Who of the bank's customers may be somebody on a list. Written by `risk.services.screening` and `risk.services.hits`."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.sealed import SealedTextField
from risk.models.watch_list import ListEdition, ListEntry, WatchList


class DueBecause(models.TextChoices):
    """Why a customer has to be screened."""

    NEW = "NEW", _("new customer")
    PARTY = "PARTY", _("name, kind, date of birth or owners changed")
    CHANGED = "CHANGED", _("the customer's data changed")
    LISTED = "LISTED", _("an entry that was met changed")
    INTERVAL = "INTERVAL", _("not screened for long")


class ScreeningDue(models.Model):
    """A customer to be screened. Written by triggers on the customer's tables, taken away in the transaction that screens.

    There may be several rows about one customer: whoever changes a customer never waits for who screens it. While one of
    cause `PARTY` waits, the customer's money does, too (`risk_standing`).

    Attributes:
        failed_at: when it last could not be done; it is tried again later (`risk.services.screening_queue`).
        failure: the code or name of the fault, without a value of the customer's.

    """

    customer_id = models.UUIDField(_("customer"))
    because = models.CharField(_("because"), max_length=8, choices=DueBecause)
    queued_at = models.DateTimeField(_("since"), db_default=Now())
    failed_at = models.DateTimeField(_("failed at"), null=True)
    failure = models.CharField(_("why it failed"), max_length=100, blank=True, db_default="")

    class Meta:
        verbose_name = _("customer to be screened")
        verbose_name_plural = _("customers to be screened")
        default_permissions = ()
        indexes = [
            # Whether a customer was screened since it became who it is: asked for every movement.
            models.Index(
                fields=["customer_id"], name="screening_due_party", condition=models.Q(because=DueBecause.PARTY)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.because} {self.customer_id}"


class ScreeningState(models.Model):
    """When a customer and its owners were last screened against all lists.

    Attributes:
        customer_version: which version of the customer's data was screened.
        lists_version: against which version of the lists (`ListsVersion.entries`).

    """

    customer = models.OneToOneField(
        "accounts.Customer", models.PROTECT, primary_key=True, related_name="screening", verbose_name=_("customer")
    )
    customer_version = models.PositiveIntegerField(_("version of the customer"))
    lists_version = models.BigIntegerField(_("version of the lists"))
    screened_at = models.DateTimeField(_("screened at"))

    class Meta:
        verbose_name = _("state of screening")
        verbose_name_plural = _("states of screening")
        default_permissions = ()
        indexes = [
            # Whose turn it is to be screened again.
            models.Index(fields=["screened_at"], name="screening_longest_ago"),
        ]

    def __str__(self) -> str:
        return str(self.customer_id)


class HitStrength(models.TextChoices):
    """How much speaks for a hit. Two people agree before a strong one is cleared."""

    WEAK = "WEAK", _("weak: by an alias that the list calls weak")
    POSSIBLE = "POSSIBLE", _("possible")
    STRONG = "STRONG", _("strong")


class HitState(models.TextChoices):
    """What people made of a hit."""

    OPEN = "OPEN", _("open")
    NEEDS_MORE = "NEEDS_MORE", _("more is needed")
    TRUE = "TRUE", _("true: it is the listed party")
    FALSE = "FALSE", _("false: it is somebody else")


class Lapse(models.TextChoices):
    """Why an undecided hit, or a cleared one, is none any more."""

    DELISTED = "DELISTED", _("the entry is no longer listed")
    DIFFERS = "DIFFERS", _("the names no longer meet")


class ScreeningHit(models.Model):
    """A customer, or an owner of it, who may be somebody on a list: one for each customer, owner and listed party, for good.

    A decision is remembered with what it was about. It survives editions of the list; it ends when the entry, or what was
    screened of the customer, changes in what matters, and that of one person when the hit becomes strong: it is open again.

    Attributes:
        owner: the owner without an account here who was met; null for the customer.
        entry: the entry as it stood when the hit was last seen; `entry_key` tells who it is in all editions.
        score: thousandths.
        explanation: how it came about, as JSON of codes and values; sealed, for it may hold a date of birth.
        subject_matter: fingerprint of what was screened.
        decided_entry, decided_subject: what the decision was about: fingerprints (`ListEntry.matter`, `subject_matter`).
        lapsed_at: since when nothing speaks for it any more. A true hit never lapses by itself.
        approval_request_id: the request in which two people agreed to the decision that stands; null for one person's.

    """

    ID_PREFIX = "hit"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    customer = models.ForeignKey(
        "accounts.Customer", models.PROTECT, related_name="screening_hits", verbose_name=_("customer")
    )
    owner = models.ForeignKey(
        "accounts.BeneficialOwner", models.PROTECT, related_name="+", null=True, verbose_name=_("owner")
    )
    watch_list = models.ForeignKey(WatchList, models.PROTECT, related_name="+", verbose_name=_("list"), db_index=False)
    entry_key = models.CharField(_("listed party"), max_length=100)
    entry = models.ForeignKey(ListEntry, models.PROTECT, related_name="+", verbose_name=_("entry"), db_index=False)

    score = models.PositiveSmallIntegerField(_("score"))
    strength = models.CharField(_("strength"), max_length=8, choices=HitStrength)
    explanation = SealedTextField(_("explanation"), blank=True)
    subject_matter = models.CharField(max_length=64, editable=False)
    found_at = models.DateTimeField(_("found at"))
    opened_at = models.DateTimeField(_("open since"))
    lapsed_at = models.DateTimeField(_("lapsed at"), null=True)
    lapsed_because = models.CharField(_("why it lapsed"), max_length=8, choices=Lapse, blank=True)

    state = models.CharField(_("state"), max_length=10, choices=HitState, default=HitState.OPEN)
    decided_by = models.CharField(_("decided by"), max_length=100, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    decided_entry = models.CharField(max_length=64, blank=True, editable=False)
    decided_subject = models.CharField(max_length=64, blank=True, editable=False)
    approval_request_id = models.UUIDField(_("approval request"), null=True, editable=False)

    class Meta:
        verbose_name = _("screening hit")
        verbose_name_plural = _("screening hits")
        default_permissions = ("view",)
        permissions = [
            ("decide_hit", _("Can decide a screening hit")),
            ("clear_strong_hit", _("Can have a strong screening hit cleared")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "owner", "watch_list", "entry_key"], name="hit_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=models.Q(state__in=HitState.values), name="hit_state_known"),
            models.CheckConstraint(condition=models.Q(strength__in=HitStrength.values), name="hit_strength_known"),
            models.CheckConstraint(condition=models.Q(score__lte=1000), name="hit_score_of_thousand"),
            # Whoever decided is on record with a reason and with what it was about.
            models.CheckConstraint(
                condition=models.Q(state=HitState.OPEN)
                | (
                    models.Q(decided_at__isnull=False)
                    & ~models.Q(decided_by="")
                    & ~models.Q(reason="")
                    & ~models.Q(decided_entry="")
                ),
                name="hit_decision_on_record",
            ),
            models.CheckConstraint(
                condition=models.Q(lapsed_at=None, lapsed_because="")
                | (models.Q(lapsed_at__isnull=False) & ~models.Q(lapsed_because="") & ~models.Q(state=HitState.TRUE)),
                name="hit_lapse_says_why",
            ),
        ]
        indexes = [
            # The queue: what is open, and a customer's standing.
            models.Index(
                fields=["opened_at"],
                name="hit_open",
                condition=models.Q(state__in=["OPEN", "NEEDS_MORE"], lapsed_at=None),
            ),
            # Hits of an entry that a new edition changed or has no more.
            models.Index(fields=["watch_list", "entry_key"], name="hit_by_entry"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        """The id that people see: `hit_…`."""
        return ids.encode(self.ID_PREFIX, self.id)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to decide it."""
        return self.state in (HitState.OPEN, HitState.NEEDS_MORE) and self.lapsed_at is None

    @property
    def takes_two(self) -> bool:
        """Whether clearing it takes two people: a strong one, and one that was decided to be true."""
        return self.strength == HitStrength.STRONG or self.state == HitState.TRUE


class RescreenRun(models.Model):
    """All customers against what an edition added or changed. Done when none of its chunks is left.

    Attributes:
        entries: how many entries there are to screen against.
        hits: how many were found that were none before.

    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    edition = models.OneToOneField(ListEdition, models.PROTECT, related_name="rescreening", verbose_name=_("edition"))
    entries = models.PositiveIntegerField(_("entries"))
    chunks = models.PositiveIntegerField(_("parts"))
    chunks_left = models.PositiveIntegerField(_("parts left"))
    hits = models.PositiveIntegerField(_("new hits"), default=0)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("screening against an edition")
        verbose_name_plural = _("screenings against editions")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(chunks_left__lte=models.F("chunks")), name="rescreening_left_of_all"
            ),
        ]
        indexes = [
            models.Index(fields=["started_at"], name="rescreening_open", condition=models.Q(finished_at=None)),
        ]

    def __str__(self) -> str:
        return str(self.edition_id)


class RescreenChunk(models.Model):
    """Customers with keys above `after`, up to `upto`, who are still to be screened for a run; deleted when they are.

    A worker holds the row's lock while it screens: if it is killed, another one begins anew.
    """

    run = models.ForeignKey(RescreenRun, models.PROTECT, related_name="left", verbose_name=_("run"))
    after = models.UUIDField(null=True)
    upto = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("part of a screening against an edition")
        verbose_name_plural = _("parts of screenings against editions")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.after}–{self.upto}"
