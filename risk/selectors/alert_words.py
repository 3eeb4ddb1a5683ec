"""What the reasons of alerts say: of a rule, what its newest version that ever counted tells; else what their code declares."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.utils.translation import gettext

from risk.models import AlertReason, RuleVersion, VersionState
from risk.reason_words import sentence_of


def with_words(reasons: QuerySet[AlertReason]) -> QuerySet[AlertReason]:
    """Let each of these reasons bring what its rule tells; no further query is made for it."""
    versions = RuleVersion.objects.filter(rule__key=OuterRef("rule_key")).exclude(state=VersionState.DRAFT)
    explains = Subquery(versions.order_by("-number").values("explains")[:1])
    return reasons.annotate(rule_key=KT("values__rule")).annotate(explains=explains)


def words_of(reason: AlertReason) -> str:
    """Return what a reason says, in the reader's language."""
    explains = getattr(reason, "explains", None)
    return gettext(explains) if explains else sentence_of(reason.code, reason.text, reason.values)
