"""How a version reads, and how two differ, in words that people know."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from risk.fact_schema import SCHEMA
from risk.language.errors import RuleError
from risk.language.rule import compile_rule
from risk.models import RuleVersion
from risk.outcomes import Outcome


def in_words(condition: str) -> str:
    """Return a condition as a sentence; why it cannot be read, when it cannot."""
    try:
        return compile_rule(condition, SCHEMA).describe()
    except RuleError as error:
        return str(error)


def said(version: RuleVersion) -> dict[str, str]:
    """Return what a version says, by what it is called."""
    return {
        _("Hits when"): in_words(version.condition),
        _("Condition"): version.condition,
        _("What comes of it"): str(Outcome(version.outcome).label),
        _("Weight"): str(version.weight),
        _("What it tells"): told(version.explains),
    }


def difference(before: RuleVersion | None, after: RuleVersion | None) -> Mapping[str, tuple[str, str]]:
    """Return what differs between two versions, each side empty where there is none."""
    old, new = said(before) if before else {}, said(after) if after else {}
    return {what: (old.get(what, ""), new.get(what, "")) for what in (new or old) if old.get(what) != new.get(what)}


def told(text: str) -> str:
    """Return a text of a rule in the reader's language, where it is one that was shipped."""
    return _(text) if text else ""
