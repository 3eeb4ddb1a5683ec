"""What the reasons of alerts say: of a rule, what its newest version that ever counted tells; else what their code declares."""

from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, JSONField, OuterRef, QuerySet
from django.db.models.fields.json import KT, KeyTransform
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from risk.models import AlertReason, RuleVersion, VersionState
from risk.reason_words import sentence_of

# Two rules may have one reason code, and an alert gives a reason once: older ones name the first rule alone.
_RULES = Coalesce(
    KeyTransform("rules", "values"), Func(KT("values__rule"), function="jsonb_build_array"), output_field=JSONField()
)


def with_words(reasons: QuerySet[AlertReason]) -> QuerySet[AlertReason]:
    """Let each of these reasons bring what its rules tell; no further query is made for it."""
    is_of_it = Func(OuterRef("rules"), F("rule__key"), function="jsonb_exists", output_field=BooleanField())
    versions = RuleVersion.objects.exclude(state=VersionState.DRAFT).filter(is_of_it)
    newest = versions.order_by("rule__key", "-number").distinct("rule__key")
    return reasons.annotate(rules=_RULES).annotate(explains=ArraySubquery(newest.values("explains")))


def words_of(reason: AlertReason) -> str:
    """Return what a reason says, in the reader's language."""
    explains = getattr(reason, "explains", None)
    if explains:
        return " ".join(gettext(one) for one in explains)
    return sentence_of(reason.code, reason.text, reason.values)
