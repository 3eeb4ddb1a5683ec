"""What a rule and a version of it are made of, as whoever writes them says it; checked here, before anything is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from bankops.core.texts import check_fits
from risk.errors import RuleTermInvalid
from risk.language.rule import compile_rule
from risk.models import Family, Rule, RuleVersion, SourceKind
from risk.models.rules import WEIGHT_MAX
from risk.outcomes import Outcome
from risk.rules.vocabulary import vocabulary

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_TEXTS = ("key", "name", "purpose", "source", "reason_code", "owner")
_TEXT_MAX = 2_000


@dataclass(frozen=True, slots=True)
class About:
    """What a rule is; see `risk.models.Rule`."""

    key: str
    name: str
    purpose: str
    family: Family
    source_kind: SourceKind
    source: str
    reason_code: str
    owner: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What a version says; see `risk.models.RuleVersion`.

    Attributes:
        condition: as it was written; what is kept is its canonical text.

    """

    condition: str
    weight: int
    outcome: Outcome
    explains: str
    note: str


def checked_about(about: About) -> About:
    """Return it without space around its texts.

    :raises RuleTermInvalid: when something is missing or is no key.
    :raises TextTooLong, UnstorableText: when a text cannot be kept.
    """
    stripped = {name: getattr(about, name).strip() for name in _TEXTS}
    cleaned = replace(about, **stripped)
    for name in ("key", "reason_code"):
        if not _KEY.fullmatch(getattr(cleaned, name)):
            hint = _("Write small letters, digits and underscores, a letter first: structuring_cash.")
            raise _invalid(Rule, name, getattr(cleaned, name), hint)
    for name in ("name", "purpose", "source", "owner"):
        _require(Rule, name, getattr(cleaned, name))
    check_fits(Rule, **stripped)
    return cleaned


def checked_draft(draft: Draft) -> Draft:
    """Return it with its condition's canonical text.

    :raises RuleError: when the condition is no rule, with every problem and its place.
    :raises RuleTermInvalid: when the weight is out of range or a text is missing or too long.
    :raises UnstorableText: when a text cannot be kept.
    """
    canonical = compile_rule(draft.condition, vocabulary()).text
    compile_rule(canonical, vocabulary())  # written out it may be longer than a rule may be
    if not 0 <= draft.weight <= WEIGHT_MAX:
        hint = _("Write a whole number from 0 to %(most)s.") % {"most": WEIGHT_MAX}
        raise _invalid(RuleVersion, "weight", draft.weight, hint)
    explains, note = draft.explains.strip(), draft.note.strip()
    _require(RuleVersion, "explains", explains)
    _require(RuleVersion, "note", note)
    check_fits(RuleVersion, explains=explains, note=note)
    return Draft(canonical, draft.weight, Outcome(draft.outcome), explains, note)


def _require(model: type[Rule | RuleVersion], field: str, text: str) -> None:
    if not text:
        raise _invalid(model, field, text, _("Say something."))
    if len(text) > _TEXT_MAX:
        hint = _("It takes at most %(limit)s characters.") % {"limit": _TEXT_MAX}
        raise _invalid(model, field, f"{text[:20]}…", hint)


def _invalid(model: type[Rule | RuleVersion], field: str, value: object, hint: str) -> RuleTermInvalid:
    label = str(model._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
    return RuleTermInvalid(field=label, value=value, hint=hint)
