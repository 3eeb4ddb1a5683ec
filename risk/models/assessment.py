"""What risk said of every movement before it happened. Written by `risk.services.keeping` only; docs/risk.md explains."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from risk.bands import SCORE_MAX, Band
from risk.outcomes import Outcome


class Assessment(models.Model):
    """One answer about a movement, in the transaction of that: there is none of a movement that was refused. Append-only.

    The first is given when the movement is ordered. What waited is asked about again before it moves, and each later answer is
    kept beside it. Whoever counts movements, or reads what one was like, takes the first one of each; its page tells the last.

    A row has about two kilobytes, and ten million of them fill twenty gigabytes: beside its key and the movement there is no
    index but one of a few pages by time, which is how the back-test and the day's report walk through them. Rows lie in the
    order of time, so what is older than the bank must keep can be moved away from the front by whoever may switch guards off.

    Attributes:
        movement: public id of what was assessed: of the transaction it became.
        number: 1 for the answer that was given when it was ordered, 2 and so on for later ones.
        reference: that one's, for people.
        customer: public id of the customer whose movement it was; empty where there is none.
        ruleset: the number of the state of all rules it was assessed by; 0 when they could not be read.
        reasons, shadow, snoozed: `risk.assessment.answer.Reason` as JSON, in order of weight.
        failure: code of the fault for which it could not be assessed; empty when it was.
        facts: `risk.facts.Facts.as_json`, without names.

    """

    ID_PREFIX = "asm"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    movement = models.CharField(_("movement"), max_length=40)
    number = models.PositiveSmallIntegerField(_("number"), default=1)
    reference = models.CharField(_("reference"), max_length=20)
    customer = models.CharField(_("customer"), max_length=40, blank=True)

    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    score = models.PositiveSmallIntegerField(_("score"))
    band = models.CharField(_("band"), max_length=6, choices=Band)
    failure = models.CharField(_("could not be assessed"), max_length=60, blank=True)

    ruleset = models.BigIntegerField(_("state of the rules"))
    reasons = models.JSONField(_("reasons"))
    shadow = models.JSONField(_("reasons in shadow"))
    snoozed = models.JSONField(_("snoozed"))
    facts = models.TextField(_("facts"))

    assessed_at = models.DateTimeField(_("assessed at"))
    milliseconds = models.FloatField(_("milliseconds"))

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        default_permissions = ("view",)
        constraints = [
            # Each answer about a movement once; also how its page finds them.
            models.UniqueConstraint(fields=["movement", "number"], name="assessment_numbered_once"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="assessment_number_from_one"),
            models.CheckConstraint(condition=models.Q(outcome__in=Outcome.values), name="assessment_outcome_known"),
            models.CheckConstraint(condition=models.Q(band__in=Band.values), name="assessment_band_known"),
            models.CheckConstraint(condition=models.Q(score__lte=SCORE_MAX), name="assessment_score_within"),
            # What could not be assessed stopped the movement.
            models.CheckConstraint(
                condition=models.Q(failure="") | models.Q(outcome__in=[Outcome.BLOCK_AND_REVIEW, Outcome.DECLINE]),
                name="assessment_failed_stops",
            ),
        ]
        indexes = [
            # Back-tests and reports over a time.
            BrinIndex(fields=["assessed_at"], name="assessment_by_time", pages_per_range=16),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.outcome}"

    @property
    def public_id(self) -> str:
        """The id under which others speak of it: `asm_…`."""
        return ids.encode(self.ID_PREFIX, self.id)


class RuleHit(models.Model):
    """One hit of one version of a rule: what the tuning of rules counts. Written with its assessment. Append-only.

    A later answer about a movement has rows for those rules only that had not hit it before: a movement counts once.

    Attributes:
        version: of the rule; not a foreign key, because hits come by the thousand and versions are never deleted.
        how: whether it counted.

    """

    class How(models.TextChoices):
        LIVE = "LIVE", _("counted")
        SHADOW = "SHADOW", _("beside the live rules")
        SNOOZED = "SNOOZED", _("snoozed for the customer")

    assessment = models.ForeignKey(
        Assessment, models.PROTECT, related_name="hits", verbose_name=_("assessment"), db_index=False
    )
    version = models.UUIDField(_("version of the rule"))
    rule = models.CharField(_("rule"), max_length=60)
    how = models.CharField(_("how"), max_length=7, choices=How)
    hit_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("hit of a rule")
        verbose_name_plural = _("hits of rules")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(how__in=["LIVE", "SHADOW", "SNOOZED"]), name="rule_hit_how_known"
            ),
        ]
        indexes = [
            # How often a version has hit since a moment, day by day.
            models.Index(fields=["version", "hit_at"], name="rule_hit_of_version"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.how}"
