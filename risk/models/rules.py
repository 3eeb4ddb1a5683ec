"""The bank's rules and what they said when. Written by `risk.services` only; docs/rules.md explains."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from risk.outcomes import Outcome

WEIGHT_MAX = 1_000
SNOOZE_MAX = timedelta(days=90)


class Family(models.TextChoices):
    """What a rule watches for. Stored: values never change."""

    LARGE_VALUE = "LARGE_VALUE", _("large amounts")
    STRUCTURING = "STRUCTURING", _("amounts split up")
    PASS_THROUGH = "PASS_THROUGH", _("money in and straight out")
    NETWORK = "NETWORK", _("many to one, one to many")
    TAKEOVER = "TAKEOVER", _("somebody else at the keyboard")
    BEHAVIOUR = "BEHAVIOUR", _("unusual for the account")
    REFUNDS = "REFUNDS", _("abuse of refunds")
    GEOGRAPHY = "GEOGRAPHY", _("countries and regions")
    LISTED = "LISTED", _("the bank's own lists")


class SourceKind(models.TextChoices):
    """What kind of text a rule follows from."""

    LAW = "LAW", _("law or regulation")
    STANDARD = "STANDARD", _("standard or guidance")
    PAPER = "PAPER", _("paper or study")
    BANK = "BANK", _("the bank's own experience")


class Rule(models.Model):
    """A rule under a name that stays. What it asks and what comes of it stands in its versions.

    Key and reason code never change; the rest may while no version has left draft, and who answers for it always (trigger).

    Attributes:
        key: what programs and reports call it: `structuring_cash`.
        purpose: what it is for, in words.
        source: the law, standard or paper it follows from, with article or section.
        reason_code: what systems are told when it was the reason; several rules may share one.
        owner: who answers for it: a person or a desk.

    """

    ID_PREFIX = "rul"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    key = models.CharField(_("key"), max_length=60)
    name = models.CharField(_("name"), max_length=120)
    purpose = models.TextField(_("what it is for"))
    family = models.CharField(_("family"), max_length=12, choices=Family)
    source_kind = models.CharField(_("kind of source"), max_length=8, choices=SourceKind)
    source = models.CharField(_("source"), max_length=300)
    reason_code = models.CharField(_("reason code"), max_length=40)
    owner = models.CharField(_("owner"), max_length=150)

    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("risk rule")
        verbose_name_plural = _("risk rules")
        default_permissions = ("view",)
        permissions = [
            ("draft_rule", _("Can write drafts of risk rules")),
            ("start_shadow", _("Can ask for a rule to run beside the live ones")),
            ("activate_rule", _("Can ask for a rule to count")),
            ("retire_rule", _("Can ask for a rule to stop counting")),
        ]
        constraints = [
            # Reports, snoozes and requests speak of a rule by its key.
            models.UniqueConstraint(fields=["key"], name="rule_key_once"),
            models.CheckConstraint(condition=Q(key__regex=r"^[a-z][a-z0-9_]*$"), name="rule_key_wellformed"),
            models.CheckConstraint(condition=Q(reason_code__regex=r"^[a-z][a-z0-9_]*$"), name="rule_reason_wellformed"),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(purpose="") & ~Q(source="") & ~Q(owner=""), name="rule_says_what_for"
            ),
            models.CheckConstraint(condition=Q(family__in=Family.values), name="rule_family_known"),
            models.CheckConstraint(condition=Q(source_kind__in=SourceKind.values), name="rule_source_known"),
        ]

    def __str__(self) -> str:
        return gettext(self.name) if self.name else ""

    @property
    def public_id(self) -> str:
        """The id that the audit trail records: `rul_…`."""
        return ids.encode(self.ID_PREFIX, self.id)


class VersionState(models.TextChoices):
    """Where a version is on its way, which only leads forward. Stored: values never change."""

    DRAFT = "DRAFT", _("draft")
    SHADOW = "SHADOW", _("shadow")
    ACTIVE = "ACTIVE", _("active")
    RETIRED = "RETIRED", _("retired")


class RuleVersion(models.Model):
    """What a rule asks, and what comes of it. Once it has left draft only its state moves on (trigger).

    Attributes:
        number: 1 for the rule's first version, then without gaps.
        condition: canonical text of the rule language (docs/rule-language.md).
        weight: what it adds to the score when it hits.
        explains: what a reviewer of a movement reads when it hit, in a sentence or two.
        note: why there is this version.
        edition: raised whenever the draft is saved; who saves it or asks for it says which edition they saw.
        approval_request_id: the request (`apr_…`) that last moved it on; empty for what was shipped.

    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="versions", verbose_name=_("rule"))
    number = models.PositiveIntegerField(_("version"))

    condition = models.TextField(_("condition"))
    weight = models.PositiveSmallIntegerField(_("weight"))
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    explains = models.TextField(_("what it tells"))
    note = models.TextField(_("why"))

    state = models.CharField(_("state"), max_length=7, choices=VersionState, default=VersionState.DRAFT, editable=False)
    edition = models.PositiveIntegerField(_("edition"), default=1, editable=False)

    created_at = models.DateTimeField(_("created at"))
    edited_at = models.DateTimeField(_("edited at"))
    shadow_since = models.DateTimeField(_("in shadow since"), null=True)
    active_since = models.DateTimeField(_("active since"), null=True)
    retired_at = models.DateTimeField(_("retired at"), null=True)

    author_id = models.CharField(_("author's id"), max_length=64)
    author_name = models.CharField(_("author"), max_length=150)
    approval_request_id = models.CharField(_("approval request"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("version of a rule")
        verbose_name_plural = _("versions of rules")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="rule_version_number_once"),
            # Two people do not write on two drafts of one rule; and of what counts there is one.
            models.UniqueConstraint(fields=["rule"], condition=Q(state=VersionState.DRAFT), name="rule_one_draft"),
            models.UniqueConstraint(fields=["rule"], condition=Q(state=VersionState.SHADOW), name="rule_one_shadow"),
            models.UniqueConstraint(fields=["rule"], condition=Q(state=VersionState.ACTIVE), name="rule_one_active"),
            models.CheckConstraint(condition=Q(weight__lte=WEIGHT_MAX), name="rule_weight_within"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="rule_outcome_known"),
            models.CheckConstraint(condition=~Q(condition="") & ~Q(explains=""), name="rule_version_says_something"),
            models.CheckConstraint(condition=Q(number__gte=1, edition__gte=1), name="rule_version_counted"),
            models.CheckConstraint(
                condition=Q(
                    state=VersionState.DRAFT,
                    shadow_since__isnull=True,
                    active_since__isnull=True,
                    retired_at__isnull=True,
                )
                | Q(
                    state=VersionState.SHADOW,
                    shadow_since__isnull=False,
                    active_since__isnull=True,
                    retired_at__isnull=True,
                )
                | Q(state=VersionState.ACTIVE, active_since__isnull=False, retired_at__isnull=True)
                | Q(state=VersionState.RETIRED, retired_at__isnull=False),
                name="rule_version_state_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class RuleSetVersion(models.Model):
    """Which set of rules counts: one row, number 1, whose version every change that matters moves on (trigger).

    Whoever assesses keeps the compiled rules and asks for nothing but this number. Numbers come from a sequence: what was
    rolled back leaves none behind that another change could use again.
    """

    id = models.SmallIntegerField(primary_key=True)
    version = models.BigIntegerField(_("version"))

    class Meta:
        db_table = "risk_ruleset"
        verbose_name = _("version of the set of rules")
        verbose_name_plural = _("version of the set of rules")
        default_permissions = ()

    def __str__(self) -> str:
        return f"version {self.version}"


class RuleSnooze(models.Model):
    """One rule is passed over for one customer until a moment, for a reason.

    Only its early end is ever written to it (trigger).

    Attributes:
        approval_request_id: the request its reviewers consented to.
        ended_at: when it was ended before its time; from then on it does not count.

    """

    ID_PREFIX = "snz"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="snoozes", verbose_name=_("rule"))
    customer = models.ForeignKey(
        "accounts.Customer", models.PROTECT, related_name="rule_snoozes", verbose_name=_("customer")
    )
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"))
    reason = models.TextField(_("reason"))

    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_by_name = models.CharField(_("ended by"), max_length=150, blank=True)

    made_by_id = models.CharField(_("maker's id"), max_length=64)
    made_by_name = models.CharField(_("made by"), max_length=150)
    approval_request_id = models.CharField(_("approval request"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("snoozed rule")
        verbose_name_plural = _("snoozed rules")
        default_permissions = ("view",)
        permissions = [
            ("snooze_rule", _("Can ask for a rule to be passed over for one customer")),
            ("end_snooze", _("Can end a snooze before its time")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="snooze_has_length"),
            # A rule is passed over for a while, never for long.
            models.CheckConstraint(condition=Q(until__lte=F("since") + SNOOZE_MAX), name="snooze_ninety_days"),
            models.CheckConstraint(condition=~Q(reason=""), name="snooze_has_reason"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by_name="")
                | (Q(ended_at__isnull=False) & ~Q(ended_by_name="")),
                name="snooze_end_is_somebodys",
            ),
        ]
        indexes = [
            # What counts when the rules are loaded, and a customer's own.
            models.Index(fields=["until"], condition=Q(ended_at__isnull=True), name="snooze_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.until:%Y-%m-%d}"

    @property
    def public_id(self) -> str:
        """The id that the audit trail records: `snz_…`."""
        return ids.encode(self.ID_PREFIX, self.id)
