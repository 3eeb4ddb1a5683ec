"""An assessment in plain words: each reason with the rule it comes from and what that looked at, as it was then."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from risk.assessment.answer import (
    FAILED,
    LISTS_MISSING,
    SCREENING_CONFIRMED,
    SCREENING_PENDING,
    SCREENING_POSSIBLE,
    Reason,
)
from risk.assessment.payees import PAYEE_CONFIRMED, PAYEE_POSSIBLE, PAYEE_UNSCREENED
from risk.assessment.scoring import MODEL_FAILED, MODEL_SCORE, MODEL_UNUSABLE, PREFIX, is_of_model
from risk.facts import Facts
from risk.language.errors import RuleError
from risk.models import Assessment, RuleVersion
from risk.outcomes import Outcome
from risk.score.features import BY_NAME, Feature
from risk.score.model import value_in_words
from risk.selectors.rules import live_rule

WORDS: Final[Mapping[str, Promise]] = {
    FAILED: _("It could not be assessed: %(about)s. What cannot be assessed is held back until somebody has looked."),
    SCREENING_CONFIRMED: _("Customer %(about)s is on a list: somebody has looked, and it is the one that is listed."),
    MODEL_SCORE: _("Score model %(about)s compared it with movements that people confirmed, and with others."),
    MODEL_FAILED: _(
        "Score model %(about)s could not be asked: a fault, which is in the log. The rules alone scored it."
    ),
    MODEL_UNUSABLE: _(
        "Score model %(about)s cannot be read by this version of the product. The rules alone scored it."
    ),
    PAYEE_CONFIRMED: _("The payee of %(about)s is on a list: somebody has looked, and it is the one that is listed."),
    PAYEE_POSSIBLE: _("The payee of %(about)s may be on a list, and nobody has said yet whether it is."),
    PAYEE_UNSCREENED: _("The payee of %(about)s was not held against the lists yet."),
    SCREENING_POSSIBLE: _("Customer %(about)s may be on a list, and nobody has said yet whether it is."),
    SCREENING_PENDING: _(
        "Customer %(about)s, or an owner, was not yet compared with the lists of sanctions since it became who it is: new, or "
        "with another name, date of birth or owner. That takes seconds while the worker runs; an order given afterwards passes."
    ),
    LISTS_MISSING: _(
        "A list of sanctions that the bank relies on is missing or too old, so nobody counts as clear. An order given once it "
        "is loaded passes."
    ),
}
TITLES: Final[Mapping[str, Promise]] = {
    FAILED: _("It could not be assessed"),
    SCREENING_CONFIRMED: _("On a list of sanctions"),
    SCREENING_POSSIBLE: _("Perhaps on a list of sanctions"),
    SCREENING_PENDING: _("Not yet screened"),
    LISTS_MISSING: _("A list of sanctions is missing"),
    PAYEE_CONFIRMED: _("The payee is on a list of sanctions"),
    PAYEE_POSSIBLE: _("The payee is perhaps on a list of sanctions"),
    PAYEE_UNSCREENED: _("The payee is not yet screened"),
    MODEL_SCORE: _("What was learnt from past decisions"),
    MODEL_FAILED: _("The score model was not asked"),
    MODEL_UNUSABLE: _("The score model was not asked"),
}
_FAULTS: Final[Mapping[str, Promise]] = {
    "assessment_too_slow": _("the answer took too long"),
    "database_unavailable": _("the database did not answer"),
    "unexpected_fault": _("an unexpected fault, which is in the log"),
    "rules_unusable": _("a rule that counts cannot be read any more"),
    "risk_list_missing": _("a list that a rule looks into was never loaded, or is too old"),
    "rule_no_rate": _("a rate is missing for a currency that a rule compares with"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One reason as people read it.

    Attributes:
        text: what it is, in a sentence.
        lines: the conditions of the rule with what they looked at, each with how far in it stands.
        version: the rule's version, in words; empty when it was no rule.

    """

    code: str
    weight: int
    outcome: str
    title: str
    text: str
    version: str
    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """A whole assessment as people read it; see `risk.assessment.answer.Assessment`."""

    kept: Assessment
    outcome: str
    reasons: tuple[Told, ...]
    shadow: tuple[Told, ...]
    snoozed: tuple[Told, ...]


def explained(kept: Assessment) -> Explained:
    """Return an assessment in the reader's language; two statements at most, however many rules hit."""
    parts = [list(map(Reason.from_json, part)) for part in (kept.reasons, kept.shadow, kept.snoozed)]
    versions = _versions({reason.version for part in parts for reason in part if reason.version})
    facts = Facts.from_json(kept.facts)
    reasons, shadow, snoozed = (tuple(_told(reason, versions, facts) for reason in part) for part in parts)
    return Explained(kept, str(Outcome(kept.outcome).label), reasons, shadow, snoozed)


def _versions(keys: Collection[UUID]) -> dict[UUID, RuleVersion]:
    return RuleVersion.objects.select_related("rule").in_bulk(keys) if keys else {}


def _told(reason: Reason, versions: Mapping[UUID, RuleVersion], facts: Facts) -> Told:
    if is_of_model(reason.code, reason.rule):
        return _learnt(reason, facts)
    version = versions.get(reason.version) if reason.version else None
    failed = reason.code == FAILED
    return Told(
        code=reason.code,
        weight=reason.weight,
        outcome=str(reason.outcome.label),
        title=gettext(version.rule.name) if version else reason.rule or str(TITLES.get(reason.code, reason.code)),
        text=gettext(version.explains) if version and not failed else _words(reason),
        version=gettext("version %(number)s") % {"number": version.number} if version else "",
        lines=_lines(version, facts) if version else (),
    )


def _learnt(reason: Reason, facts: Facts) -> Told:
    """Return a model's reason: a feature with its value and the points it added, or what became of the model."""
    feature = BY_NAME.get(reason.code.removeprefix(PREFIX))
    return Told(
        code=reason.code,
        weight=reason.weight,
        outcome=str(reason.outcome.label),
        title=str(feature.label if feature else TITLES.get(reason.code, reason.code)),
        text=_added(feature, facts, reason.about) if feature else _words(reason),
        version="",
        lines=(),
    )


def _added(feature: Feature, facts: Facts, points: str) -> str:
    """Return a feature's value, and the points it added where they were kept."""
    value = value_in_words(feature, feature.read(facts))
    return gettext("%(value)s (%(points)s points)") % {"value": value, "points": points} if points else value


def _words(reason: Reason) -> str:
    about = str(_FAULTS.get(reason.about, reason.about)) if reason.code == FAILED else reason.about
    return str(WORDS[reason.code]) % {"about": about} if reason.code in WORDS else ""


def _lines(version: RuleVersion, facts: Facts) -> tuple[tuple[int, str], ...]:
    try:
        compiled = live_rule(version).compiled
    except RuleError:
        return ((0, version.condition),)  # it cannot be read any more, but what it says can be shown
    lines = list(compiled.explain(facts).lines())
    return tuple(((len(line) - len(line.lstrip(" "))) // 2, line.strip()) for line in lines)
